# Directories that are no dump, or not one that mongorestore would read.
for dump in "$FIXTURES"/bad/*/; do
    echo "== $(basename "$dump")"
    run fix --quiet "$dump" -o out 2>&1
    if [ -e out ]; then
        echo "an output was made"
        rm -r out
    fi
done
listing
