# Deflated data that runs on into its own checksum, and every other change of one of its bytes.
run check "$FIXTURES/bad/gzip-data-damaged.bson.gz" 2>/dev/null | tail -n 1
cp "$FIXTURES/bad/gzip-data-damaged.bson.gz" a.bson.gz
for at in $(seq 10 22); do
    for byte in 00 03 18 1f 27 40 7f 80 c3 ff; do
        cp "$FIXTURES/bad/gzip-data-damaged.bson.gz" a.bson.gz
        chmod u+w a.bson.gz
        printf "\\x$byte" | dd of=a.bson.gz bs=1 seek="$at" conv=notrunc status=none
        "$BSONMEND" check a.bson.gz >/dev/null 2>&1
        status=$?
        [ $status -eq 3 ] || echo "byte $at as $byte: exit $status"
    done
done
