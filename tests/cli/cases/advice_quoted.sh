# Names of the dump in a command to be pasted: quoted for the shell, or no command at all.
check() {
    mkdir -p "dump/d" && printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0\x0e\0\0\0\x10_id\0\2\0\0\0\0' >"dump/d/$1.bson"
    printf '{"indexes":[{"key":{"%s":1},"name":"i","unique":true}]}' "$2" >"dump/d/$1.metadata.json"
    echo "== $1 $2"
    "$BSONMEND" check dump | grep mend: || true
    rm -r dump
}
check c t
check 'c%60id%60' t
check c 'a$(id)'
check c 'a b'
check 'c%27;id' t
check 'c%0Ad' t
