# --spool: a pipe becomes input that can be read twice, and gives what the same file gives.
head -c 32 /dev/zero >key
mkdir spool
documents() { # FIRST LAST: {_id: i}
    local i hex
    for ((i = $1; i <= $2; i++)); do
        printf -v hex '\\x%02x\\x%02x' $((i & 255)) $((i >> 8))
        printf "\\x0e\\0\\0\\0\\x10_id\\0${hex}\\0\\0\\0"
    done
}
documents 1 1000 >known.bson
documents 1001 1100 >new.bson
"$BSONMEND" fix -d d -c c known.bson --quiet --tokenKey key --fill t=base62:24 | cat - new.bson >c.bson
# OPTIONS: the same bytes from a file and from a pipe, whatever its codec.
compare() {
    local pack
    "$BSONMEND" fix -d d -c c --quiet --tokenKey key "$@" <c.bson >file
    echo "$*: exit $?"
    for pack in cat 'gzip -c' 'zstd -qc'; do
        $pack c.bson | "$BSONMEND" fix -d d -c c --quiet --tokenKey key --compress none --spool spool "$@" | cat >pipe
        echo "exit ${PIPESTATUS[1]}"
        same file pipe
    done
}
compare --fill t
compare --fill u=hex:6 --attempts 30
for input in c.bson pipe; do
    if [ $input = pipe ]; then
        cat c.bson | "$BSONMEND" fix -d d -c c --quiet --spool spool --unique t --onDuplicate t_1=reject --keep last --rejects $input.rejects >$input.out
    else
        "$BSONMEND" fix -d d -c c --quiet --unique t --onDuplicate t_1=reject --keep last --rejects $input.rejects <c.bson >$input.out
    fi
    echo "keep last: exit $?"
done
same c.bson.out pipe.out
same_tree c.bson.rejects pipe.rejects
echo "== a violation: not one byte comes out"
cat c.bson | "$BSONMEND" fix -d d -c c --quiet --spool spool --unique t | wc -c
echo "exit ${PIPESTATUS[1]}"
echo "== the first document of a group is told"
cat c.bson | run check -d d -c c --spool spool --unique t | grep 'share this key'
"$BSONMEND" check -d d -c c --spool spool --unique t <(cat c.bson) | grep 'share this key'
echo "== nothing is left"
listing spool
