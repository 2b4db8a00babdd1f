# It opens no socket, whatever it is asked to do.
command -v strace >/dev/null || skip "strace is not installed"
strace -o trace true 2>/dev/null || skip "strace may not trace here"
export ASAN_OPTIONS=detect_leaks=0
head -c 32 /dev/zero >key
for work in "check $FIXTURES/mend/seed" "list $FIXTURES/mend/seed.archive" \
    "fix $FIXTURES/mend/seed --fill resultToken=hex:32 --tokenKey key --report r --ledger l -o out" \
    "fix $FIXTURES/good/interleaved.archive -o copy --compress zstd"; do
    # shellcheck disable=SC2086 # a list of words
    strace -f -e trace=%network -o trace "$BSONMEND" $work >/dev/null 2>&1
    echo "${work%% *}: exit $?"
    grep -v -e '^[0-9]* *+++ exited' -e '^[0-9]* *--- SIG' trace
done
true
