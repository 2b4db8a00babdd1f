# --serverVersion: judge for that server, check and the output of fix alike.
what() {
    jq -c '.serverVersion, .result, [.namespaces[].indexes[].reason | values], [.violations[].kind]' "$1"
}
mkdir -p dump/d
pad=$(head -c 1100 /dev/zero | tr '\0' x)
printf '\x62\4\0\0\x10_id\0\1\0\0\0\2a\0\x4d\4\0\0%s\0\0' "$pad" >dump/d/long.bson
printf '{"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"},{"v":2,"key":{"a":1},"name":"a_1","unique":true}]}' \
    >dump/d/long.metadata.json
printf '\x12\0\0\0\x10_id\0\1\0\0\0\x08a\0\1\0' >dump/d/part.bson
printf '{"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"},{"v":2,"key":{"a":1},"name":"a_1","unique":true,
"partialFilterExpression":{"$or":[{"a":1},{"a":2}]}}]}' >dump/d/part.metadata.json
printf '{"ServerVersion":"4.4.29"}' >dump/prelude.json
for version in 4.0 4.4 8.0; do
    echo "== $version"
    run check dump --serverVersion "$version" --report report >said
    tail -n 2 said
    what report
    "$BSONMEND" fix dump --serverVersion "$version" -o "out-$version" 2>said
    echo "exit $?"
    tail -n 1 said
done
echo "== the dump's own, and the same by another name"
"$BSONMEND" check dump --report report >said || what report
"$BSONMEND" check dump --serverVersion 4.4.0 --report report >said || what report
echo "== the output judged for the server of the input, where it names none itself"
rm dump/d/long.*
printf '\x12\0\0\0\x10_id\0\2\0\0\0\x08a\0\1\0' >>dump/d/part.bson
sed -i 's/{"a":1},{"a":2}/{"a":true},{"a":2}/' dump/d/part.metadata.json
"$BSONMEND" fix dump --outFormat bson -o out.bson --report report 2>said || what report
run check out.bson | tail -n 2
echo "== no versions"
for version in 8 8. .8 8.x 8.0.x 8.0.1.2 8.0-rc1 v8.0 0.0 0.0.5 12345.0 '' unknown; do
    run check dump --serverVersion "$version"
done
run list dump --serverVersion 8.0
