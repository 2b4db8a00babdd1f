# A validator that is judged in part only: what it surely refuses is a violation, what may be refused is said.
mkdir -p dump/shop
cp "$FIXTURES/mend/validated/shop/orders.bson" dump/shop/
try() { # SERVER VALIDATOR
    printf '{"options":{"validator":%s},"indexes":[]}' "$2" >dump/shop/orders.metadata.json
    echo "== $1 $2"
    run check dump --serverVersion "$1" --report report
    jq -c '.result, .forecast.end, .forecast.reason, (.violations[] | [.kind, .count])' report
    rm report
}
try 7.0 '{"$or":[{"_id":{"$gt":0}},{"$expr":true}]}'
try 7.0 '{"$jsonSchema":{"required":["token"],"properties":{"token":{"pattern":"^x"}}}}'
try 7.0 '{"token":{"$regex":"^x"},"_id":{"$gt":1}}'
try 7.0 '{"$or":[{"_id":{"$gt":0}},{"$unheard":1}]}'
try 3.4 '{"$or":[{"_id":{"$gt":0}},{"$jsonSchema":{}}]}'
# It is written all the same, as every output of which something could not be judged.
printf '{"options":{"validator":{"$expr":true}},"indexes":[]}' >dump/shop/orders.metadata.json
run fix dump -o out
same_dump dump out
printf '{"options":{"validator":{"$expr":true},"validationLevel":"off"},"indexes":[]}' >dump/shop/orders.metadata.json
run check dump
