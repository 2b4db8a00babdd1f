# Damage is told once, with --quiet too: inside a document, and where the dump cannot be read on.
for dump in binary-length cut-in-document; do
    file=$FIXTURES/bad/$dump.bson
    for command in check 'fix -o out'; do
        for quiet in '' --quiet; do
            echo "== $command $quiet $dump"
            # shellcheck disable=SC2086
            run $command $quiet "$file" 2>&1 | grep -v -e '^judged' -e '^wrote'
            rm -f out
        done
    done
done
# An entry of the oplog, without rules too: it passes as it is.
for command in check 'fix --onDuplicate token_1=leave -o out'; do
    echo "== $command, the oplog"
    # shellcheck disable=SC2086
    run $command --quiet "$FIXTURES/mend/oplog-findings" 2>&1 | grep -e damaged -e exit
done
same_tree "$FIXTURES/mend/oplog-findings" out && echo "the same"
