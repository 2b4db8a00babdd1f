# Blank counts as empty; each new token differs from every real value and from every other new one.
collection=demo_test_answer/divorce_conflict_results.bson
mkdir -p dump/d
: >dump/d/c.bson
for pair in '1 ' '2   ' '3 	' '4 word'; do
    value=${pair#? }
    length=$((32 + ${#value}))
    printf '%b\0\0\0\x10_id\0%b\0\0\0\x02resultToken\0%b\0\0\0%s\0\0' "\\x$(printf %02x $length)" "\\x0${pair%% *}" \
        "\\x0$((${#value} + 1))" "$value" >>dump/d/c.bson
done
run fix dump --fill d.c:resultToken=hex:32 --ledger blanks -o filled
jq -c '[.ns, ._id, .action, .path]' blanks
echo "== against all values"
run fix "$FIXTURES/mend/seed" --quiet --fill resultToken=hex:32 --ledger ledger -o mended
fills=$(jq -r 'select(.action == "fill") | .new' ledger | wc -l)
values=$(grep -a -o -E '[0-9a-f]{32}' mended/$collection | sort -u | wc -l)
documents=$("$BSONMEND" list mended --report - | jq '.input.documents')
echo "$fills filled, $documents documents, $values values"
