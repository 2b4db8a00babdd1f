# Operations of an oplog that may empty a filled field again are named; the output is made, and is not proved.
head -c 32 /dev/zero >key
FILL=(--fill app.accounts:token=hex:32 --tokenKey key)
run fix "$FIXTURES/mend/oplog-findings" "${FILL[@]}" -o out --report report -v
jq -c '.result, .exit, .output.path, .forecast, (.oplog | del(.findings)), .oplog.findings[]' report
echo "== a second run changes nothing, and says the same"
run fix out "${FILL[@]}" -o again --report again.report
same_tree out again
diff <(jq .oplog.findingCount report) <(jq .oplog.findingCount again.report)
echo "== a rule that takes fields out minds values that are set, not what is missing"
run fix "$FIXTURES/mend/oplog-findings" --unset token --index token_1=sparse --dryRun -v
echo "== empty is what the rule says"
run fix "$FIXTURES/mend/oplog-findings" "${FILL[@]}" --empty missing --dryRun -v
echo "== check has no rules to hold against it"
run check out --quiet
