# More keys than --memory holds, from a pipe that is read once: exact totals, the verdict at the end.
head -c 32 /dev/zero >key
mkdir temporary
export TMPDIR=$PWD/temporary
document() { # ID T: {_id: ID, t: T}
    local id t
    printf -v id '\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16))
    printf -v t '\\x%02x\\x%02x\\x%02x' $(($2 & 255)) $(($2 >> 8 & 255)) $(($2 >> 16))
    printf "\\x15\\0\\0\\0\\x10_id\\0${id}\\0\\x10t\\0${t}\\0\\0"
}
for ((i = 0; i < 40000; i++)); do
    document $i $((i % 4000 == 3999 || i == 5 ? i / 2 : i))
done >c.bson
document 39000 70000 >again.bson
document 50000 2 >>again.bson
check() { # NAME, then options
    cat c.bson again.bson | "$BSONMEND" check -d d -c c --unique t --report "$1.report" "${@:2}" >"$1"
    echo "exit ${PIPESTATUS[1]}"
    jq -c '.namespaces[0].indexes[] | [.name, .keys, .groups, .violations]' "$1.report"
    jq -c '.violations[] | [.index, .count]' "$1.report" >"$1.groups"
}
check large --memory 1G
check tiny --memory 1M
same large.groups tiny.groups && echo "the same groups"
sed '/^mend all/d' tiny
jq -c '.violations[]' tiny.report | tail -n 2
echo "== fix"
"$BSONMEND" fix -d d -c c c.bson --quiet --fill u=hex:32 --tokenKey key -o file.bson
cat c.bson | "$BSONMEND" fix -d d -c c --quiet --memory 1M --fill u=hex:32 --tokenKey key | cat >pipe.bson
echo "exit ${PIPESTATUS[1]}"
same file.bson pipe.bson && echo "the same"
echo "== a key that comes twice: spoiled at the end"
cat c.bson again.bson | "$BSONMEND" fix -d d -c c --memory 1M --fill u=hex:32 --tokenKey key | cat >pipe.bson
echo "exit ${PIPESTATUS[1]}"
run check --quiet -d d -c c pipe.bson
echo "== decided document by document: needs them all"
cat c.bson again.bson | "$BSONMEND" fix -d d -c c --quiet --memory 1M --unique t --onDuplicate t_1=reject --onDuplicate _id_=reject --rejects aside | wc -c
listing | grep aside
listing temporary
