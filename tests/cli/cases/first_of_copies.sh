# Looking for the first document of a group gives copies of one _id tokens of their own: it must not run out of them.
copy='\x0e\0\0\0\x10_id\0\1\0\0\0\0'
other() { printf "\\x15\\0\\0\\0\\x10_id\\0\\x0$1\\0\\0\\0\\x10t\\0\\5\\0\\0\\0\\0"; }
{
    # shellcheck disable=SC2059 # a format is meant
    printf "$copy$copy$copy$copy$copy"
    other 2
    other 3
} >c.bson
run fix -d d -c c c.bson --unique t --fill s=hex:32 --onDuplicate _id_=leave --onDuplicate t_1=leave -o out.bson
run check -d d -c c --quiet --unique t out.bson
