# --nsInclude and --nsExclude: the others pass through untouched, and do not make it unproved.
mkdir dump
cp -a "$FIXTURES"/mend/seed/demo_test_answer "$FIXTURES"/mend/repeated/shop "$FIXTURES"/mend/kinds/app dump
: >dump/app/clean.bson
run check dump --nsInclude 'app.*' --nsExclude '*.accounts'
run check dump --nsInclude 'shop.*'
run check dump --nsExclude 'shop.*' --nsExclude 'app.*' --nsExclude demo_test_answer.divorce_conflict_results
run fix dump --nsInclude 'demo*' --fill resultToken=hex:32 -o out
same_tree dump/shop out/shop
same_tree dump/app out/app
