# Each damaged archive: exit 3 with its place and reason, no output.
for dump in "$FIXTURES"/bad/archive-*; do
    echo "== $(basename "$dump")"
    run fix --quiet "$dump" -o out 2>&1
    [ ! -e out ] || echo "an output was made"
done
echo "== in words"
run fix "$FIXTURES/bad/archive-unknown-type.archive" -o out 2>&1
listing
