# A fill without a token makes such as the collection has; in a small space it is drawn again where it collides.
head -c 32 /dev/zero >key
documents() { # FIRST LAST: {_id: i}
    local i hex
    for ((i = $1; i <= $2; i++)); do
        printf -v hex '\\x%02x\\x%02x' $((i & 255)) $((i >> 8))
        printf "\\x0e\\0\\0\\0\\x10_id\\0${hex}\\0\\0\\0"
    done
}
documents 1 900 >known.bson
documents 1001 1100 >new.bson
with() { # NAME TOKEN: 900 documents that have one, 100 that have none
    "$BSONMEND" fix -d d -c c known.bson --quiet --tokenKey key --attempts 30 --fill "t=$2" | cat - new.bson >"$1.bson"
}
with hex hex:24
with prefixed 'tok_{base62:20}'
with binary uuid4-binary
with small hex:4
for name in hex prefixed binary small; do
    echo "== $name"
    run fix -d d -c c $name.bson --tokenKey key --attempts 30 --fill t --unique t -o out_$name.bson
done
grep -a -o 'tok_[0-9A-Za-z]*' out_prefixed.bson | awk '{ print length }' | sort | uniq -c | tr -s ' '
echo "== half of one kind, half of another: a kind is to be said"
documents 1 450 >first.bson
documents 451 900 >second.bson
{
    "$BSONMEND" fix -d d -c c first.bson --quiet --fill t=hex:24
    "$BSONMEND" fix -d d -c c second.bson --quiet --fill t=uuid4
} >mixed.bson
run fix -d d -c c mixed.bson --redact --fill t -o out_mixed.bson 2>said
sed "s/ '[0-9a-f]*'/ 'X'/g; s/: [0-9a-f-]*,/: X,/g" said >&2
echo "== nothing to learn from"
run fix -d d -c c new.bson --quiet --fill t -o out_new.bson --report report
grep -o '"notes": \[[^]]*\]' report
echo "== not from a pipe"
# shellcheck disable=SC2002
cat hex.bson | "$BSONMEND" fix -d d -c c --fill t | wc -c
echo "exit ${PIPESTATUS[1]}"
echo "== every mode gives the same"
"$BSONMEND" fix -d d -c c small.bson --quiet --tokenKey key --attempts 30 --fill t=auto >two.bson
same out_small.bson two.bson
