# Both are answers: standard output, exit 0.
run --version
"$BSONMEND" --help >help 2>said
echo "exit $?, $(wc -c <said) bytes of errors"
grep -c . help >/dev/null && head -n 1 help
for command in check fix list; do
    "$BSONMEND" $command --help >"help.$command"
    echo "$command: exit $?"
done
