# The same as reports.
for dump in kinds repeated same-ids not-judged metadata-not-json oplog capped; do
    echo "== $dump"
    cp -a "$FIXTURES/mend/$dump" dump
    run check --quiet dump --report report
    jq -c '{result, exit, beforeReplay}, .namespaces[], .violations[], .damage[]' report
    rm -rf dump report
done
