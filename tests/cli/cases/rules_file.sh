# Rules from a file and rules from the command line give the same bytes; mistakes are told with their place.
seed=$FIXTURES/mend/seed
ns=demo_test_answer.divorce_conflict_results
head -c 32 /dev/zero >key
cat >rules.json <<'R'
{"rules": [{"ns": "demo_test_answer.divorce_conflict_results",
            "fill": {"resultToken": "hex:32"}, "empty": ["missing", "null"],
            "unset": ["attempt"], "indexes": {"attempt_1": "sparse"}, "require": ["resultToken"]}]}
R
run fix "$seed" --quiet --tokenKey key --rules rules.json --ledger one -o from_file
run fix "$seed" --quiet --tokenKey key --fill $ns:resultToken=hex:32 --empty missing,null --unset $ns:attempt \
    --index $ns:attempt_1=sparse --require $ns:resultToken --ledger two -o from_flags
same_tree from_file from_flags
same one two
echo "== both together"
echo '{"rules": [{"ns": "'$ns'", "require": ["resultToken"]}]}' >require.json
run fix "$seed" --rules require.json --fill resultToken=hex:32 --tokenKey key --dryRun
echo "== mistakes"
wrong() {
    echo "$1" >wrong.json
    run fix "$seed" --rules wrong.json -o never
}
wrong '{"rules": [{"ns": "a.b", "fil": {"x": "hex:32"}}]}'
wrong '{"rules": [{"ns": "a.b", "fill": {"x": 7}}]}'
wrong '{"rules": [{"ns": "a.b", "indexes": {"x_1": "unique"}}]}'
wrong '{"rules": [{"ns": "nodot", "unset": ["x"]}]}'
wrong '{"rules": [{"ns": "a.b", "unset": ["x"]}]'
wrong '{"rules": [{"ns": "a.b", "unset": ["x"]}]}'
wrong '[]'
run fix "$seed" --rules absent.json -o never
run fix "$seed" --rules '' -o never
run check "$seed" --rules rules.json
