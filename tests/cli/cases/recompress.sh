# --compress changes the suffixes of a directory, but for oplog.bson, and nothing after decoding.
"$BSONMEND" fix --quiet "$FIXTURES/good/gzip" --compress none -o none
echo "exit $?"
listing none
"$BSONMEND" fix --quiet none --compress zstd -o zstd
echo "exit $?"
listing zstd
"$BSONMEND" fix --quiet zstd --compress gzip:2 -o gzip
echo "exit $?"
same_dump "$FIXTURES/good/gzip" gzip
