# Our own output goes through a second time byte for byte, encoded bytes too.
for dump in "$FIXTURES"/good/*; do
    name=$(basename "$dump")
    "$BSONMEND" fix --quiet "$dump" -o "once.$name"; "$BSONMEND" fix --quiet "once.$name" -o "twice.$name"
    echo "$name: exit $?"
    diff -r --no-dereference "once.$name" "twice.$name"
done
