# What is asked for cannot be: exit 2, and why.
D=$FIXTURES/good/plain
A=$FIXTURES/good/example.archive
R=$FIXTURES/good/all-types.bson
try() {
    echo "\$ bsonmend $*"
    run "$@" 2>&1 </dev/null
}
try 2>&1 | tail -n 1
try frob
try check --frob "$D"
try check "$D" "$A"
try check -d d "$D"
try check -c c "$A"
try fix -o out --outFormat tar "$D"
try fix -o out --compress lz4 "$D"
try fix -o out --compress gzip:9 "$D"
try fix -o out --outFormat bson "$D"
try fix -o out --fill token "$D"
try fix -o out --fill token=auto "$R"
try fix -o out --fill token=hex:0 "$R"
try fix -o out --fill token=hex:8 "$R"
try fix -o out --fill token=hex:32 "$D"
try fix -o out --fill _id=hex:32 "$R"
try fix -o out --fill a=hex:32 --fill a=uuid4 "$R"
try fix -o out --fill a=hex:32 --fill a.b=hex:32 "$R"
try fix -o out --fill no.such:a=hex:32 "$D"
try fix -o out --fill number=hex:32 --empty missing,never "$D"
try fix -o out --fill number=hex:32 --attempts 0 "$D"
try fix -o out --tokenKey absent --fill number=hex:32 "$D"
try check --unique "" "$R"
try check --reportLimit many "$R"
try check --reportLimit 1 --reportLimit 2 "$R"
try fix -o a -o b "$D"
for size in 64X M 1.5G -1M 1023K 16777216T 8589934592G; do try check --memory "$size" "$D"; done
try list --memory 64M "$D"
try verify "$D" "$D"
listing
