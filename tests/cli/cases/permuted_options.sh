# Options may follow DUMP; -- ends them; a DUMP may start with a dash.
cp -a "$FIXTURES/good/plain" ./-dump
run list --quiet ./-dump --nsInclude 'shop.*' | head -n 3
run check --quiet -- -dump
run check -- -dump --quiet
