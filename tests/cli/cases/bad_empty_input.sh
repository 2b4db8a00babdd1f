# Empty standard input is damage, an empty file is an empty collection.
run check </dev/null
run fix -d d -c c </dev/null | od -c
: | run check
: >c.bson
run check c.bson
: >c.bson.gz
run check c.bson.gz
run check absent
run check "$FIXTURES/good/empty.bson/below"
