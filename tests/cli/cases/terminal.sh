# Dump data is not written to a terminal.
command -v script >/dev/null || skip "script is not installed"
script -qec "$BSONMEND fix --quiet $FIXTURES/good/example.archive" /dev/null | tr -d '\r'
echo "exit ${PIPESTATUS[0]}"
