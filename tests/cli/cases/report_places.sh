# A report takes the place of an earlier report only, never of a part of the dump or of the output.
mkdir d && printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >d/x.bson && printf '{"indexes":[]}' >d/x.metadata.json
cp "$FIXTURES/good/example.archive" a.archive
sha256sum d/x.bson d/x.metadata.json a.archive >before
echo "== metadata beside a lone file"
run check d/x.bson --report d/x.metadata.json
echo "== what standard input comes from"
run check --report a.archive <a.archive
echo "== behind a link"
mkdir dump && ln -s ../d dump/d
run check dump --report d/x.bson
echo "== metadata of the output, which is not there yet"
run fix --quiet d/x.bson -o none.bson --report none.metadata.json
ln -s m.metadata.json later
run fix --quiet d/x.bson -o m.bson --report later
cat m.metadata.json
echo
echo "== an earlier report"
run check d/x.bson --report report
run check d/x.bson --report report
jq -c .result report
sha256sum --quiet -c before && echo "the dumps are as they were"
echo "== a folder that is not there, as for -o"
run check d/x.bson --report no/report
