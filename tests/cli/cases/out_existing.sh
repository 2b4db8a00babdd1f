# An existing OUT is refused without --force, which replaces only what belongs to a dump.
D=$FIXTURES/good/plain
A=$FIXTURES/good/example.archive
echo old >file
run fix --quiet "$A" -o file
cat file
run fix --quiet --force "$A" -o file
same "$A" file
mkdir old
run fix --quiet "$D" -o old
run fix --quiet --force "$D" -o old
same_dump "$D" old
run fix --quiet --force "$D" -o old
echo mine >old/thesis.txt
run fix --quiet --force "$D" -o old
cat old/thesis.txt
run fix --quiet "$A" -o absent/file
run fix --quiet --force "$A" -o old
run fix --quiet --force "$D" -o file
listing . | grep -v /
