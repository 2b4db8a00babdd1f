# --redact: type and length in place of key values and _ids, in words and in the report.
for dump in repeated same-ids seed; do
    run check "$FIXTURES/mend/$dump" --redact --report report
    jq -c '.violations[]' report
done
