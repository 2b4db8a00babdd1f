# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For cases in which each system call that writes fails once, and the program is killed once at each: OUT is
# absent or whole, rejects and ledger are never missing when it is there, a failure leaves nothing behind, the
# input stays.
command -v strace >/dev/null || skip "strace is not installed"
strace -o trace -e inject=fsync:error=ENOSPC:when=1 true 2>/dev/null || skip "strace may not trace here"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
calls=write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,fchmod,ftruncate,openat
head -c 32 /dev/zero >key
mkdir input
copy_fixture mend/repeated input/repeated
copy_fixture mend/seed input/seed
copy_fixture mend/seed.archive input/seed.archive
sums() { find input -type f -exec sha256sum {} + | sort; }
before=$(sums)

# What a run is to leave in its folder, and what it is tried with.
prepare() {
    rm -rf place
    cp -r "$1" place
}

# "CALL N" for each call that writes; of openat only those that make a file.
points() {
    awk '{ sub(/^[0-9]+ +/, ""); name = $0; sub(/\(.*/, "", name) }
         name ~ /^[a-z0-9]+$/ { n[name]++; if (name != "openat" || /O_CREAT/) print name, n[name] }' trace
}

# A run in which strace does as WHAT says; bash's word on a killed child goes where the run's words go.
interrupted() (
    cd place && strace -f -e trace="${1%%:*}" -e inject="$1" -o ../trace "$BSONMEND" fix "${@:2}" --quiet
    exit $?
)

# Says what is wrong with the folder after an interrupted run. HOW is error or signal; the report of a run that failed stays.
examine() {
    local how=$1 status=$2 start=$3
    if diff -r start_out place/out >/dev/null 2>&1 && [ -e start_out ]; then
        [ "$status" -ne 0 ] || echo "$4: exit 0, and the old output is there"
    elif [ -e place/out ]; then
        diff -r whole/out place/out || echo "$4: half an output"
        for part in ledger rejects; do
            [ ! -e whole/$part ] || diff -r whole/$part place/$part || echo "$4: output without its $part"
        done
        return
    else
        [ ! -e start_out ] || echo "$4: the old output is gone"
        [ "$status" -ne 0 ] || echo "$4: exit 0 without an output"
    fi
    [ "$how" = signal ] || diff <(listing "$start") <(listing place | grep -v '^report$') || echo "$4: something is left"
}

# try NAME START ARGUMENT…: a whole run first, then one for each point and each way to go wrong.
try() {
    local name=$1 start=$2 call number how status
    shift 2
    rm -rf start_out whole
    [ ! -e "$start/out" ] || cp -r "$start/out" start_out
    prepare "$start"
    (cd place && strace -f -e trace=$calls -o ../trace "$BSONMEND" fix "$@" --quiet) || echo "$name: exit $?"
    cp -r place whole
    points >points
    [ "$(wc -l <points)" -ge 10 ] || echo "$name: only $(wc -l <points) points"
    while read -r call number; do
        for how in error=ENOSPC signal=KILL; do
            prepare "$start"
            interrupted "$call:$how:when=$number" "$@" >said 2>&1
            status=$?
            examine "${how%%=*}" $status "$start" "$name: $call $number $how"
        done
    done <points
    echo "$name: tried"
}

mkdir empty

# At the end of a case.
input_stays() {
    [ "$before" = "$(sums)" ] || echo "the input was changed"
}
