# Modes follow the input; times too, where the bytes are the same.
copy_fixture good/plain dump
chmod 600 dump/shop/orders.bson
chmod 640 dump/shop/orders.metadata.json
chmod 444 dump/prelude.json
chmod 700 dump/shop
echo note >dump/notes
chmod 751 dump/notes
find dump -type f -exec touch -d '2020-02-02 02:02:02 UTC' {} +
umask 077
run fix --quiet dump -o out
diff <(cd dump && find . -printf '%m %p\n' | sort -k2) <(cd out && find . -printf '%m %p\n' | sort -k2) && echo "modes kept"
diff <(cd dump && find . -type f -printf '%TY-%Tm-%Td %p\n' | sort) <(cd out && find . -type f -printf '%TY-%Tm-%Td %p\n' | sort) && echo "times kept"
cp "$FIXTURES/good/example.archive" a
chmod 640 a
run fix --quiet a -o b
stat -c '%a %n' b
