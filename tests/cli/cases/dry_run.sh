# --dryRun: everything but the output and the ledger.
head -c 32 /dev/zero >key
run fix "$FIXTURES/mend/seed" --fill resultToken=hex:32 --tokenKey key --dryRun -o out --ledger ledger
run fix "$FIXTURES/mend/kinds" --fill token=hex:32 --fill profile.code=hex:32 --fill items.sku=hex:32 --tokenKey key --dryRun
run fix "$FIXTURES/mend/repeated" --dryRun
echo "== what the run itself would refuse"
mkdir -p kept dump/d && printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' | tee dump/d/a.bson >dump/d/b.bson
echo mine >kept/file
touch ledger
for options in '-o kept' '-o kept --force' '-o dump/d/new' '-o absent/new' '--outFormat bson' '--outFormat dir' \
    '-o new --fill d.a:x=hex:32 --ledger ledger'; do
    # shellcheck disable=SC2086
    "$BSONMEND" fix dump --dryRun $options >said 2>dry
    echo "$options: $? $(stat -c %s said)"
    tail -n 1 dry
    # shellcheck disable=SC2086
    "$BSONMEND" fix dump $options 2>wet >/dev/null
    tail -n 1 wet | cmp - <(tail -n 1 dry)
done
rm said wet dry
cat dump/d/a.bson | run fix -d d -c a --dryRun | wc -c
listing
