# Standard output sent into the input is refused, and the input stays.
printf '\x11\0\0\0\x10_id\0\1\0\0\0\x0at\0\0' >d.bson
cp d.bson before.bson
"$BSONMEND" fix --fill t=hex:32 -d d -c c d.bson 1<>d.bson
echo "exit $?"
"$BSONMEND" fix --fill t=hex:32 -d d -c c <d.bson 1<>d.bson
echo "exit $?"
cmp d.bson before.bson && echo "as it was"
