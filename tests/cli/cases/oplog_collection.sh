# An oplog dumped as a collection holds documents of others: no rule changes it.
copy_fixture mend/oplog-entries dump
run fix dump/oplog.bson -d local -c oplog.rs --fill token=hex:32 -o out.bson
mkdir dump/local
mv dump/oplog.bson dump/local/oplog.rs.bson
run fix dump/local/oplog.rs.bson --unset op -o out.bson
run fix dump --fill local.oplog.rs:token=hex:32 -o out
run fix dump --fill token=hex:32 -o out
same dump/local/oplog.rs.bson out/local/oplog.rs.bson
