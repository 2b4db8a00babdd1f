# Duplicates are set aside, get new tokens or are left; the rejects restore beside the collection.
orders=$FIXTURES/mend/repeated
ids=$FIXTURES/mend/same-ids
both='--onDuplicate number_1=reject --onDuplicate customer_1_day_-1=reject'
echo "== set aside: what is left is clean, and so is what is set aside"
# shellcheck disable=SC2086
run fix "$orders" $both --rejects rejects --ledger ledger --report report -o out
listing rejects
cat rejects/shop/orders.rejects.metadata.json
echo
run check out
run check rejects
grep -o '"rejected": [0-9]*\|"result": "[a-z]*"' report
cut -c1-130 ledger
echo "== nothing is lost: both together are the input"
cat out/shop/orders.bson rejects/shop/orders.rejects.bson | wc -c
stat -c %s "$orders/shop/orders.bson"
echo "== again over the output"
# shellcheck disable=SC2086
run fix out --quiet $both --rejects none -o again
same_tree out again
listing | grep none
echo "== the last one stays"
# shellcheck disable=SC2086
run fix "$orders" $both --keep last --rejects last -o out_last
run check out_last
echo "== copies of an _id, from a pipe into an archive"
"$BSONMEND" fix "$ids" --quiet --outFormat archive --compress none -o ids.archive --onDuplicate _id_=leave
echo "exit $?"
# shellcheck disable=SC2002
cat ids.archive | "$BSONMEND" fix --onDuplicate _id_=reject --rejects copies >mended.archive
echo "exit $?"
listing copies
run check mended.archive
echo "== a name that is taken, and a further copy"
mkdir -p taken/d
for file in c c.rejects; do
    printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0\x0e\0\0\0\x10_id\0\1\0\0\0\0\x0e\0\0\0\x10_id\0\1\0\0\0\0' >taken/d/$file.bson
done
run fix taken --onDuplicate d.c:_id_=reject --onDuplicate d.c.rejects:_id_=leave --rejects further -o out_taken
listing further
echo "== left: told, and written"
run fix "$orders" --onDuplicate number_1=leave --onDuplicate customer_1_day_-1=leave -o left
same_tree "$orders" left
echo "== more copies of one _id than collections are made for them"
mkdir -p many/d
# shellcheck disable=SC2046
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0%.0s' $(seq 1002) >many/d/c.bson
run fix many --onDuplicate _id_=reject --rejects copies_of_one -o out_many
listing | grep -c 'copies_of_one\|out_many'
run fix many --quiet --onDuplicate _id_=leave -o left_many
same_tree many left_many
