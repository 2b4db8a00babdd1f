# What createIndexes refuses loses all indexes of the collection, unique or not.
mkdir -p dump/shop
cp "$FIXTURES/mend/not-judged/shop/orders.bson" dump/shop/
try() { # SERVER ENTRY...
    local server=$1 entries='{"v":2,"key":{"_id":1},"name":"_id_"},{"v":2,"key":{"c":1},"name":"c_1","unique":true}'
    shift
    printf -v entries '%s' "$entries" "${@/#/,}"
    printf '{"indexes":[%s]}' "$entries" >dump/shop/orders.metadata.json
    echo "== $server $*"
    run check dump --serverVersion "$server" --report report
    jq -c '.result, .forecast.end, .forecast.exit' report
    rm report
}
try 7.0 '{"key":{"a":"foo"},"name":"n"}'
try 7.0 '{"key":{"a":"geoHaystack","b":1},"name":"n"}'
try 4.0 '{"key":{"$**":1},"name":"n"}'
try 4.2 '{"key":{"$**":1},"name":"n"}'
try 7.0 '{"key":{"a":1},"name":""}'
try 7.0 '{"key":{"a":1,"b":1},"name":"n","expireAfterSeconds":5}'
try 7.0 '{"key":{"a":1},"name":"n","storageEngine":{}}'
try 5.0 '{"key":{"a":1},"name":"n","weights":{"a":1}}'
try 4.4 '{"key":{"a":1},"name":"n"}' '{"key":{"a":1},"name":"m","sparse":true}'
try 5.0 '{"key":{"a":1},"name":"n"}' '{"key":{"a":1},"name":"m","sparse":true}'
try 7.0 '{"key":{"a":1},"name":"n","sparse":true,"partialFilterExpression":{}}'
