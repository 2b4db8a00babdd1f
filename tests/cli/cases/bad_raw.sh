# Raw BSON with broken framing or a broken document.
for dump in "$FIXTURES"/bad/*.bson; do
    echo "== $(basename "$dump")"
    run fix "$dump" -o out 2>&1
    if [ -e out ]; then
        echo "passed on"
        same "$dump" out
        rm out
    fi
done
listing
