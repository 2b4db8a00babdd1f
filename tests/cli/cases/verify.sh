# Two dumps are the same or not, in whatever container and codec each is; AFTER is judged as well.
plain=$FIXTURES/good/plain
seed=$FIXTURES/mend/seed
name=demo_test_answer/divorce_conflict_results
verify() { run verify "$@"; }
echo "== the same"
verify "$plain" "$plain"
run fix "$plain" --quiet --outFormat archive --compress zstd -o plain.archive
verify "$plain" plain.archive
verify plain.archive "$plain" --report - | grep -o '"command": "[a-z]*"\|"result": "[a-z]*"\|"differences": \[[^]]*\]\|"input": {"path": "[a-z.]*\|"output": {"path": "[a-z./]*'
echo "== the same, but it would not restore"
verify "$seed" "$seed"
echo "== a byte"
copy_fixture mend/seed bytes
printf '\1' | dd of=bytes/$name.bson bs=1 seek=5000 conv=notrunc status=none
verify "$seed" bytes --reportLimit 0 | head -n 1
verify "$seed" bytes --report report --quiet >/dev/null
grep -o '"result": "[a-z]*"\|"differences": \[[^]]*\]' report
verify "$seed" bytes --redact | grep 'is not the same'
verify "$seed" bytes --redact --report - | grep -o '"differences": \[[^]]*\]'
echo "== of a pipe"
# shellcheck disable=SC2094
verify "$seed/$name.bson" <(cat bytes/$name.bson) -d demo_test_answer -c divorce_conflict_results | head -n 2
echo "== metadata, a namespace"
copy_fixture good/plain others
ls others
for file in others/*/*.metadata.json; do
    sed -i 's/"v"/"V"/' "$file"
    break
done
mkdir others/new
cp "$FIXTURES/good/empty.bson" others/new/c.bson
verify "$plain" others
echo "== damage"
verify "$plain" "$FIXTURES/bad/archive-cut-in-document.archive"
verify "$FIXTURES/bad/archive-cut-in-document.archive" "$plain"
echo "== usage"
verify "$plain"
verify "$plain" -
verify "$plain" "$plain" "$plain"
verify "$plain" ''
verify "$plain" absent
verify "$plain" "$plain" --rejects r
verify "$plain" "$plain" --out o
verify "$plain" others --report others/report
echo "== metadata that are larger than what is read"
for side in one two; do
    mkdir -p $side/db
    printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >$side/db/c.bson
    { head -c $((17 << 20)) /dev/zero | tr '\0' ' '; echo "{\"collectionName\": \"$side\"}"; } >$side/db/c.metadata.json
done
run verify one two
