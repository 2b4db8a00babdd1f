# A fill goes on in the oplog. Without a fill the dump is judged before replay.
run fix "$FIXTURES/mend/oplog" --fill app.accounts:token=hex:32 -o out
run fix "$FIXTURES/mend/oplog" -o none
# Tokens learned from the dump are as many as its own kind allows, which is too few beside an oplog.
copy_fixture mend/oplog dump
for id in 10 11 12 13; do
    printf "\\x1c\\0\\0\\0\\x10_id\\0\\x$id\\0\\0\\0\\2token\\0\\3\\0\\0\\x00$id\\0\\0" >>dump/app/accounts.bson
done
run fix dump --fill app.accounts:token -o none
# A candidate that a real value equals is passed over in the oplog too.
head -c 32 /dev/zero >key
FILL=(--fill app.accounts:token=hex:32 --tokenKey key)
copy_fixture mend/oplog-entries planted
sed -i "s/f3a1c09be2d84b7795a60c1e3b7d2f48/37b3c7f6379883004e42c860313114d0/" planted/app/accounts.bson
run fix planted --quiet "${FILL[@]}" -o directory --ledger ledger
jq -r '[.ns, .path, (.new | @base64d[-33:-1])] | @tsv' ledger
# The same from an archive; a pipe does not come back to the first document.
"$BSONMEND" fix planted --quiet --outFormat archive -o planted.archive --onDuplicate token_1=leave --ignoreOplog
run fix planted.archive --quiet "${FILL[@]}" --outFormat dir -o archive --report report
jq .passes report
same directory/oplog.bson archive/oplog.bson
same directory/app/accounts.bson archive/app/accounts.bson
cat planted.archive | "$BSONMEND" fix --quiet "${FILL[@]}" >spoiled
echo "pipe: exit $?"
listing | grep -v /
