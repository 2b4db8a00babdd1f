# A spool that is no folder, one that takes nothing more: what it is, and no output.
for ((i = 0; i < 3000; i++)); do
    printf -v hex '\\x%02x\\x%02x' $((i & 255)) $((i >> 8))
    printf "\\x0e\\0\\0\\0\\x10_id\\0${hex}\\0\\0\\0"
done >c.bson
: >file
cat c.bson | run fix -d d -c c --spool absent | tail -n 1
cat c.bson | run fix -d d -c c --spool file | tail -n 1
run check -d d -c c --spool '' c.bson
run list -d d -c c --spool . c.bson
mkdir spool
echo "== full"
cat c.bson | (
    ulimit -f 1
    "$BSONMEND" fix -d d -c c --spool spool
    echo "exit $?" >&2
) | wc -c
cat c.bson | (
    ulimit -f 1
    "$BSONMEND" fix -d d -c c --spool spool -o out
)
echo "exit $?"
listing
