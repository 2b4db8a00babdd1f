# Stopped by a signal while it waits for more: 128+N, no temporaries, no output, input untouched.
mkfifo pipe
exec 3<>pipe
for signal in INT TERM HUP; do
    head -c 300 "$FIXTURES/mend/seed.archive" >&3
    timeout --preserve-status -s $signal 0.5 "$BSONMEND" fix --quiet -o out <pipe
    echo "$signal to a file: exit $?"
    head -c 300 "$FIXTURES/mend/seed.archive" >&3
    timeout --preserve-status -s $signal 0.5 "$BSONMEND" fix --quiet --outFormat dir -o out <pipe
    echo "$signal to a directory: exit $?"
    head -c 300 "$FIXTURES/mend/seed.archive" >&3
    timeout --preserve-status -s $signal 0.5 "$BSONMEND" check --quiet <pipe
    echo "$signal to check: exit $?"
done
rm pipe
listing
