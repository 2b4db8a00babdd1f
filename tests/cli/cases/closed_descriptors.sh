# A standard descriptor that is closed from the start is no other file's: what is said goes nowhere
# instead of into an output, and a standard output that cannot be written stays one.
mkdir d
printf '\x11\0\0\0\x10_id\0\1\0\0\0\x0at\0\0' >d/c.bson
status() { echo "exit $1" >>said; }
"$BSONMEND" check d >&-
status $?
"$BSONMEND" --version >&-
status $?
"$BSONMEND" fix d --fill d.c:t=hex:32 -o o --report rep 2>&-
status $?
head -c 12 rep
echo
"$BSONMEND" fix "$FIXTURES/good/example.archive" -o out.archive --report rep2 0<&- 1>&- 2>&-
status $?
same "$FIXTURES/good/example.archive" out.archive
head -c 12 rep2
echo
"$BSONMEND" check - 0<&-
status $?
"$BSONMEND" fix -d d -c c d/c.bson >&-
status $?
cat said
listing . | grep tmp
true
