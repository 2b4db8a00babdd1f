# Tokens in an oplog would not follow a fill: refused for now. Without a fill it is judged before replay.
run fix "$FIXTURES/mend/oplog" --fill app.accounts:token=hex:32 -o out
run fix "$FIXTURES/mend/oplog" -o out
listing
