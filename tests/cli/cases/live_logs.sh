# Every finding with namespace, offset, _id, index, key and reason, in words and in the report; a line for each change.
seed=$FIXTURES/mend/seed
run check "$seed" --report report
jq -c '.violations[] | [.ns, .index, .kind, .key, .count, .["e11000"], .documents[0], .documents[1]]' report
run fix "$seed" --quiet --fill resultToken=hex:32 --ledger ledger --report fixed -o mended
jq '[.namespaces[].filled]' -c fixed
wc -l <ledger
jq -c 'select(.ordinal == 0) | keys_unsorted' ledger | head -n 1
stat -c %a ledger
