# With --ignoreOplog the oplog passes as it is, and that is said; duplicates may then be settled as in any dump.
head -c 32 /dev/zero >key
echo "== refused without"
run fix "$FIXTURES/mend/oplog" --onDuplicate token_1=reject --rejects rejects -o out
run fix "$FIXTURES/mend/oplog" --onDuplicate token_1=refill -o out
echo "== set aside"
run fix "$FIXTURES/mend/oplog" --ignoreOplog --onDuplicate token_1=reject --rejects rejects -o out --report report
jq -c '.result, .beforeReplay, .oplog, .notes' report
same "$FIXTURES/mend/oplog/oplog.bson" out/oplog.bson
echo "== filled, the oplog as it was; few bits are nothing to it"
run fix "$FIXTURES/mend/oplog" --ignoreOplog --fill token=hex:8 --tokenKey key -o filled
same "$FIXTURES/mend/oplog/oplog.bson" filled/oplog.bson
echo "== there is none"
run fix "$FIXTURES/mend/seed" --ignoreOplog --fill resultToken=hex:32 -o seed
run check --ignoreOplog --quiet "$FIXTURES/mend/oplog" | tail -n 2
