# --memory: what is written does not depend on it.
head -c 32 /dev/zero >key
documents() { # FIRST LAST: {_id: i}
    local i hex
    for ((i = $1; i <= $2; i++)); do
        printf -v hex '\\x%02x\\x%02x\\x%02x' $((i & 255)) $((i >> 8 & 255)) $((i >> 16))
        printf "\\x0e\\0\\0\\0\\x10_id\\0${hex}\\0\\0"
    done
}
documents 1 60000 >many.bson
documents 1 20000 >few.bson
fix() { # NAME, then options
    "$BSONMEND" fix -d d -c c --quiet --tokenKey key --fill t=hex:32 -o "$1" "${@:2}"
    echo "exit $?"
}
fix large.bson --memory 1G few.bson
fix tiny.bson --memory 1M few.bson
fix usual.bson few.bson
same large.bson tiny.bson && same large.bson usual.bson && echo "the same"
fix out.1M --memory 1024K many.bson
fix out.4M --memory 4194304 many.bson
same out.1M out.4M && echo "the same"
cat many.bson | fix out.pipe --memory 1M
same out.pipe out.1M && echo "the same"
listing | grep out
