# Never in place: OUT is not DUMP, not in it, and does not hold it; by whatever name.
copy_fixture good/plain dump
ln -s dump link
cp "$FIXTURES/good/example.archive" a
ln a hard
for out in dump dump/ ./dump link dump/out dump/shop/out . link/out; do
    run fix --quiet --force dump -o "$out"
done
run fix --quiet --force dump/shop -o dump
for out in a ./a hard; do
    run fix --quiet --force a -o "$out"
done
same_tree "$FIXTURES/good/plain" dump
same "$FIXTURES/good/example.archive" a
listing . | grep -v /
