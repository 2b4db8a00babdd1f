# A document of 559,903 bytes starts with the magic number of gzip and is raw BSON all the same.
{
    printf '\x1f\x8b\x08\0\x05b\0'
    printf '\x12\x8b\x08\0\0'
    head -c 559890 /dev/zero
    printf '\0'
} >c.bson
wc -c <c.bson
run list -d d -c c c.bson
"$BSONMEND" fix --quiet -d d -c c <c.bson >out
echo "exit $?"
same c.bson out
