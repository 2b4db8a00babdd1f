# `list` of what comes through a pipe.
cat "$FIXTURES/good/interleaved.archive" | run list
cat "$FIXTURES/good/frames.bson.zst" | run list -d d -c c
