# Standard output sent into any file of a directory that is read is refused, and all stay.
copy_fixture good/plain dump
cp -a dump before
echo note >dump/shop/note
cp dump/shop/note before/shop/note
for file in dump/shop/orders.bson dump/shop/orders.metadata.json dump/shop/note dump/prelude.json; do
    "$BSONMEND" fix --quiet dump 1<>"$file"
    echo "exit $?"
done
same_tree before dump && echo "as it was"
