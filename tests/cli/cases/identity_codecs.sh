# Plain, gzip and zstd around one archive and one raw file, through a pipe: the codec stays.
for dump in interleaved.archive all-types.bson; do
    where=()
    case $dump in *.bson) where=(-d d -c c) ;; esac
    gzip -n -c "$FIXTURES/good/$dump" >"$dump.gz"
    zstd -q -c "$FIXTURES/good/$dump" >"$dump.zst"
    for name in "$dump.gz" "$dump.zst"; do
        cat "$name" | "$BSONMEND" fix --quiet "${where[@]}" | cat >out
        echo "$name: exit ${PIPESTATUS[1]}, $(head -c 2 out | od -An -tx1)"
        same_plain "$name" out
    done
done
