# An _id whose key is over the limit of old servers ends the load there.
long=$(printf '%01012d' 0)
mkdir -p dump/shop
{
    # a document of one string: length, type, name, length, bytes
    printf '\x03\x04\x00\x00\x02_id\x00\xf5\x03\x00\x00%s\x00\x00' "$long"
} >dump/shop/orders.bson
run check dump --serverVersion 4.0 --report report | cut -c1-120
jq -c '.result, .forecast' report
run check dump --serverVersion 4.2
