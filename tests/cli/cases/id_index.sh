# The entry named _id_ is sent with the collection: where the server refuses it nothing is loaded.
mkdir -p dump/shop
cp "$FIXTURES/mend/not-judged/shop/orders.bson" dump/shop/
try() { # OPTIONS ID-ENTRY SERVER
    printf '{"options":{%s},"indexes":[%s,{"v":2,"key":{"a":1},"name":"a_1","unique":true}]}' "$1" "$2" \
        >dump/shop/orders.metadata.json
    echo "== $1 $2 $3"
    run check dump --serverVersion "$3" --report report
    jq -c '.result, .forecast' report
    rm report
}
id='{"v":2,"key":{"_id":1},"name":"_id_"}'
en='"collation":{"locale":"en"}'
try '' "$id" 7.0
try '' '{"v":2,"key":{"_id":1},"name":"_id_","unique":true}' 7.0
try '' '{"v":2,"key":{"_id":1},"name":"_id_","unique":true}' 3.2
try '' '{"v":2,"key":{"_id":true},"name":"_id_"}' 4.0
try '' '{"v":2,"key":{"_id":1},"name":"mine","unique":true}' 7.0
try "$en" "$id" 7.0
try "$en" '{"v":2,"key":{"_id":1},"name":"_id_","collation":{"locale":"de"}}' 7.0
try '"collation":{"locale":"xx_bad"}' "$id" 7.0
try '"clusteredIndex":{"v":2,"key":{"_id":1},"name":"_id_","unique":true}' \
    '{"v":2,"key":{"_id":1},"name":"_id_","unique":true,"clustered":true}' 7.0
