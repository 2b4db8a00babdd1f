# A reader that goes away: exit 4, no text.
A=$FIXTURES/good/interleaved.archive
mkfifo pipe
for command in fix check list; do
    : <pipe &
    {
        wait $!
        # The reader is gone before a byte is written.
        "$BSONMEND" $command "$A" 2>said
        echo "$command: exit $?" >&2
    } >pipe
    cat said
done
