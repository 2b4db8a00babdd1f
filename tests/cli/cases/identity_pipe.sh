# The same through standard input and output, from a file and from a bare pipe.
for dump in "$FIXTURES"/good/*.archive* "$FIXTURES"/good/*.bson*; do
    name=$(basename "$dump")
    where=()
    case $name in *.bson*) where=(-d d -c c) ;; esac
    # Standard input that is empty is damage: a mongodump that died looks the same.
    [ "$name" = empty.bson ] && continue
    "$BSONMEND" fix --quiet "${where[@]}" <"$dump" >file
    from_file=$?
    cat "$dump" | "$BSONMEND" fix --quiet "${where[@]}" | cat >pipe
    echo "$name: exit $from_file, ${PIPESTATUS[1]}"
    same_plain "$dump" file
    same file pipe
done
