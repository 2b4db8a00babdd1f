# Same dump, same key: the same tokens whatever the container, codec or way in. Another key: others.
head -c 32 /dev/zero >key
head -c 32 /dev/zero | tr '\0' x >other
# The metadata of an archive holds a uuid that looks like a token.
tokens() { plain "$1" | grep -a -o -E '[0-9a-f]{32}' | grep -v ^5f3c1b0a | sha256sum | cut -c1-16; }
FILL=(--quiet --fill resultToken=hex:32 --tokenKey)
NS=demo_test_answer/divorce_conflict_results
"$BSONMEND" fix "$FIXTURES/mend/seed" "${FILL[@]}" key -o dir && tokens dir/$NS.bson
"$BSONMEND" fix "$FIXTURES/mend/seed" "${FILL[@]}" key --compress gzip -o dirgz && tokens dirgz/$NS.bson.gz
"$BSONMEND" fix "$FIXTURES/mend/seed.archive" "${FILL[@]}" key >archive && tokens archive
cat "$FIXTURES/mend/seed.archive" | "$BSONMEND" fix "${FILL[@]}" key --compress zstd >pipe && tokens pipe
"$BSONMEND" fix "$FIXTURES/mend/seed" "${FILL[@]}" key --outFormat archive -o converted && tokens converted
"$BSONMEND" fix -d demo_test_answer -c divorce_conflict_results "${FILL[@]}" key <"$FIXTURES/mend/seed/$NS.bson" >raw && tokens raw
same dir/$NS.bson raw
"$BSONMEND" fix "$FIXTURES/mend/seed" "${FILL[@]}" other -o otherdir
cmp -s dir/$NS.bson otherdir/$NS.bson || echo "another key, other tokens"
"$BSONMEND" fix "$FIXTURES/mend/seed" --quiet --fill resultToken=hex:32 -o one
"$BSONMEND" fix "$FIXTURES/mend/seed" --quiet --fill resultToken=hex:32 -o two
cmp -s one/$NS.bson two/$NS.bson || echo "no key, new tokens each time"
printf short >short
run fix "$FIXTURES/mend/seed" "${FILL[@]}" short -o out
