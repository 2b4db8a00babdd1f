# An option that could do nothing without another is refused.
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >d.bson
head -c 32 /dev/zero >key
for options in '--empty null' '--attempts 5' '--tokenKey key' '--ledger ledger' --force --noVerify; do
    # shellcheck disable=SC2086
    "$BSONMEND" fix -d d -c c $options d.bson >out
    echo "exit $? $(stat -c %s out)"
done
