# The index made partial: many nulls, tokens still unique, in the dump's metadata.
seed=$FIXTURES/mend/seed
run fix "$seed" --index resultToken_1=partial -o mended
run check mended --quiet
jq -c '.indexes[] | select(.name == "resultToken_1") | [.unique, .partialFilterExpression]' mended/*/*.metadata.json
cmp mended/*/*.bson "$seed"/*/*.bson
echo "== a token that comes twice is still a duplicate"
token=$(grep -a -o -E '[0-9a-f]{32}' "$seed"/*/*.bson | sed -n 1p)
other=$(grep -a -o -E '[0-9a-f]{32}' "$seed"/*/*.bson | sed -n 2p)
sed -i "s/$other/$token/" mended/*/*.bson
"$BSONMEND" check mended | grep -c E11000
true
