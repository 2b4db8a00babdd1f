# An index entry without a name is one that mongorestore drops without a word: nobody knows afterwards
# that there was a unique index. Said, exit 1, passed on as it is.
mkdir -p dump/shop
cp "$FIXTURES/mend/not-judged/shop/orders.bson" dump/shop/
try() { # ENTRY...
    local entries='{"v":2,"key":{"_id":1},"name":"_id_"}'
    printf -v entries '%s' "$entries" "${@/#/,}"
    printf '{"indexes":[%s]}' "$entries" >dump/shop/orders.metadata.json
    echo "== $*"
    run check dump --report report
    jq -c '.result, (.namespaces[] | .reason // empty)' report
    rm report
}
try '{"key":{"c":1},"unique":true}'
try '{"key":{"c":1},"name":7,"unique":true}' '{"key":{"d":1}}' '{"key":{"e":1},"name":"e_1"}'
try '{"key":{"_id":1}}'
try '{"key":{"c":1},"unique":true}'
run fix --quiet dump -o out --report report
jq -c .result report
same_tree dump out
