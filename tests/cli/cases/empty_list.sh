# --empty narrows what counts; what is left empty is a violation all the same.
cp -a "$FIXTURES/mend/kinds" dump
run fix dump --empty missing,null --fill token=hex:24 --fill profile.code=hex:24 --fill items.sku=hex:24 -o out
run fix dump --empty null --fill token=hex:24 -o other
[ -e other ] && echo "an output was made"
listing out
