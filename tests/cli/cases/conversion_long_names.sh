# An archive's collections as files: a name whose file would be read as another collection's is
# refused before anything is written; one that can be spelt out is.
document='\x0e\0\0\0\x10_id\0\1\0\0\0\0'
long=$(printf 'n%.0s' {1..244})
accents=$(printf '\xc3\xa9%.0s' {1..100})
# A made dump of one long name: the archive comes from raw BSON, whose metadata is taken along.
make() {
    local metadata=$2
    rm -rf d && mkdir d
    printf '%b' "$document" >d/c.bson
    printf '%s' "$metadata" >d/c.metadata.json
    "$BSONMEND" fix --quiet -d d -c "$1" d/c.bson --outFormat archive --force -o archive ||
        echo "made: exit $?"
}
make "$long+" "{\"indexes\":[],\"collectionName\":\"$long+\"}"
run fix --quiet archive --outFormat dir -o out
make "$long" '{"indexes":[],"collectionName":"other"}'
run fix --quiet archive --outFormat dir -o out
make "$long" 'not JSON'
run fix --quiet archive --outFormat dir -o out
listing . | grep out
make "$long" "{\"indexes\":[],\"collectionName\":\"$long\"}"
run fix --quiet archive --outFormat dir -o out
"$BSONMEND" list --quiet out | grep -c "^d.$long "
make "$accents+" "{\"indexes\":[],\"collectionName\":\"$accents+\"}"
run fix --quiet archive --outFormat dir -o spelt
"$BSONMEND" list --quiet spelt | grep -c "^d.$accents+ "
