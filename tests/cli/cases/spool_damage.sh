# A damaged pipe that is spooled is told as the same file is, and nothing comes out.
mkdir spool
for dump in "$FIXTURES"/bad/archive-c* "$FIXTURES"/bad/*.gz "$FIXTURES"/bad/*.zst; do
    [ -f "$dump" ] && [ -s "$dump" ] || continue
    name=$(basename "$dump")
    where=()
    case $name in *.bson*) where=(-d d -c c) ;; esac
    "$BSONMEND" check "${where[@]}" <"$dump" >file 2>&1
    from_file=$?
    cat "$dump" | "$BSONMEND" check --spool spool "${where[@]}" >pipe 2>&1
    from_pipe=$?
    [ $from_file = $from_pipe ] || echo "$name: exit $from_file from a file, $from_pipe from a pipe"
    same file pipe
    "$BSONMEND" fix --quiet "${where[@]}" <"$dump" >file.out 2>/dev/null
    cat "$dump" | "$BSONMEND" fix --quiet --spool spool "${where[@]}" 2>/dev/null | cat >pipe.out
    same_plain file.out pipe.out
done
: | run check --spool spool -d d -c c
: | run check --spool spool
listing spool
