# Index definitions of a dump older than metadata files. With one such file in the folder mongorestore
# passes over them: then they stay unknown, as they do when they cannot be read.
cp -r "$FIXTURES/mend/system-indexes" old
run check old
gzip -n old/shop/system.indexes.bson
run check old
gzip -dc old/shop/system.indexes.bson.gz | head -c 100 >old/shop/system.indexes.bson
rm old/shop/system.indexes.bson.gz
run check old
cp -r "$FIXTURES/mend/system-indexes" mixed
printf '{}' >mixed/shop/visits.metadata.json
run check mixed
