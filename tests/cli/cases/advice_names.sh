# The advised output is no name that is taken, and does not lie in the dump: the command mends as it stands.
copy_fixture mend/seed dump
mkdir fixed
run check dump | grep '^  mend'
"$BSONMEND" check dump | sed -n 's/^  mend: bsonmend //p' >advice
read -r -a words <advice
run "${words[@]}" --quiet
listing | grep -v dump/ | head -n 3
cd dump || exit 1
bsonmend=../$(basename "$BSONMEND")
ln -s "$BSONMEND" "$bsonmend"
"$bsonmend" check . | grep '^  mend'
