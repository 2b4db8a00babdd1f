# --quiet leaves the answer and errors; -v says more.
run check --quiet "$FIXTURES/good/plain"
run fix --quiet "$FIXTURES/good/plain" -o one
run fix -v "$FIXTURES/good/other-files" --outFormat archive -o two
run check --quiet "$FIXTURES/mend/repeated"
run check "$FIXTURES/good/prelude-not-json"
echo "== --quiet wins, whichever comes first"
run fix --quiet -v "$FIXTURES/good/other-files" --outFormat archive -o three
run fix -v --quiet "$FIXTURES/good/other-files" --outFormat archive -o four
