# The same as archives and as directories again: the same namespaces, documents and bytes.
[ -n "$DUMPS" ] || skip "BSONMEND_DUMPS names no folder of real dumps"
held() {
    "$BSONMEND" list --quiet "$1" --report report >/dev/null 2>&1
    jq -c '.namespaces | map([.ns, .kind, .documents, .bytes]) | sort[]' report
}
for dump in "$DUMPS"/archives/t* "$DUMPS"/dirs/*/ "$DUMPS"/derived/oplogdump-gzip/; do
    name=$(basename "$dump")
    "$BSONMEND" fix --quiet "$dump" --outFormat archive --compress none -o "$name.archive" >/dev/null 2>&1
    [ -e "$name.archive" ] || continue
    diff <(held "$dump") <(held "$name.archive") || echo "archive of $name"
    "$BSONMEND" fix --quiet "$name.archive" --outFormat dir --compress gzip -o "$name.dir" >/dev/null 2>&1
    diff <(held "$dump") <(held "$name.dir") || echo "directory of $name"
    echo "$name: $(held "$dump" | wc -l) namespaces"
done
