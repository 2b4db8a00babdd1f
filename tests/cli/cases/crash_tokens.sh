# A run that fills tokens, failing or killed at each call that writes.
. "$ROOT/tests/cli/crash.sh"
try "tokens into a directory" empty ../input/seed --fill resultToken=hex:32 --tokenKey ../key --ledger ledger -o out
try "an archive" empty ../input/seed.archive --fill resultToken=hex:32 --tokenKey ../key --ledger ledger -o out
input_stays
