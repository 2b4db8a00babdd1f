# Oplogs that servers wrote: inserts, transactions, vectored inserts, compressed too; a second run changes nothing.
[ -n "$DUMPS" ] || skip "no real dumps"
head -c 32 /dev/zero >key
try() {
    local dump=$1
    shift
    run fix "$dump" "$@" --tokenKey key --ledger ledger -o out
    jq -r '[.ns, .path, .reason] | @tsv' ledger | sort | uniq -c | sed 's/^ *//'
    run fix --quiet out "$@" --tokenKey key -o again
    same_dump out again
    rm -rf out again ledger
}
try "$DUMPS/dirs/oplogdump" --fill db1.c1:tok=hex:32
try "$DUMPS/derived/oplogdump-gzip" --fill db1.c1:tok=hex:32
try "$DUMPS/dirs/dump_with_oplog" --fill test.data:tok=uuid4
mkdir dump
cp "$DUMPS/oplogs/vectored_insert.bson" dump/oplog.bson
try dump --fill mongodump_test_db.coll1:tok=nanoid
