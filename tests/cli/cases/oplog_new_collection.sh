# A collection that the oplog alone makes follows rules that name it.
head -c 32 /dev/zero >key
copy_fixture mend/oplog-entries dump
rm dump/app/others.bson
run fix dump --fill app.others:token=hex:32 --fill app.accounts:token=hex:32 --tokenKey key -o out --ledger ledger
jq -r '[.ns, .path, (.new | @base64d[-33:-1])] | @tsv' ledger
# It is the token of its namespace, as where the dump has it.
"$BSONMEND" fix --quiet "$FIXTURES/mend/oplog-entries" --fill app.others:token=hex:32 --fill app.accounts:token=hex:32 \
    --tokenKey key -o whole
same whole/oplog.bson out/oplog.bson
run fix out --fill app.others:token=hex:32 --tokenKey key -o again
same out/oplog.bson again/oplog.bson
echo "== refused"
run fix dump --quiet --fill app.accounts:token=hex:32 --fill app.other:token=hex:32 -o none
run fix dump --quiet --fill app.accounts:token=hex:32 --unset app.other:token -o none --ledger no.ledger
run fix dump --fill app.others:token -o none
run fix dump --fill app.others:token=hex:8 -o none
run fix dump --fill app.others:token=hex:32 --fill app.others:token.a=hex:32 -o none
run fix dump --fill app.others:token=hex:32 --nsExclude app.others -o none
run fix dump --fill app.others:token=hex:32 --ignoreOplog -o none
run fix dump --fill app.system.views:token=hex:32 -o none
run fix dump --fill nowhere:token=hex:32 -o none
listing | grep -v /
