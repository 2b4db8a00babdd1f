# BEFORE and the lines of a ledger give AFTER, or it is said which line is not of BEFORE.
orders=$FIXTURES/mend/repeated
seed=$FIXTURES/mend/seed
both='--onDuplicate number_1=reject --onDuplicate customer_1_day_-1=reject'
verify() { run verify "$@"; }
# shellcheck disable=SC2086
run fix "$orders" --quiet $both --rejects rejects --ledger taken_out -o out
run fix "$seed" --quiet --fill resultToken=hex:32 --require resultToken --index resultToken_1=partial --ledger ledger -o fixed
echo "== what fix did"
verify --ledger taken_out "$orders" out
verify --ledger taken_out --rejects rejects "$orders" out
verify --ledger ledger "$seed" fixed
run fix fixed --quiet --outFormat archive --compress gzip -o fixed.archive
verify --ledger ledger "$seed" fixed.archive
echo "== namespaces that an archive interleaves"
archive=$FIXTURES/good/interleaved.archive
run fix "$archive" --quiet --fill shop.a:t=hex:32 --fill shop.b:t=hex:32 --ledger three -o three.archive
verify --ledger three "$archive" three.archive
run fix three.archive --quiet --outFormat dir -o three_dir
verify --ledger three "$archive" three_dir
run fix "$archive" --quiet --outFormat dir -o before_dir
verify --ledger three before_dir three_dir
echo "== a ledger of nothing"
: >empty
verify --ledger empty fixed fixed
echo "== of another dump"
verify --ledger ledger "$orders" out
verify --ledger taken_out out out
echo "== what it does not say was done, and what was not done"
sed '$d' ledger >short
verify --ledger short "$seed" fixed
verify --ledger ledger "$seed" "$seed" | grep 'is not the same\|not verified'
echo "== lines that do not fit"
try() {
    sed "$1" ledger >changed
    cmp -s ledger changed && echo "nothing changed: $1"
    verify --ledger changed "$seed" fixed
}
try '7s/"at": [0-9]*/"at": 3/'
try '7s/"at": [0-9]*/"at": 300000/'
try '7s/"path": "r/"path": "s/'
try '7s/"ordinal": /"ordinal": 9/'
try '$s/"ordinal": /"ordinal": 99999/'
try '7s/"ns": "demo/"ns": "other/'
try '3s/"old": "[^"]*", //'
try '1s/"old": "{/"old": " {/'
try '1{h;d};5G'
try '6{h;d};8G'
echo "== no ledger"
try '7s/^/x/'
try '7s/"action": "fill"/"action": "heal"/'
try '7s/"action": "fill"/"action": "reject"/'
try '7s/"at": [0-9]*, //'
try '7s/"ordinal": [0-9]*/"ordinal": "1"/'
try '7s/"ordinal": [0-9]*/"ordinal": 99999999999999999999/'
try '7s/"new": "/"new": "*/'
try '7s/}$/, "more": 1}/'
try '7s/}$/, "at": 1}/'
try '7s/.*//'
head -c -1 ledger >cut
verify --ledger cut "$seed" fixed
verify --ledger absent "$seed" fixed
verify --ledger ledger --fill resultToken=hex:32 "$seed" fixed
