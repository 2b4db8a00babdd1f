# The story as raw BSON: a pipe names its collection and says what is unique.
raw=$FIXTURES/mend/seed/demo_test_answer/divorce_conflict_results.bson
for tool in cat "gzip -nc" "zstd -qc"; do
    $tool <"$raw" >in
    cat in | run check -d demo -c results --unique resultToken
    cat in | "$BSONMEND" fix -d demo -c results --fill resultToken=hex:32 2>said | cat >out
    echo "exit ${PIPESTATUS[1]}"
    cat said
    run check -d demo -c results --unique resultToken <out
    "$BSONMEND" fix --quiet -d demo -c results --fill resultToken=hex:32 <out >again
    same out again && echo "second run identical"
done
