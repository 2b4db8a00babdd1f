# A violation that no rule covers withholds the output, in every form; nothing is changed unasked.
run fix "$FIXTURES/mend/seed" -o out
run fix "$FIXTURES/mend/repeated" -o out
"$BSONMEND" fix "$FIXTURES/mend/seed.archive" >out
echo "judged first: exit $?, $(wc -c <out) bytes"
cat "$FIXTURES/mend/seed.archive" | "$BSONMEND" fix --quiet >out
echo "archive: exit $?"
[ -s out ] && echo "something was written"
"$BSONMEND" check --quiet <out >/dev/null 2>&1
echo "read again: exit $?"
raw=$FIXTURES/mend/seed/demo_test_answer/divorce_conflict_results.bson
cat "$raw" | "$BSONMEND" fix --quiet -d d -c c --unique resultToken >out
echo "raw: exit $?"
"$BSONMEND" check --quiet -d d -c c <out >/dev/null 2>&1
echo "read again: exit $?"
listing
