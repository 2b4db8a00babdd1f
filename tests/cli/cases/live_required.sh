# The field made required: the restored server itself refuses null, by a validator in the collection's options.
seed=$FIXTURES/mend/seed
run fix "$seed" --fill resultToken=hex:32 --require resultToken -o mended
run check mended --quiet
jq -c .options.validator mended/*/*.metadata.json
echo "== documents without it would be refused"
cp "$seed"/*/*.bson mended/*/
"$BSONMEND" check mended --report - | jq '[.forecast.namespaces[].validatorRefusalsDropped]' -c
true
