# A full disk is exit 4.
[ -c /dev/full ] || skip "no /dev/full here"
A=$FIXTURES/good/interleaved.archive
"$BSONMEND" fix --quiet "$A" >/dev/full
echo "archive: exit $?"
"$BSONMEND" fix --quiet -d d -c c <"$FIXTURES/good/all-types.bson" >/dev/full
echo "raw: exit $?"
"$BSONMEND" fix --quiet --compress zstd "$A" >/dev/full
echo "zstd: exit $?"
"$BSONMEND" check "$A" >/dev/full
echo "check: exit $?"
"$BSONMEND" list "$A" >/dev/full
echo "list: exit $?"
"$BSONMEND" --help >/dev/full
echo "help: exit $?"
"$BSONMEND" --version >/dev/full
echo "version: exit $?"
