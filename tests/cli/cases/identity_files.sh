# Every good archive and raw file comes out of `fix -o` with the same bytes after decoding.
for dump in "$FIXTURES"/good/*.archive* "$FIXTURES"/good/*.bson*; do
    name=$(basename "$dump")
    "$BSONMEND" fix --quiet "$dump" -o "$name"
    echo "$name: exit $?"
    same_plain "$dump" "$name"
done
