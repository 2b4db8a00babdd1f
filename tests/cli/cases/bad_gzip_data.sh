# Deflated data that runs on into its own checksum; test_decode changes every other byte as well.
run check "$FIXTURES/bad/gzip-data-damaged.bson.gz" 2>/dev/null | tail -n 1
