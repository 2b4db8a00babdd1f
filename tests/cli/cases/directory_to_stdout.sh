# A directory written to standard output becomes an archive; what has no place there is named.
"$BSONMEND" fix "$FIXTURES/good/other-files" >archive
echo "exit $?"
"$BSONMEND" list --quiet archive
