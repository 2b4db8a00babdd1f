# Damage in gzip and zstd data.
for dump in "$FIXTURES"/bad/gzip-[!d]* "$FIXTURES"/bad/zstd-* "$FIXTURES"/bad/empty.bson.zst; do
    echo "== $(basename "$dump")"
    run fix --quiet "$dump" -o out 2>&1
    [ ! -e out ] || echo "an output was made"
done
listing
