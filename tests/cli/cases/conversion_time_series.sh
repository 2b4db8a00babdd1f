# A time series goes by its own name or by its buckets'; the output is held against the input by
# either, also where nothing tells the server's version.
for archive in time-series.archive time-series-8.3.archive; do
    rm -rf ts ts.archive back
    run fix --quiet "$FIXTURES/good/$archive" --outFormat dir -o ts
    run fix --quiet ts/weather --outFormat archive -o ts.archive
    run list ts.archive
    run fix --quiet ts.archive --outFormat dir -o back
    for file in ts/weather/*.bson; do
        cat back/weather/*.bson | cmp - "$file"
    done
done
