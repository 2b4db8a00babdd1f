# Commands of the oplog that touch unique indexes are named; the forecast is of the files, before the replay.
copy_fixture mend/seed dump
# { ts: Timestamp(7, 3), op: "c", ns: "d.$cmd", o: { drop: "c" } }
printf '\x3e\0\0\0\x11ts\0\3\0\0\0\7\0\0\0\2op\0\2\0\0\0c\0\2ns\0\7\0\0\0d.$cmd\0\3o\0\x11\0\0\0\2drop\0\2\0\0\0c\0\0\0' >dump/oplog.bson
run check dump --report report
jq -c '.forecast, .oplog' report
