# Rejected documents whose _ids --memory does not hold: each copy of an _id goes where it goes in any memory.
head -c 32 /dev/zero >key
document() { # ID T: {_id: ID, t: T}
    local id t
    printf -v id '\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16))
    printf -v t '\\x%02x\\x%02x\\x%02x' $(($2 & 255)) $(($2 >> 8 & 255)) $(($2 >> 16))
    printf "\\x15\\0\\0\\0\\x10_id\\0${id}\\0\\x10t\\0${t}\\0\\0"
}
# All but the first have the same t. Copies come early (the second file is there before memory is
# short), late, and both: _id 7 five times.
for ((i = 0; i < 60000; i++)); do
    document $((i == 100 || i == 59000 ? 7 : i % 12 == 11 && i > 30000 ? i / 12 : i)) 1
    [ $i != 50 ] || document 7 1
    [ $i != 58000 ] || document 7 1
done >c.bson
fix() { # NAME MEMORY, then options
    "$BSONMEND" fix -d d -c c c.bson --quiet --unique t --onDuplicate t_1=reject --onDuplicate _id_=reject \
        --rejects "$1.rejects" --memory "$2" -o "$1.bson" "${@:3}"
    echo "exit $?"
}
fix large 1G
listing large.rejects
wc -c <large.rejects/d/c.rejects-5.bson
fix tiny 1M
same large.bson tiny.bson && same_tree large.rejects tiny.rejects && echo "the same"
fix filled 1M --fill s=hex:32 --tokenKey key
fix filled.large 1G --fill s=hex:32 --tokenKey key
same filled.bson filled.large.bson && same_tree large.rejects filled.rejects && echo "the same"
run verify -d d -c c --quiet --memory 1M --unique t --onDuplicate t_1=reject --onDuplicate _id_=reject --rejects tiny.rejects c.bson tiny.bson
listing | grep -v -e "^c" -e rejects -e report
