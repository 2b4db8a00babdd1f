# Options of a collection that no server takes: mongorestore ends before it loads the collection.
mkdir -p dump/shop
cp "$FIXTURES/mend/validated/shop/orders.bson" dump/shop/
try() { # OPTIONS
    printf '{"options":%s,"indexes":[]}' "$1" >dump/shop/orders.metadata.json
    echo "== $1"
    run check dump --report report 2>&1
    jq -c '.result, .namespaces[0].reason, .forecast.end' report
    rm report
}
try '{"validator":"x"}'
try '{"collation":5}'
try '{"validationLevel":"foo"}'
try '{"validationAction":5}'
try '{"capped":true}'
try '{"capped":true,"size":-1}'
try '{"validator":null,"collation":null,"validationLevel":"moderate","validationAction":"warn","capped":false}'
try '{"capped":true,"size":4096}'
