# No command is printed that would not give an output; words say what is in its way.
put() { # PATH INDEXES: two documents, {_id: 1} and {_id: 2}
    mkdir -p "$(dirname "$1")"
    printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0\x0e\0\0\0\x10_id\0\2\0\0\0\0' >"$1.bson"
    printf '{"indexes":[{"key":{"_id":1},"name":"_id_"},%s]}' "$2" >"$1.metadata.json"
}
unique() { printf '{"key":{"%s":1},"name":"%s","unique":true}' "$1" "$2"; }
echo "== a field beside one inside it"
put dump/d/c "$(unique t t_1),$(unique t.a ta_1)"
run check dump
run fix dump --fill d.c:t=hex:32 -o fixed 2>&1
rm -r dump
echo "== in one command, unless something else is wrong"
put dump/d/c "$(unique t t_1),$(unique a.b ab_1)"
"$BSONMEND" check dump | grep mend
printf '{"indexes":[{"key":{"_id":1},"name":"_id_"},%s],"options":{"capped":true,"size":4096,"max":1}}' "$(unique t t_1)" \
    >dump/d/c.metadata.json
"$BSONMEND" check dump | grep mend
rm -r dump
echo "== a name that is not UTF-8"
put dump/d/c%FF "$(unique t t_1)"
run check dump
rm -r dump
echo "== a name that a file of rules can say"
put dump/d/c "$(unique t a:b)"
printf '\x15\0\0\0\x10_id\0\3\0\0\0\x10t\0\1\0\0\0\0\x15\0\0\0\x10_id\0\4\0\0\0\x10t\0\1\0\0\0\0' >>dump/d/c.bson
run check dump
rm -r dump
echo "== a dump whose name cannot be shown"
put $'dump\x01/d/c' "$(unique t t_1)"
run check $'dump\x01'
