# A ledger does not outlive an output that could not be finished: the next run finds its place free.
seed=$FIXTURES/mend/seed
echo "== a full device"
"$BSONMEND" fix "$seed" --quiet --fill resultToken=hex:32 --ledger ledger >/dev/full
echo "exit $?"
listing
run fix "$seed" --quiet --fill resultToken=hex:32 --ledger ledger -o out
listing | head -n 2
echo "== what stands in the way is told before a byte is written, and before the input is read"
rm -r out
for options in '--ledger ledger' '--outFormat dir' '--ledger none/ledger'; do
    # shellcheck disable=SC2086
    "$BSONMEND" fix "$seed" --fill resultToken=hex:32 $options | wc -c
    echo "exit ${PIPESTATUS[0]}"
done
echo "== from a pipe as well"
"$BSONMEND" fix -d d -c c --fill a=hex:32 --ledger ledger < <(cat "$seed"/*/*.bson) | wc -c
echo "exit ${PIPESTATUS[0]}"
