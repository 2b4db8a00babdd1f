# What rules of duplicates cannot do is told before anything is read or written.
orders=$FIXTURES/mend/repeated
run fix "$orders" --onDuplicate number_1=reject -o out
run fix "$orders" --onDuplicate number_1=reject --rejects out/rejects -o out
run fix "$orders" --onDuplicate number_1=reject --rejects "$orders/rejects" -o out
mkdir there
run fix "$orders" --onDuplicate number_1=reject --rejects there -o out
run fix "$orders" --onDuplicate number_1=reject --rejects there --force -o out
run fix "$orders" --onDuplicate number_1=reject --rejects no/where -o out
run fix "$orders" --onDuplicate number_1=leave --rejects rejects -o out
run fix "$orders" --onDuplicate number_1=leave --keep last -o out
run fix "$orders" --onDuplicate number_1=reject --rejects r --ledger r/ledger -o out
run fix "$orders" --onDuplicate number=reject --rejects r -o out
run fix "$orders" --onDuplicate number_1=drop -o out
run fix "$orders" --onDuplicate number_1 -o out
run fix "$orders" --onDuplicate customer_1_day_-1=refill -o out
run fix "$orders" --onDuplicate number_1=reject --rejects r --keep 'newest(' -o out
run fix "$FIXTURES/mend/oplog" --onDuplicate token_1=reject --rejects r -o out
echo "== from a pipe only the first can stay"
# shellcheck disable=SC2002
cat "$FIXTURES/mend/seed.archive" | "$BSONMEND" fix --onDuplicate resultToken_1=reject --rejects r --keep last >spoiled
echo "exit $? $(stat -c %s spoiled)"
listing
echo "== a limit of changes"
for limit in 0 2 3 0% 59.99% 60% 100%; do
    run fix "$orders" --quiet --onDuplicate number_1=reject --onDuplicate customer_1_day_-1=reject --rejects "r$limit" \
        --maxChanges $limit --dryRun
done
run fix "$orders" --maxChanges 101% --fill a=hex:32 -o out
run fix "$orders" --maxChanges x --fill a=hex:32 -o out
run fix "$orders" --maxChanges 1.234% --fill a=hex:32 -o out
run fix "$orders" --maxChanges 1.5 --fill a=hex:32 -o out
run fix "$orders" --maxChanges 3 -o out
