# A dump with an oplog: what a fill changed in its entries is proved by rules and by the ledger.
dump=$FIXTURES/mend/oplog-entries
head -c 32 /dev/zero >key
rules=(--fill app.accounts:token=hex:32 --tokenKey key)
"$BSONMEND" fix "$dump" --quiet "${rules[@]}" --ledger ledger -o out
echo "exit $?"
run verify "${rules[@]}" "$dump" out
run verify --ledger ledger "$dump" out
echo "== an entry that was left as it came"
copy_fixture mend/oplog-entries left
cp -r out/app left/
run verify --ledger ledger "$dump" left
echo "== an oplog that nobody looks at"
"$BSONMEND" fix "$dump" --quiet "${rules[@]}" --ignoreOplog -o passed
echo "exit $?"
run verify "${rules[@]}" --ignoreOplog "$dump" passed
run verify "${rules[@]}" "$dump" passed
echo "== what the oplog may undo is not verified, either"
findings=$FIXTURES/mend/oplog-findings
"$BSONMEND" fix "$findings" --quiet "${rules[@]}" -o told --report fixed >/dev/null 2>&1
echo "exit $?"
"$BSONMEND" verify "${rules[@]}" "$findings" told --report proved >/dev/null
echo "exit $?"
for report in fixed proved; do jq -c '[.result, .oplog.findingCount]' $report; done
