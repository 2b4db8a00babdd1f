# Indexes that are not unique are lost to documents that they cannot hold, and lose the others.
mkdir -p dump/shop
cp "$FIXTURES/mend/plain-indexes/shop/orders.bson" dump/shop/
try() { # SERVER ENTRY
    printf '{"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"},{"v":2,"key":{"_id":1,"c":1},"name":"c_1","unique":true},%s]}' \
        "$2" >dump/shop/orders.metadata.json
    echo "== $1 $2"
    run check dump --serverVersion "$1" --report report
    jq -c '.result, .forecast, (.violations[] | [.index, .kind, .count])' report
    rm report
}
try 7.0 '{"key":{"a":1,"b":1},"name":"n"}'
try 7.0 '{"key":{"a":1},"name":"n"}'
try 7.0 '{"key":{"a":"hashed"},"name":"n"}'
try 7.0 '{"key":{"b":"hashed"},"name":"n"}'
