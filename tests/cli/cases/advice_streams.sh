# Advice for what came from standard input, or goes to standard output, works once its words are
# filled in.
raw=$FIXTURES/mend/seed/demo_test_answer/divorce_conflict_results.bson
archive=$FIXTURES/mend/seed.archive

# Says the advice of a run over STREAM, follows it into OUT, and judges that as it was judged before.
follow() {
    local stream=$1 out=$2 advice
    shift 2
    "$BSONMEND" "$@" <"$stream" >said 2>&1
    advice=$(grep -a -o 'mend: bsonmend .*' said)
    echo "$advice"
    advice=${advice#mend: bsonmend }
    advice=${advice/DUMP/'"$stream"'}
    eval "\"\$BSONMEND\" ${advice/FIXED/'"$out"'}" 2>said
    echo "exit $?"
}
follow "$raw" fixed.bson check -d demo -c results --unique resultToken
run check -d demo -c results --unique resultToken <fixed.bson
rm fixed.bson
follow "$raw" two.bson fix -d demo -c results --unique resultToken
run check -d demo -c results --unique resultToken <two.bson
follow "$raw" three.bson fix -d demo -c results --unique resultToken -o three.bson
run check -d demo -c results --unique resultToken <three.bson
follow "$raw" fixed.bson fix -d demo -c results --unique resultToken --dryRun
run check -d demo -c results --unique resultToken <fixed.bson
follow "$archive" fixed.archive check
run check fixed.archive
follow "$archive" two.archive fix
run check two.archive
follow /dev/null three.archive fix "$archive"
run check three.archive
listing
