# What --require asks for is asked of documents in the oplog too, which a server refuses in the replay.
copy_fixture mend/oplog-entries dump
"$BSONMEND" fix --quiet dump --fill app.accounts:token=hex:32 -o filled
cp dump/oplog.bson filled/oplog.bson
run fix filled --require app.accounts:token -o out --report report
jq -c '.result, .oplog.mendedCount, .oplog.findingCount' report
same filled/oplog.bson out/oplog.bson
run fix dump --fill app.accounts:token=hex:32 --require app.accounts:token -o both
