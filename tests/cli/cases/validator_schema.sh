# An ordinary $jsonSchema is judged whole: clean means that the server takes every document.
mkdir -p dump/shop
cp "$FIXTURES/mend/validated/shop/orders.bson" dump/shop/
try() { # SCHEMA
    printf '{"options":{"validator":{"$jsonSchema":%s}},"indexes":[]}' "$1" >dump/shop/orders.metadata.json
    echo "== $1"
    run check dump --serverVersion 7.0
}
try '{"bsonType":"object","additionalProperties":false,"properties":{"_id":{"type":"number","minimum":1},"token":{"anyOf":[{"type":"number","maximum":7},{"enum":[null]}]}}}'
try '{"properties":{"_id":{"enum":[1,2]}}}'
try '{"properties":{"_id":{"type":"integer"}}}'
