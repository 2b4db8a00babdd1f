# It opens no socket, whatever it is asked to do.
command -v strace >/dev/null || skip "strace is not installed"
strace -o trace true 2>/dev/null || skip "strace may not trace here"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
head -c 32 /dev/zero >key
# trace WHAT ARGUMENT…: standard input is passed on.
trace() {
    local what=$1
    shift
    strace -f -e trace=%network -o trace "$BSONMEND" "$@" >/dev/null 2>&1
    echo "$what: exit $?"
    grep -v -e '^[0-9]* *+++ exited' -e '^[0-9]* *--- SIG' trace
    true
}

trace check check "$FIXTURES/mend/seed"
trace list list "$FIXTURES/mend/seed.archive"
trace fix fix "$FIXTURES/mend/seed" --fill resultToken=hex:32 --tokenKey key --report r --ledger l -o out
trace "fix to zstd" fix "$FIXTURES/good/interleaved.archive" -o copy --compress zstd
cat "$FIXTURES/mend/seed.archive" | trace "fix an archive in a pipe" fix --fill resultToken=hex:32
cat "$FIXTURES/mend/seed.archive" | trace "check an archive in a pipe" check
trace "fix raw on standard input" fix -d d -c c <"$FIXTURES/good/all-types.bson"
trace "check damage" check "$FIXTURES/bad/archive-cut-in-document.archive"
