# What a damaged archive leaves on standard output never looks whole.
for dump in "$FIXTURES"/bad/archive-*; do
    name=$(basename "$dump" .archive)
    [ "$name" = archive-wrong-magic ] && continue
    cat "$dump" | "$BSONMEND" fix --quiet 2>/dev/null | cat >out
    status=${PIPESTATUS[1]}
    if [ "$status" -ne 3 ]; then
        echo "$name: exit $status"
    fi
    if [ -s out ]; then
        "$BSONMEND" check --quiet out >/dev/null 2>&1
        again=$?
        [ $again -eq 3 ] || echo "$name: read again: exit $again"
    fi
done
echo "none looks whole"
