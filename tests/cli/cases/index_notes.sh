# What a verdict cannot show: prepareUnique indexes, and zero timestamps at the top of a document.
run check "$FIXTURES/mend/index-notes"
run check --serverVersion 5.0 "$FIXTURES/mend/index-notes"
