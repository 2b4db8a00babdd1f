# `list` of each container and codec.
for dump in plain gzip time-series names users oplog interleaved.archive empty-namespaces.archive \
    two-members.archive.gz frames.archive.zst all-types.bson empty.bson.gz; do
    echo "== $dump"
    run list "$FIXTURES/good/$dump"
done
