# Patterns that select nothing: what was not judged is never called clean.
D=$FIXTURES/good/plain
for command in check list 'fix -o out'; do
    for patterns in '--nsInclude shp.*' '--nsInclude shop.* --nsInclude app.*' '--nsExclude *' \
        '--nsInclude shop.orders --nsExclude shop.*'; do
        # No pattern here is to be expanded.
        set -f
        # shellcheck disable=SC2086
        "$BSONMEND" $command "$D" $patterns
        echo "$command $patterns: $?"
        set +f
    done
done
echo "== many names, and a long one"
mkdir -p many/d
for i in $(seq 40); do : >"many/d/collection_$i.bson"; done
run check many --nsInclude d.nothing
mkdir -p long/d
name=$(head -c 180 /dev/zero | tr '\0' n)
: >"long/d/$name.bson"
run check long --nsInclude d.nothing
echo "== an exclude that matches nothing"
run check "$D" --nsExclude 'app.*' --nsExclude '*.orders' --report report
jq -c '.result, [.namespaces[] | select(.judged | not) | .ns]' report
listing | grep -v /
