# Metadata larger than is read: passed on as it is, its collection not judged; never rewritten or put in another form.
mkdir -p dump/d
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' | tee dump/d/b.bson >dump/d/c.bson
{
    printf '{"indexes":[{"key":{"_id":1},"name":"_id_"}]'
    head -c 16777216 /dev/zero | tr '\0' ' '
    printf '}'
} >dump/d/c.metadata.json
run check dump --report report
jq -c '[.result, .forecast.end, .forecast.exit]' report
run fix dump -o fixed 2>&1
same_tree dump fixed && echo "passed on"
run fix dump/d/c.bson -o c.bson --quiet 2>&1
cmp c.metadata.json dump/d/c.metadata.json
for way in "--outFormat archive" "--compress gzip" "--require d.c:x"; do
    # shellcheck disable=SC2086 # words are meant
    run fix dump -o other $way 2>&1
done
gzip -1 dump/d/c.metadata.json
run fix dump -o zipped --quiet 2>&1
same_tree dump zipped
run list dump 2>&1
listing | grep -v /
