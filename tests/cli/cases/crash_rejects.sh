# A run that sets documents aside, failing or killed at each call that writes.
. "$ROOT/tests/cli/crash.sh"
try "a directory with rejects" empty ../input/repeated --onDuplicate number_1=reject --onDuplicate customer_1_day_-1=reject \
    --rejects rejects --ledger ledger --report report -o out
input_stays
