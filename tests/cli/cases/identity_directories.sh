# Every good directory comes out of `fix -o` as it went in: names, links, modes, and each file's bytes.
for dump in "$FIXTURES"/good/*/; do
    name=$(basename "$dump")
    "$BSONMEND" fix --quiet "$dump" -o "$name"
    echo "$name: exit $?"
    same_dump "$dump" "$name"
done
