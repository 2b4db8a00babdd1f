# A document that a fill makes longer than 16,777,216 bytes: a violation, no output.
# 16,777,210 bytes: length, binary "b" of N bytes, no token.
{
    printf '\xfa\xff\xff\0\x05b\0'
    printf '\xed\xff\xff\0\0'
    head -c 16777197 /dev/zero
    printf '\0'
} >c.bson
run check -d d -c c c.bson
run fix -d d -c c c.bson --fill token=hex:32 -o out.bson
listing
