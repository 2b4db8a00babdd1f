# More keys than --memory holds: check finds and fix writes what they do in any memory.
head -c 32 /dev/zero >key
mkdir spool
document() { # ID T: {_id: ID, t: T}
    local id t
    printf -v id '\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16))
    printf -v t '\\x%02x\\x%02x\\x%02x' $(($2 & 255)) $(($2 >> 8 & 255)) $(($2 >> 16))
    printf "\\x15\\0\\0\\0\\x10_id\\0${id}\\0\\x10t\\0${t}\\0\\0"
}
for ((i = 0; i < 40000; i++)); do # 17 does not divide 40009: no _id comes twice, and none in order
    document $((i * 17 % 40009)) $((i % 4000 == 3999 ? i / 2 : i))
done >c.bson
document 39000 70000 >>c.bson
printf '\x0e\0\0\0\x10_id\0\x50\xc3\0\0\0\x0e\0\0\0\x10_id\0\x51\xc3\0\0\0' >>c.bson
check() { # NAME, then options
    "$BSONMEND" check -d d -c c --unique t --report "$1.report" "${@:2}" | sed 's/ --spool spool//; s/fix [a-z.]*bson/fix/' >"$1"
    echo "exit ${PIPESTATUS[0]}"
    jq 'del(.seconds, .peakMemoryBytes, .passes, .input.path)' "$1.report" >"$1.json"
    jq -c '.passes, .namespaces[0].indexes' "$1.report"
}
echo "== check"
check large c.bson --memory 1G
check tiny c.bson --memory 1M
same large tiny && same large.json tiny.json && echo "the same"
cat c.bson | check spooled --memory 1M --spool spool
same large.json spooled.json && echo "the same"
run check -v -d d -c c --unique t --memory 1M c.bson | tail -n 1
echo "== fix"
fix() { # NAME, then options
    "$BSONMEND" fix -d d -c c c.bson --quiet --unique t "${@:2}" >"$1"
    echo "exit $?"
}
for rules in '--onDuplicate _id_=reject --onDuplicate t_1=reject' \
    '--onDuplicate _id_=reject --onDuplicate t_1=reject --keep last' \
    '--onDuplicate _id_=reject --onDuplicate t_1=reject --keep oldest(t)' \
    '--fill t=hex:32 --tokenKey key --onDuplicate t_1=leave --onDuplicate _id_=leave'; do
    for memory in 1G 1M; do
        rejects=
        case $rules in *reject*) rejects="--rejects rejects.$memory" ;; esac
        # shellcheck disable=SC2086
        fix $memory.bson $rules $rejects --memory $memory
        # shellcheck disable=SC2086
        fix said $rules ${rejects:+--rejects rejects.$memory.again} --memory $memory --ledger $memory.ledger -o $memory.out
        same $memory.bson $memory.out
    done
    same 1G.bson 1M.bson && same 1G.ledger 1M.ledger && echo "the same"
    [ -z "$rejects" ] || same_tree rejects.1G rejects.1M
    rm -rf ./*.out ./*.ledger rejects.*
done
echo "== refused"
fix refilled --memory 1M --onDuplicate t_1=refill --fill t=hex:32
fix small --memory 1M --fill t=hex:20 --onDuplicate t_1=leave --onDuplicate _id_=leave
cat c.bson c.bson >twice.bson
for keep in first last; do
    run fix -d d -c c twice.bson --quiet --unique t --memory 1M --keep $keep --onDuplicate _id_=reject --onDuplicate t_1=reject \
        --rejects twice.rejects -o twice.out
done
listing | grep -e twice -e last
cat c.bson | "$BSONMEND" fix -d d -c c --quiet --memory 1M --unique t --fill t=hex:32 | wc -c
(
    ulimit -f 500
    "$BSONMEND" check -d d -c c --unique t --memory 1M --spool spool c.bson 2>said
    echo "exit $?"
)
sed 's/offset [0-9]*/offset N/' said # which part is full first is left to chance
listing spool
