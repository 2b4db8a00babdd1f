# Tokens that are not a document's first candidate, or are for a copy of an _id, meet values that --memory does not
# hold: what is drawn is what is drawn in any memory.
head -c 32 /dev/zero >key
number() { printf '\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16)); }
valued() { printf "\\x36\\0\\0\\0\\x10_id\\0$(number "$1")\\0\\2t\\0\\x21\\0\\0\\x00$2\\0\\0"; }
bare() { printf "\\x0e\\0\\0\\0\\x10_id\\0$(number "$1")\\0\\0"; }
for ((i = 0; i < 30000; i++)); do
    printf -v hex '\\x%02x\\x%02x' $((i & 255)) $((i >> 8))
    printf "\\x15\\0\\0\\0\\x10_id\\0${hex}\\0\\0\\x10t\\0${hex}\\0\\0\\0"
done >many.bson
dump() { # VALUE VALUE: their values before and behind a document that is filled, and a copy of its _id that is, too
    valued 50001 "$1"
    valued 50002 "$2"
    bare 5
    cat many.bson
    bare 5
    bare 50004
    bare 50005
} >c.bson
fix() { # NAME MEMORY
    rm -f "$1"
    "$BSONMEND" fix -d d -c c c.bson --quiet --unique t --fill t=hex:32 --tokenKey key --onDuplicate _id_=leave \
        --attempts 5 --memory "$2" -o "$1" --report report
    echo "exit $?, $(jq .passes report) passes"
}
tokens() { grep -aoE '[0-9a-f]{32}' "$1" | tr '\n' ' '; }
nobody=00000000000000000000000000000000
other=11111111111111111111111111111111
dump $nobody $other
fix first 1G
read -r _ _ _ copy last _ <<<"$(tokens first)"
for planted in "$copy $other" "$last $other"; do
    # shellcheck disable=SC2086
    dump $planted
    fix large 1G
    fix tiny 1M
    same large tiny && echo "the same"
    tokens tiny | tr ' ' '\n' | sort | uniq -d
done
read -r _ _ _ _ second _ <<<"$(tokens large)"
dump "$last" "$second"
fix large 1G
fix tiny 1M
same large tiny && echo "the same"
tokens tiny | tr ' ' '\n' | sort | uniq -d
