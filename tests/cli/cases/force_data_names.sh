# --force takes no file away for its name alone.
D=$FIXTURES/good/plain
run fix --quiet "$D" -o out
echo "chapter one" >out/shop/thesis.bson
run fix --quiet --force "$D" -o out
cat out/shop/thesis.bson
mv out/shop/thesis.bson out
run fix --quiet --force "$D" -o out
cat out/thesis.bson
cp "$D/shop/orders.bson" out/thesis.bson
run fix --quiet --force "$D" -o out
same "$D/shop/orders.bson" out/thesis.bson
rm out/thesis.bson
run fix --quiet --force "$D" -o out
same_dump "$D" out
