# With its rules AFTER is what fix makes of BEFORE, and what was taken out is among the rejects.
orders=$FIXTURES/mend/repeated
seed=$FIXTURES/mend/seed
name=demo_test_answer/divorce_conflict_results
both='--onDuplicate number_1=reject --onDuplicate customer_1_day_-1=reject'
verify() { run verify "$@"; }
printf '0123456789abcdef0123456789abcdef' >key
chmod 600 key
rules="--tokenKey key --fill resultToken=hex:32 --require resultToken --index resultToken_1=partial"
echo "== fields and metadata"
# shellcheck disable=SC2086
run fix "$seed" --quiet $rules -o fixed
# shellcheck disable=SC2086
verify $rules "$seed" fixed
# shellcheck disable=SC2086
verify $rules "$FIXTURES/mend/seed.archive" fixed
echo "== lone files"
run fix "$seed/$name.bson" --quiet --tokenKey key --fill resultToken=hex:32 -o lone.bson
verify --tokenKey key --fill resultToken=hex:32 "$seed/$name.bson" lone.bson
echo "== from a rules file"
cat >rules.json <<'R'
{"rules": [{"ns": "demo_test_answer.divorce_conflict_results", "fill": {"resultToken": "hex:32"},
            "require": ["resultToken"], "indexes": {"resultToken_1": "partial"}}]}
R
verify --tokenKey key --rules rules.json "$seed" fixed
echo "== other rules, another key"
verify --tokenKey key --fill resultToken=hex:32 "$seed" fixed
printf '0123456789abcdef0123456789abcdeF' >other_key
chmod 600 other_key
verify --tokenKey other_key --fill resultToken=hex:32 --require resultToken --index resultToken_1=partial "$seed" fixed
echo "== without a key"
verify --fill resultToken=hex:32 "$seed" fixed
echo "== documents that are taken out"
# shellcheck disable=SC2086
run fix "$orders" --quiet $both --rejects rejects -o out
# shellcheck disable=SC2086
verify $both --rejects rejects "$orders" out
# shellcheck disable=SC2086
verify $both --rejects absent "$orders" out
# shellcheck disable=SC2086
verify $both "$orders" out
# shellcheck disable=SC2086
verify $both --keep last --rejects rejects "$orders" out
cp -r rejects twice
cat rejects/shop/orders.rejects.bson >>twice/shop/orders.rejects.bson
sed -i 's/"indexes":\[/&{"v":2,"key":{"a":1},"name":"a_1"},/' twice/shop/orders.rejects.metadata.json
# shellcheck disable=SC2086
verify $both --rejects twice "$orders" out
cp -r rejects doubted
: >doubted/prelude.json
# shellcheck disable=SC2086
verify $both --rejects doubted "$orders" out
cp -r rejects more
cp rejects/shop/orders.rejects.bson more/shop/customers.rejects.bson
# shellcheck disable=SC2086
verify $both --rejects more "$orders" out
printf '\1' | dd of=rejects/shop/orders.rejects.bson bs=1 seek=20 conv=notrunc status=none
# shellcheck disable=SC2086
verify $both --rejects rejects "$orders" out
echo "== rules that are not enough"
verify --onDuplicate number_1=reject --rejects rejects "$orders" out
