# A file that somebody else puts where the report is to go, during the run, stays: exit 4, and the output's fate is told.
mkfifo in
"$BSONMEND" fix --quiet -d d -c c -o out.bson --report report <in &
exec 3>in
while [ -z "$(find . -name '.report*.tmp')" ]; do sleep 0.01; done # it runs
echo mine >report
printf '\x0e\0\0\0\x10_id\0\1\0\0\0\0' >&3
exec 3>&-
wait $!
echo "exit $?"
cat report
listing
