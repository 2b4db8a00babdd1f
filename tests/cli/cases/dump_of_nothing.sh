# A dump of nothing goes from one container to the other and back; a folder of something else is none.
copy_fixture good/nothing.archive a
run fix a --outFormat dir -o d
listing d
run list d
run check d
run fix d --outFormat archive -o b
run verify a b
run verify a d
run fix d -o e
same_dump d e
echo "== one database, of which nothing was there to dump"
mkdir -p f/one && cp d/prelude.json f/one
run check f
run fix --quiet f -o h
same_dump f h
run check f/one
echo "== a folder in which nothing is"
mkdir g
run check g
