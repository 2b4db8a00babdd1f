# A ledger takes the place of nothing that is a part of the input or of the output.
mkdir dump dump/d
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' | tee d.bson >dump/d/c.bson
fix() { run fix --quiet --fill a=hex:32 -d d -c c d.bson "$@"; }
fix_directory() { run fix --quiet --fill d.c:a=hex:32 dump "$@"; }
echo "== the output's metadata, by each of its names"
for suffix in '' .gz .zst; do
    fix -o out.bson$suffix --ledger "out.metadata.json$suffix"
    fix -o out.bson$suffix --force --ledger "../dir/out.metadata.json$suffix"
done
echo "== the input's, which is not there"
fix -o out.bson --ledger d.metadata.json
echo "== the output, and in it"
fix -o out.bson --ledger ./out.bson
fix_directory -o out --ledger out/ledger
fix_directory -o out --ledger ./out//d/ledger
mkdir -p out/d && ln -s out/d link
fix_directory -o out --force --ledger link/ledger
fix_directory -o out/ --force --ledger out/d/ledger
echo "== the input, and in it"
fix -o out.bson --ledger d.bson
fix_directory -o new --ledger dump/ledger
fix_directory -o new --ledger dump/d/../d/ledger
echo "== the report"
fix_directory -o new --ledger same --report ./same
echo "== beside them"
fix -o out.bson --ledger out.jsonl
listing
echo "== a folder that is not there, as for -o"
fix_directory -o new --ledger no/ledger
