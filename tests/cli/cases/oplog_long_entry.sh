# An entry of the oplog that is filled may pass 16777216 bytes in a file, but not in an archive: there it is left, and named.
head -c 32 /dev/zero >key
mkdir -p dump/app
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >dump/app/accounts.bson
printf '{"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"}],"collectionName":"accounts","type":"collection"}' >dump/app/accounts.metadata.json
{ # 16777200 bytes; the token takes 37 more
    printf '\xf0\xff\xff\0\x11ts\0\1\0\0\0\1\0\0\0\2op\0\2\0\0\0i\0\2ns\0\x0d\0\0\0app.accounts\0'
    printf '\3o\0\xbd\xff\xff\0\x10_id\0\2\0\0\0\x0atoken\0\5p\0\xa0\xff\xff\0\0'
    head -c 16777120 /dev/zero
    printf '\0\0'
} >dump/oplog.bson
FILL=(--fill app.accounts:token=hex:32 --tokenKey key --quiet)
run fix dump "${FILL[@]}" -o out
wc -c <out/oplog.bson
run verify dump out "${FILL[@]}"
run fix dump "${FILL[@]}" --outFormat archive -o out.archive
"$BSONMEND" fix dump "${FILL[@]}" >piped
echo "exit $?"
same out.archive piped
run verify dump out.archive "${FILL[@]}"
run fix out.archive "${FILL[@]}" -o again.archive
same out.archive again.archive
