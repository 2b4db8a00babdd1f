# Indexes are rewritten in the metadata of every container, and nothing else of the dump changes.
seed=$FIXTURES/mend/seed
name=demo_test_answer/divorce_conflict_results
for action in partial sparse nonunique drop; do
    echo "== $action"
    run fix "$seed" --quiet --index resultToken_1=$action --fill resultToken=hex:32 -o $action --report $action.json
    # What changed, entry by entry.
    diff <(tr '{' '\n' <"$seed/$name.metadata.json") <(tr '{' '\n' <$action/$name.metadata.json)
    grep -o '"name": "[^"]*"\|"action": "[^"]*"\|"result": "[^"]*"' $action.json
    run fix $action --quiet --index resultToken_1=$action -o again
    same_tree $action again
    rm -r again
done
echo "== the verdict is that of the rewritten index"
run fix "$seed" --index resultToken_1=partial -o filtered
same "$seed/$name.bson" filtered/$name.bson
run check filtered
echo "== the ledger has both texts"
run fix "$seed" --quiet --index resultToken_1=drop --ledger ledger -o dropped
sed 's/.*"old": "\(.*\)", "new": "\(.*\)"}$/\1\n\2/; s/\\"/"/g' ledger >texts
head -n 1 texts | tr -d '\n' | cmp - "$seed/$name.metadata.json"
tail -n 1 texts | tr -d '\n' | cmp - dropped/$name.metadata.json
wc -l <ledger
echo "== an archive, through a pipe"
# shellcheck disable=SC2002
cat "$FIXTURES/mend/seed.archive" | "$BSONMEND" fix --quiet --index resultToken_1=partial >a.archive
echo "exit $?"
run fix a.archive --quiet --outFormat dir -o from_archive
same filtered/$name.metadata.json from_archive/$name.metadata.json
same filtered/$name.bson from_archive/$name.bson
echo "== a lone file, with its metadata beside it"
run fix "$seed/$name.bson" --quiet --index resultToken_1=partial -o lone.bson
same lone.metadata.json filtered/$name.metadata.json
echo "== raw BSON on a stream cannot carry it"
"$BSONMEND" fix "$seed/$name.bson" --index resultToken_1=partial | wc -c
echo "exit ${PIPESTATUS[0]}"
run fix "$seed/$name.bson" --index resultToken_1=partial --dryRun
echo "== nothing like it"
run fix "$seed" --index token_1=sparse -o none
run fix filtered --index token_1=drop -o none
same_tree filtered none
echo "== a second run, with a rule for the duplicates of what the first took out"
run fix dropped --index resultToken_1=drop --onDuplicate resultToken_1=reject --rejects aside -o again
same_tree dropped again
