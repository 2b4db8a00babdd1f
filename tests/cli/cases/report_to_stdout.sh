# --report -: the JSON object on standard output in place of words, for check, list and fix -o OUT.
seed=$FIXTURES/mend/seed
for name in - /dev/stdout; do
    "$BSONMEND" check "$seed" --report "$name" | jq -c '.command, .result'
    echo "exit ${PIPESTATUS[0]}"
done
"$BSONMEND" list --report - "$seed" | jq -c '.command, .result'
"$BSONMEND" fix --quiet "$seed" --fill resultToken=hex:32 --report - -o out | jq -c '.result, .output.path'
"$BSONMEND" fix --quiet "$seed" --fill resultToken=hex:32 --report - --dryRun | jq -c '.result, .output'
"$BSONMEND" check absent --report - | jq -c '.result, .error.text'
echo "== where it cannot be"
run fix "$seed" --report - >out-data
cat out-data
mkfifo pipe
run check "$seed" --report pipe
run fix "$seed" --fill resultToken=hex:32 -o two --ledger -
echo "== a reader that goes away"
"$BSONMEND" check "$seed" --report - | true
"$BSONMEND" check "$FIXTURES/good/plain" --report - >/dev/full
echo "exit $?"
listing | grep -v /
