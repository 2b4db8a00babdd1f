# A document whose _id one that goes had before it gets the same token in any memory, also where --keep looks ahead.
head -c 32 /dev/zero >key
number() { printf -v "$1" '\\x%02x\\x%02x\\x%02x\\0' $(($2 & 255)) $(($2 >> 8 & 255)) $(($2 >> 16)); }
{
    printf '\x15\0\0\0\x10_id\0\1\0\0\0\x10r\0\1\0\0\0\0'
    printf '\x15\0\0\0\x10_id\0\1\0\0\0\x10r\0\2\0\0\0\0'
    for ((i = 0; i < 50000; i++)); do
        number id $((2 + i * 17 % 60013))
        printf -v text 'v%04x' "$i"
        printf "\\x22\\0\\0\\0\\x10_id\\0$id\\x10r\\0\\1\\0\\0\\0\\2s\\0\\6\\0\\0\\0$text\\0\\0"
    done
} >c.bson
fix() { # NAME MEMORY
    "$BSONMEND" fix -d d -c c c.bson --quiet --unique s --fill s=hex:32 --tokenKey key --keep 'newest(r)' \
        --onDuplicate _id_=reject --rejects "$1.rejects" --memory "$2" -o "$1.bson" --report "$1.report"
    echo "exit $?, rejected: $(jq '[.namespaces[].rejected // 0] | add' "$1.report")"
}
fix large 1G
fix tiny 1M
same large.bson tiny.bson && same_tree large.rejects tiny.rejects && echo "the same"
