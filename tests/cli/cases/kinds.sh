# Each way to be empty, nested and in arrays, with a known key: what is written, what the ledger says.
head -c 32 /dev/zero >key
cp -a "$FIXTURES/mend/kinds" dump
run fix dump --tokenKey key --fill token=hex:24 --fill profile.code=base62:16 --fill items.sku=uuid4 \
    --ledger ledger --report report -o out
jq -c 'del(.seconds, .peakMemoryBytes)' report
jq -c 'del(.old, .new), [(.old // "" | @base64d), (.new // "" | @base64d)]' ledger | cat -v
stat -c '%a' ledger
run check out
run fix --quiet out --fill token=hex:24 --fill profile.code=base62:16 --fill items.sku=uuid4 -o again
same_tree out again && echo "second run identical"
run fix --quiet dump --fill token=hex:24 --ledger ledger -o more
