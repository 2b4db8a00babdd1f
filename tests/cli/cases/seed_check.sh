# The story: 100 documents share the empty token. What is found is told in words and in JSON.
cp -a "$FIXTURES/mend/seed" dump
run check dump --report report
jq '.seconds = 0 | .peakMemoryBytes = 0 | .violations[].documents |= .[:2]' report
run check "$FIXTURES/mend/seed.archive"
cat "$FIXTURES/mend/seed.archive" | run check
