# The story as an archive through a pipe, plain, gzip and zstd.
for tool in cat "gzip -nc" "zstd -qc"; do
    $tool <"$FIXTURES/mend/seed.archive" >in
    cat in | "$BSONMEND" fix --fill resultToken=hex:32 2>said | cat >out
    echo "exit ${PIPESTATUS[1]}"
    cat said
    run check out
    cat out | run check
    cat out | "$BSONMEND" fix --quiet --fill resultToken=hex:32 | cat >again
    same out again && echo "second run identical"
done
