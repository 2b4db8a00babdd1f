# An earlier result of the same attempt: one is kept, the others are set aside in a dump of their own.
orders=$FIXTURES/mend/repeated
run fix "$orders" --onDuplicate number_1=reject --onDuplicate customer_1_day_-1=reject --rejects aside -o kept
run check kept --quiet
run check aside --quiet
listing aside
cat kept/shop/orders.bson aside/shop/orders.rejects.bson | wc -c
stat -c %s "$orders/shop/orders.bson"
