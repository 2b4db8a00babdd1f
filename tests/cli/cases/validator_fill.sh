# What is filled is held against the collection's validator, for every server alike.
D=$FIXTURES/mend/validated
for server in 4.4 7.0; do
    run fix "$D" -o "out$server" --serverVersion "$server" --fill token=hex:32 --report report
    jq -c '.result, .output, (.violations[] | [.ns, .kind, .count, .reason]), .forecast' report
    rm report
done
run check "$D"
