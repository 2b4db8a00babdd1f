# What the oplog inserts or replaces has the token of its collection's document, at any depth, in directory and archive.
head -c 32 /dev/zero >key
FILL=(--fill app.accounts:token=hex:32 --tokenKey key)
echo "== directory"
run fix "$FIXTURES/mend/oplog-entries" "${FILL[@]}" -o out --ledger ledger --report report
jq -c '.result, .exit, (.namespaces[] | {ns, documents, filled, touched})' report
jq -r '[.ns, ._id, .ordinal, .offset, .path, .at, .reason, (.old // "" | @base64d | @json), (.new | @base64d[-33:-1])] | @tsv' ledger
# The same _id, the same token: the replacements of documents 1 and 2.
jq -r '.new' ledger | sort | uniq -d | wc -l
echo "== a second run changes nothing"
run fix out "${FILL[@]}" -o again
same_tree out again
echo "== without a key tokens are others, but each _id has its own everywhere"
run fix --quiet "$FIXTURES/mend/oplog-entries" --fill app.accounts:token=uuid4 -o random --ledger random.ledger
jq -r '.new' random.ledger | sort | uniq -d | wc -l
echo "== an archive"
run fix "$FIXTURES/mend/oplog-entries.archive" "${FILL[@]}" -o out.archive
cat "$FIXTURES/mend/oplog-entries.archive" | "$BSONMEND" fix --quiet "${FILL[@]}" >piped.archive
echo "from a pipe: exit $?"
same out.archive piped.archive
"$BSONMEND" fix --quiet "${FILL[@]}" <"$FIXTURES/mend/oplog-entries.archive" >judged.archive
same out.archive judged.archive
"$BSONMEND" fix --quiet out.archive --outFormat dir -o converted
same out/oplog.bson converted/oplog.bson
same out/app/accounts.bson converted/app/accounts.bson
echo "== compressed"
run fix --quiet "$FIXTURES/mend/oplog-entries" "${FILL[@]}" --compress gzip -o out.gz
same_plain out/oplog.bson out.gz/oplog.bson
echo "== limits and a namespace left out"
run fix "$FIXTURES/mend/oplog-entries" "${FILL[@]}" --maxChanges 5 -o limited
run fix --quiet "$FIXTURES/mend/oplog-entries" "${FILL[@]}" --maxChanges 6 -o limited
run fix "$FIXTURES/mend/oplog-entries" --nsExclude 'app.acc*' --fill app.others:token=hex:32 -o others --tokenKey key
run fix "$FIXTURES/mend/oplog-entries" --fill app.accounts:token=objectid -o none
run fix "$FIXTURES/mend/oplog-entries" --fill app.accounts:token=hex:23 -o none
run fix "$FIXTURES/mend/oplog-entries" --fill app.accounts:token=hex:24 --tokenKey key --dryRun
echo "== unset"
run fix "$FIXTURES/mend/oplog-entries" --unset app.accounts:token --index token_1=sparse -o unset --ledger unset.ledger
jq -r "select(.at) | [.ns, .action, .path, .at, .reason] | @tsv" unset.ledger
listing | grep -v /
