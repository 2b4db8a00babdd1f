# --unique judges an index that the metadata does not have, and adds nothing to one that it has.
D=$FIXTURES/mend/repeated
run check "$D" --unique shop.orders:day
run check "$D" --unique shop.orders:day,customer
run check "$D" --unique shop.orders:number
run check "$D" --unique shop.other:number
