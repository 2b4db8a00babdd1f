# What could not be judged is written and named: exit 1, metadata byte for byte.
for dump in not-judged metadata-not-json metadata-not-json.archive; do
    run fix "$FIXTURES/mend/$dump" -o "$dump"
    if [ -d "$dump" ]; then same_dump "$FIXTURES/mend/$dump" "$dump"; else same "$FIXTURES/mend/$dump" "$dump"; fi
done
