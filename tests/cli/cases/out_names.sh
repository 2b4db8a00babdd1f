# Names that cannot be an output's, or a dump's.
A=$FIXTURES/good/example.archive
run fix --quiet "$A" -o folder/
run check --quiet /dev/zero
listing .
