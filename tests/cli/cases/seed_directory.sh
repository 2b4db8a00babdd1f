# The story as a directory: mended, proved, clean; only the empty tokens changed.
NS=demo_test_answer.divorce_conflict_results
cp -a "$FIXTURES/mend/seed" dump
for codec in none gzip zstd; do
    rm -rf fixed again
    run fix dump --fill $NS:resultToken=hex:32 --compress $codec -o fixed 2>said
    cat said
    listing fixed
    run check fixed
    run fix --quiet fixed --fill $NS:resultToken=hex:32 -o again
    diff -r fixed again && echo "second run identical"
done
same_tree "$FIXTURES/mend/seed" dump
