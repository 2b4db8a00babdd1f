# Metadata of an earlier file beside OUT would be restored as OUT's: refused, with --force removed.
mkdir d
cp "$FIXTURES/good/all-types.bson" d/c.bson
for suffix in "" .gz .zst; do
    echo old >out.metadata.json$suffix
    run fix --quiet d/c.bson -o out.bson
    cat out.metadata.json$suffix
    run fix --quiet --force d/c.bson -o out.bson
    same d/c.bson out.bson
    listing . | grep -v ^d
    rm out.bson
done
