# A signal while the threads of -j 2 wait for a pipe that stalls, on either side: the program ends at
# once, 128+N, and the report says so; no temporaries, and nothing that could be taken for a whole
# output. What is waited for is a fact: threads that are there and all asleep. Only a program that
# does not end meets the clock.
ulimit -c 0
env --default-signal=INT true 2>/dev/null || skip "env does not know --default-signal"
# {_id: n, p: 999,999 digits}: threads begin long before the end of 12 of them.
for n in 0 1 2 3 4 5 6 7 8 9 a b; do
    printf "\\x55\\x42\\x0f\\0\\x10_id\\0\\x0$n\\0\\0\\0\\x02p\\0\\x40\\x42\\x0f\\0"
    seq $((16#$n * 200000 + 1000000)) 9999999 2>/dev/null | head -c 1300000 | tr -d '\n' | head -c 999999
    printf '\0\0'
done >whole.bson

start() { env --default-signal=INT "$BSONMEND" "$@" --quiet --report report <&0 & pid=$!; }

# All of at least so many threads are asleep.
asleep() {
    local states
    while [ -e /proc/$pid ]; do
        states=$(cat /proc/$pid/task/*/stat 2>/dev/null | sed 's/.*) \(.\).*/\1/')
        [ "$(wc -l <<<"$states")" -lt "$1" ] || grep -q -v '^S$' <<<"$states" || break
        sleep 0.01
    done
}

# What still runs after half a minute would for ever.
finish() {
    local looks
    kill -s "$1" $pid
    for ((looks = 0; looks < 3000; looks++)); do
        grep -q '^State:.[^Z]' /proc/$pid/status 2>/dev/null || break
        sleep 0.01
    done
    kill -s KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    echo "$1 $2: exit $?$(grep -o '"result": "[a-z]*", "exit": [0-9]*' report | sed 's/^/, /')"
    rm -f report
}

mkfifo in out
for signal in INT TERM; do
    exec 3<>in
    cat whole.bson >&3 & feeder=$!
    start fix -j 2 -d d -c c -o got.bson <in
    wait $feeder
    asleep 2
    finish $signal "of a reader"
    exec 3>&-
    # The first part is taken, so that there are threads; then nobody reads.
    for codec in none gzip; do
        exec 4<>out
        head -c 1500000 <out >got & reader=$!
        start fix -j 2 -d d -c c --compress $codec whole.bson >&4
        wait $reader
        asleep 3
        finish $signal "of a writer, $codec"
        exec 4>&-
        "$BSONMEND" check --quiet -d d -c c got >/dev/null 2>&1
        echo "what the pipe got: exit $?"
    done
done
rm -f in out got whole.bson
listing
