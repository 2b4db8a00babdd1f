# A run that replaces an old directory, failing or killed at each call that writes.
. "$ROOT/tests/cli/crash.sh"
mkdir -p old/out/db
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >old/out/db/c.bson
try "over an old directory" old ../input/seed --fill resultToken=hex:32 --tokenKey ../key --force -o out
input_stays
