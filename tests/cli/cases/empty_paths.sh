# An empty path is a variable that was not set: exit 2, nothing is read or written.
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >d.bson
run check ''
run list ''
run fix d.bson -o ''
run fix d.bson --out=
run fix d.bson -o out --fill a=hex:32 --tokenKey ''
run fix d.bson -o out --fill a=hex:32 --ledger ''
run check d.bson --report ''
listing
