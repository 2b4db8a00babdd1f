# What an end of power may not undo: each file is on the disk before it gets its name, the name before
# the program says it is done, and the ledger has its name before the output has.
command -v strace >/dev/null || skip "strace is not installed"
strace -o trace true 2>/dev/null || skip "strace may not trace here"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

# The calls that matter, without the numbers of the process and of descriptors.
trace() {
    strace -f -y -e trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat -o trace \
        "$BSONMEND" "$@" 2>/dev/null
    echo "exit $?"
    sed -n -e "s|$(pwd -P)|.|g" -e 's|AT_FDCWD<[^>]*>|AT_FDCWD|g' -e 's/[0-9]*-[0-9]*\.tmp/N.tmp/g' \
        -e 's/^[0-9]* *\(f[a-z]*sync\)([0-9]*<\(.*\)>) *= 0$/\1 \2/p' \
        -e 's/^[0-9]* *[a-z0-9]*(AT_FDCWD, "\(.*\)", AT_FDCWD, "\([^"]*\)".*) *= 0$/rename \1 to \2/p' \
        -e 's/^[0-9]* *\(rename\|link\)("\(.*\)", "\([^"]*\)") *= 0$/rename \2 to \3/p' trace
}

echo "== a file"
trace fix "$FIXTURES/good/interleaved.archive" -o file
echo "== a file takes the place of another"
trace fix "$FIXTURES/good/interleaved.archive" --force -o file
echo "== a directory, with a ledger"
trace fix "$FIXTURES/mend/seed" --fill resultToken=hex:32 --ledger ledger -o folder
echo "== an archive, with a ledger and a report"
trace fix "$FIXTURES/mend/seed.archive" --fill resultToken=hex:32 --ledger ledger.2 --report report -o file.2
