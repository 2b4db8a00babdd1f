# --dryRun: everything but the output and the ledger.
head -c 32 /dev/zero >key
run fix "$FIXTURES/mend/seed" --fill resultToken=hex:32 --tokenKey key --dryRun -o out --ledger ledger
run fix "$FIXTURES/mend/kinds" --fill token=hex:32 --fill profile.code=hex:32 --fill items.sku=hex:32 --tokenKey key --dryRun
run fix "$FIXTURES/mend/repeated" --dryRun
listing
