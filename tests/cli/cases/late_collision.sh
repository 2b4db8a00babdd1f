# A real value further on equals a token that was given out: it wins. A file is read again, a pipe spoiled.
NS=demo_test_answer/divorce_conflict_results
head -c 32 /dev/zero >key
FILL=(--fill resultToken=hex:32 --tokenKey key)
"$BSONMEND" fix --quiet "$FIXTURES/mend/seed" "${FILL[@]}" -o first
token=$(head -c 200 first/$NS.bson | grep -a -o -E '[0-9a-f]{32}' | head -n 1)
last=$(grep -a -o -E '[0-9a-f]{32}' "$FIXTURES/mend/seed/$NS.bson" | tail -n 1)
copy_fixture mend/seed dump
sed -i "s/$last/$token/" dump/$NS.bson
run fix dump "${FILL[@]}" --report report -o out
jq .passes report
run check out
# Only the first document's token differs from what the first run gave, but for the planted one.
diff <(grep -a -o -E '[0-9a-f]{32}' first/$NS.bson) <(grep -a -o -E '[0-9a-f]{32}' out/$NS.bson) |
    grep -c '^[<>]'
cat dump/$NS.bson | "$BSONMEND" fix -d demo_test_answer -c divorce_conflict_results "${FILL[@]}" >spoiled
echo "pipe: exit $?"
"$BSONMEND" check --quiet -d d -c c <spoiled >/dev/null 2>&1
echo "read again: exit $?"
"$BSONMEND" fix --quiet -d demo_test_answer -c divorce_conflict_results "${FILL[@]}" <dump/$NS.bson >whole
echo "regular file as standard input: exit $?"
same whole out/$NS.bson
