# Every kind of token, as text.
head -c 32 /dev/zero >key
for kind in hex:40 base62:22 base64url:22 nanoid nanoid:30 uuid4 'R-{base62:20}' 'id_{uuid4}!' uuid4-binary objectid; do
    run fix --quiet "$FIXTURES/mend/kinds/app/accounts.bson" --nsInclude 'app.*' --tokenKey key --fill "token=$kind" \
        --fill profile.code=hex:20 --fill items.sku=hex:20 --ledger ledger -o out.bson
    jq -r 'select(.path == "token") | .new' ledger | while read -r raw; do
        printf '%s' "$raw" | base64 -d | tail -c +8 | od -An -c -w64 | tr -s ' '
    done
    rm -f ledger out.bson out.metadata.json
done
