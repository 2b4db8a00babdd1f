# A validator is added for a required field; a document that it would refuse withholds the output.
seed=$FIXTURES/mend/seed
name=demo_test_answer/divorce_conflict_results
echo "== documents that lack it"
run fix "$seed" --require resultToken --index resultToken_1=nonunique -o none
echo "== filled"
run fix "$seed" --require resultToken --fill resultToken=hex:32 -o fixed
grep -o '"validator":[^]]*]}}' fixed/$name.metadata.json
run fix fixed --require resultToken -o again
same_tree fixed again
echo "== one that is there stays, joined by \$and"
copy_fixture mend/seed other
sed 's/^{/{"options":{"validator":{"attempt":{"$gte":1}},"validationAction":"warn"},/' "$seed/$name.metadata.json" >other/$name.metadata.json
run fix other --require resultToken --index resultToken_1=nonunique -o joined
grep -o '"options":.*"indexes"' joined/$name.metadata.json
echo "== no metadata to add it to"
mkdir -p bare/d && cp "$seed/$name.bson" bare/d/c.bson
run fix bare --require d.c:resultToken -o none
