# What the script on the live server did: find the empty tokens, make new ones, write, verify; again is safe.
run check "$FIXTURES/mend/seed" --quiet
run fix "$FIXTURES/mend/seed" --fill resultToken=hex:32 -o mended
run check mended --quiet
echo "== again"
run fix mended --fill resultToken=hex:32 -o again
same_tree mended again
