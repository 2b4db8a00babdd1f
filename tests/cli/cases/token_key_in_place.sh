# What the rules and the token key are read from is not replaced, nor the folder they lie in.
head -c 32 /dev/zero >k
mkdir -p out/d
cp "$FIXTURES/good/plain/shop/orders.bson" out/d
cp k out/d/k.bson
cp k o.metadata.json
ln -s out/d/k.bson link
echo '{"rules": [{"ns": "shop.orders", "fill": {"token": "hex:32"}}]}' >rules.json
cp k before
IN=$FIXTURES/good/plain
FILL=(--quiet --force --fill shop.orders:token=hex:32)
run fix "$IN" "${FILL[@]}" --tokenKey k --outFormat archive -o k
run fix "$IN" "${FILL[@]}" --tokenKey out/d/k.bson -o out
run fix "$IN" "${FILL[@]}" --tokenKey link -o out/
run fix "$IN/shop/orders.bson" "${FILL[@]}" --tokenKey o.metadata.json -o o.bson
run fix "$IN" --quiet --force --rules rules.json --outFormat archive -o rules.json
for key in k out/d/k.bson o.metadata.json; do same before $key; done
cat rules.json
listing . | grep -v /
