# A lone file's output and its metadata, both under names longer than a temporary keeps.
long=$(printf 'n%.0s' {1..230})
IN=$FIXTURES/good/plain/shop/orders
run fix --quiet "$IN.bson" -o "$long.bson"
same "$IN.bson" "$long.bson"
same "$IN.metadata.json" "$long.metadata.json"
listing . | wc -l
