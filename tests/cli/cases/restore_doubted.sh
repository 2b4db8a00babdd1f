# What mongorestore of today does not start on, though older versions did: said, exit 1, passed on.
sed 's/7\.0\.0/lol.x/' "$FIXTURES/good/example.archive" >lol.archive || skip "sed cannot edit bytes"
sed 's/7\.0\.0/7.0-x/' "$FIXTURES/good/example.archive" >short.archive
run check lol.archive --report lol.json
grep -o '"result": "[a-z]*"\|"end": "[a-z ]*"\|"reason": "mongorestore[^"]*"' lol.json
run check short.archive --quiet 2>&1
run fix lol.archive -o lol.fixed 2>&1
cmp lol.archive lol.fixed
for version in '"ServerVersion":"lol"' '"ServerVersion":"unknown"' '"ToolVersion":"100.12.0"'; do
    copy_fixture good/plain dump
    echo "{$version}" >dump/prelude.json
    run check dump 2>&1
    run fix --quiet dump -o out.archive --outFormat archive --report - 2>&1 | grep -o '"result": "[a-z]*"'
    strings out.archive | grep -m 1 -A 1 server_version
    rm -r dump out.archive
done
