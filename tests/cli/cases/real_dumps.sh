# Dumps of real tools, when they are there: through `fix -o` unharmed.
[ -n "$DUMPS" ] || skip "BSONMEND_DUMPS names no folder of real dumps"
for dump in "$DUMPS"/archives/* "$DUMPS"/derived/*.archive* "$DUMPS"/bson/* "$DUMPS"/dirs/* "$DUMPS"/derived/*/; do
    name=$(basename "$dump")
    "$BSONMEND" fix --quiet "$dump" -o "out.$name" 2>&1 | sed "s|$DUMPS|DUMPS|g"
    echo "$name: exit ${PIPESTATUS[0]}"
    [ -e "out.$name" ] || continue
    if [ -d "$dump" ]; then same_dump "$dump" "out.$name"; else same_plain "$dump" "out.$name"; fi
done
