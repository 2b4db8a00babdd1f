# Conversions that have a way back, there and back.
copy_fixture good/plain plain
# An archive does not know a collection without data from an empty one.
: >plain/shop/created.bson

back() {
    local from=$1 form=$2 home=$3
    shift 3
    rm -rf there back
    "$BSONMEND" fix --quiet "$from" --outFormat "$form" "$@" -o there || echo "there: exit $?"
    "$BSONMEND" fix --quiet there --outFormat "$home" --compress none -o back || echo "back: exit $?"
    echo "$(basename "$from") to $form $* and back"
}
for codec in none gzip zstd:5; do
    back "$FIXTURES/good/interleaved.archive" dir archive --compress "$codec"
    listing there | sed 's/^/  /'
    "$BSONMEND" list --quiet back
    back plain archive dir --compress "$codec"
    # The tool that made the files is another one now.
    cat back/prelude.json && echo
    cp plain/prelude.json back/prelude.json
    same_tree plain back
    cp "$FIXTURES/good/all-types.bson" c.bson
    back c.bson archive bson --compress "$codec"
    same c.bson back
done
