# What `check` says of each story that is not the seed's.
for dump in kinds repeated same-ids not-judged metadata-not-json metadata-not-json.archive oplog capped; do
    echo "== $dump"
    cp -a "$FIXTURES/mend/$dump" dump
    run check dump
    rm -rf dump
done
run check "$FIXTURES/mend/ids-not-allowed.bson"
