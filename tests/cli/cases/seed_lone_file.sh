# A lone .bson file takes its indexes from the metadata beside it, and gets metadata beside OUT.
cp -a "$FIXTURES/mend/seed/demo_test_answer" dump
run check dump/divorce_conflict_results.bson
run fix dump/divorce_conflict_results.bson --fill resultToken=hex:32 -o mended.bson 2>said
cat said
listing . | grep mended
same dump/divorce_conflict_results.metadata.json mended.metadata.json
run check mended.bson
run fix --quiet dump/divorce_conflict_results.bson --fill resultToken=hex:32 -o mended.bson
