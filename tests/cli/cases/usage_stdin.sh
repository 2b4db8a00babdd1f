# Raw standard input needs a name; archives and directories have theirs.
run check <"$FIXTURES/good/all-types.bson"
run check -d d <"$FIXTURES/good/all-types.bson"
run check -d d -c c <"$FIXTURES/good/example.archive"
cp "$FIXTURES/good/all-types.bson" strange.name
run check strange.name
run check -d d -c c strange.name
