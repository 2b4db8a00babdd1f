# An explicit null goes, so that a sparse index takes the document; the ledger leads back.
seed=$FIXTURES/mend/seed
name=demo_test_answer/divorce_conflict_results
run fix "$seed" --unset resultToken --index resultToken_1=sparse --ledger ledger --report report -o out
run check out
grep -c '"action": "unset"' ledger
sed -n 2p ledger
grep -o '"unset": [0-9]*\|"touched": [0-9]*' report
echo "== again"
run fix out --quiet --unset resultToken --index resultToken_1=sparse -o again
same_tree out again
echo "== only nulls count as empty, none of them missing"
run fix "$seed" --empty missing --unset resultToken --index resultToken_1=drop -o none
same "$seed/$name.bson" none/$name.bson
echo "== not beside a fill"
run fix "$seed" --unset resultToken --fill resultToken=hex:32 -o never
run fix "$seed" --unset resultToken --dryRun --index resultToken_1=sparse
