# A bind mount is another path of the folder that is read.
unshare -rm true 2>/dev/null || skip "no mount can be made here: unshare -rm is refused"
copy_fixture good/plain dump
cp -a dump before
mkdir mounted
in_mounts() {
    unshare -rm bash -c 'mount --bind "$1" mounted && shift && "$@"; echo "exit $?"' mounts "$@"
}
in_mounts dump "$BSONMEND" fix --quiet dump -o mounted/out
in_mounts dump "$BSONMEND" fix --quiet --force dump -o mounted
in_mounts dump/shop "$BSONMEND" fix --quiet dump -o mounted/out
in_mounts dump "$BSONMEND" fix --quiet mounted -o dump/out
same_tree before dump && echo "as it was"
