# A document that no archive can hold, in a collection that is not judged: no archive is made of it,
# while a directory takes it as it is.
mkdir -p dump/d
{
    printf '\x05\0\0\0\0'
    printf '\x01\0\0\x01\x05a\0\xf1\xff\xff\0\0' && head -c 16777204 /dev/zero
    printf '\0'
} >dump/d/c.bson
printf '\x05\0\0\0\0' >dump/d/judged.bson
run fix --quiet --nsExclude d.c dump --outFormat archive -o archive
"$BSONMEND" fix --quiet --nsExclude d.c dump --outFormat archive >piped
echo "exit $?"
tail -c 8 piped | od -An -tx1
rm piped
listing . | grep -v ^dump
run fix --quiet --nsExclude d.c dump -o out
same_tree dump out
