# Where rejected documents cannot go is told before anything is read; what fails later is named as it would be called.
copy_fixture mend/seed dump
reject=(fix dump --quiet -o out --onDuplicate resultToken_1=reject --rejects)
run "${reject[@]}" - 2>&1
run "${reject[@]}" no/where 2>&1
listing | grep -v '^dump'
echo "== no room for them"
mkdir -p large/d
printf '{"indexes":[{"key":{"_id":1},"name":"_id_"},{"key":{"t":1},"name":"t_1","unique":true}]}' >large/d/c.metadata.json
{
    printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0'
    printf '\x1e\x20\0\0\x10_id\0\2\0\0\0\x02p\0\x09\x20\0\0'
    printf '%08200d' 0
    printf '\0\0'
} >large/d/c.bson
(
    ulimit -f 4
    run fix large --quiet -o out --onDuplicate t_1=reject --rejects aside 2>&1
)
listing | grep -v '^dump\|^large'
