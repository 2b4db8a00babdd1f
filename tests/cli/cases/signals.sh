# Ended by a signal: 128+N; no temporaries and no output, or an output that cannot be taken for whole;
# the report says the same status. Everything is waited for as a fact: a handler that is there, a
# temporary that is there. A shell's background jobs ignore two of the signals, hence env.
ulimit -c 0
head -c 90000 "$FIXTURES/mend/seed.archive" >part.archive
# {_id: n}, three times what a pipe holds: once it is fed, the output is open and takes documents.
for ((i = 0; i < 14000; i++)); do
    printf -v number '\\x%02x\\x%02x' $((i & 255)) $((i >> 8))
    printf "\\x0e\\0\\0\\0\\x10_id\\0$number\\0\\0\\0"
done >part.bson
defaults="--default-signal=INT,QUIT"
env $defaults true 2>/dev/null || skip "env does not know --default-signal"

start() { env $defaults "$BSONMEND" "$@" <&0 & pid=$!; }

# It is our program, and the last of its handlers (SIGPROF's, number 27) is in place.
ready() {
    while [ -e /proc/$pid ] && ! { [ /proc/$pid/exe -ef "$BSONMEND" ] &&
        grep -q '^SigCgt:.*[4567cdef]......$' /proc/$pid/status; }; do
        sleep 0.01
    done 2>/dev/null
}

temporary() {
    while [ -e /proc/$pid ] && ! compgen -G ".$1.*.tmp" >/dev/null; do sleep 0.01; done
}

finish() {
    kill -s "$1" $pid
    wait $pid 2>/dev/null
    echo "$1 $2: exit $?$(grep -o '"result": "[a-z]*", "exit": [0-9]*' report 2>/dev/null | sed 's/^/, /')"
    exec 3>&-
    rm -f in report
}

# The standard input of what starts next: a pipe that stays open and says no more than this.
feed() { mkfifo in; exec 3<>in; cat "$1" >&3 & feeder=$!; }

for signal in INT TERM HUP QUIT USR1 USR2 XCPU VTALRM PROF; do
    feed part.archive
    start fix --quiet --report report -o out <in
    ready; wait $feeder; temporary out
    finish $signal "to a file"
done
for signal in INT TERM; do
    feed part.archive
    start fix --quiet --outFormat dir -o out <in
    ready; wait $feeder; temporary out
    finish $signal "to a directory"
    feed part.archive
    start check --quiet <in
    ready; wait $feeder
    finish $signal "to check"
    feed part.archive
    start fix --quiet <in >got
    ready; wait $feeder
    finish $signal "to a stream"
    "$BSONMEND" check --quiet got >/dev/null 2>&1
    echo "$signal, what the stream got: exit $?"
    mkfifo in
    start check --quiet in
    ready
    finish $signal "before the input opens"
done
rm -f got

# A pipe: the archive and the raw stream end where none may end.
mkfifo out
for signal in INT TERM; do
    cat out >got & reader=$!
    feed part.archive
    start fix --quiet <in >out
    ready; wait $feeder
    finish $signal "to an archive in a pipe"
    wait $reader
    "$BSONMEND" check --quiet got >/dev/null 2>&1
    echo "what the pipe got: exit $?"
    cat out >got & reader=$!
    feed part.bson
    start fix --quiet -d d -c c <in >out
    ready; wait $feeder
    finish $signal "to a raw stream in a pipe"
    wait $reader
    "$BSONMEND" check --quiet -d d -c c got >/dev/null 2>&1
    echo "what the pipe got: exit $?"
done

# A pipe that nobody reads from.
exec 4<>out
cat "$FIXTURES/good/interleaved.archive" >whole.archive
yes 'no room is left in here' | head -c 65536 >&4
start fix --quiet whole.archive >&4
ready
finish TERM "with a stalled reader"
start check whole.archive >&4
ready
while [ -e /proc/$pid ] && ! grep -q '^State:.S' /proc/$pid/status; do sleep 0.01; done 2>/dev/null
finish TERM "with an answer that nobody reads"
exec 4>&-
rm -f out got part.archive part.bson whole.archive
listing
