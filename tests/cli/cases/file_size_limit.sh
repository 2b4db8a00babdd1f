# A file that may not grow further is a failed write, with nothing left behind.
head -c 3000000 /dev/zero | tr '\0' 'x' >text
{ printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0'; n=$(stat -c %s text); len=$((4 + 3 + 4 + n + 1 + 1)); \
    printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((len & 255)) $((len >> 8 & 255)) $((len >> 16 & 255)) 0)"; printf '\x02t\0'; \
    s=$((n + 1)); printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((s & 255)) $((s >> 8 & 255)) $((s >> 16 & 255)) 0)"; cat text; printf '\0\0'; } >d.bson
(ulimit -f 100 && run fix --quiet -d d -c c d.bson -o out.bson 2>&1 | sed 's/^bsonmend: .*: File too large$/told/')
ls -A | grep -c 'out\|tmp'
true
