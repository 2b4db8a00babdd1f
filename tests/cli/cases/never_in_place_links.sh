# Files of a dump may be links: what they lead to is read, and --force replaces none of it, nor a
# folder that holds it.
mkdir -p dump/shop real old/shop
cp "$FIXTURES/good/plain/shop/orders.bson" real/a.bson
cp real/a.bson old/shop/b.bson
echo note >x.archive
ln -s ../../real/a.bson dump/shop/a.bson
run fix --quiet --force --outFormat bson dump -o real/a.bson
ln -s ../x.archive dump/notes.txt
run fix --quiet --force --outFormat archive dump -o x.archive
ln -s ../../old/shop/b.bson dump/shop/b.bson
run fix --quiet --force dump -o old
same "$FIXTURES/good/plain/shop/orders.bson" real/a.bson
same real/a.bson old/shop/b.bson
cat x.archive
rm dump/shop/b.bson
run fix --quiet --force dump -o old
same real/a.bson old/shop/a.bson
listing . | grep -v /
