# At most 10 groups an index and 5 documents a group are listed; -v lists all up to --reportLimit.
repeat() { for i in $(seq 1 12); do for _ in 1 2 3 4 5 6; do printf '\x13\0\0\0\x10t\0\x'"$(printf %02x "$i")"'\0\0\0\x10u\0\0\0\0\0\0'; done; done; }
repeat >c.bson
run check -d d -c c --unique t c.bson
run check -v -d d -c c --unique t c.bson --report report | wc -l
jq -c '[.violations[] | .count, (.documents | length)]' report
run check --quiet --reportLimit 2 -d d -c c --unique t c.bson --report report
jq -c '[.violations[] | .count, (.documents | length)], .namespaces[0].indexes' report
