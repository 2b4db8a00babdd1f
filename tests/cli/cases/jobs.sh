# What is found and written does not depend on -j: any container, any codec, from a file and through
# a pipe, whole or damaged.
head -c 32 /dev/zero >key
mkdir -p dump/d
documents() { # FIRST LAST: {_id: i, p: 3,999 characters}, 4,021 bytes each
    local i hex text
    for ((i = $1; i <= $2; i++)); do
        printf -v hex '\\x%02x\\x%02x' $((i & 255)) $((i >> 8))
        printf -v text '%03999d' $((i * i * 7919))
        printf "\\xb5\\x0f\\0\\0\\x10_id\\0${hex}\\0\\0\\x02p\\0\\xa0\\x0f\\0\\x00${text}\\0\\0"
    done
}
documents 1 1500 >dump/d/a.bson
documents 2001 2900 >dump/d/b.bson
for name in a b; do
    printf '{"options":{},"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"},{"v":2,"unique":true,"key":{"t":1},"name":"t_1"}]}' \
        >dump/d/$name.metadata.json
done

fix() { "$BSONMEND" fix --quiet --tokenKey key --fill t=hex:32 "$@" || echo "exit $?"; }

for codec in none gzip zstd; do
    echo "== $codec"
    for jobs in 1 2 5; do
        fix dump -j $jobs --compress $codec -o $codec-$jobs
        fix dump --jobs $jobs --compress $codec >$codec-$jobs.archive
        cat $codec-1.archive | fix -j$jobs --outFormat archive >piped-$codec-$jobs.archive
        fix -j $jobs -d d -c a --compress $codec <dump/d/a.bson >$codec-$jobs.bson
        fix $codec-$jobs.archive -j $jobs --outFormat dir -o unpacked-$codec-$jobs
        "$BSONMEND" check -j $jobs $codec-1 >check-$jobs; echo "exit $?" >>check-$jobs
        "$BSONMEND" verify -j $jobs --tokenKey key --fill t=hex:32 dump $codec-1 >verify-$jobs; echo "exit $?" >>verify-$jobs
    done
    for jobs in 2 5; do
        same_tree $codec-1 $codec-$jobs
        same_tree unpacked-$codec-1 unpacked-$codec-$jobs
        for name in $codec piped-$codec; do same $name-1.archive $name-$jobs.archive; done
        same $codec-1.bson $codec-$jobs.bson
        for name in check verify; do same $name-1 $name-$jobs; done
    done
    cmp <(plain $codec-1/d/a.bson*) <(plain $codec-1.bson)
    grep -h . check-1 verify-1
done

echo "== cut"
mkdir cut
for name in gzip-1/d/a.bson.gz zstd-1/d/a.bson.zst none-1/d/a.bson; do
    cut=cut/${name##*/}
    head -c $(($(stat -c %s $name) * 3 / 4 + 1)) $name >$cut
    for jobs in 1 4; do
        "$BSONMEND" check -j $jobs $cut >check-$jobs 2>&1
        echo "exit $?" >>check-$jobs
    done
    same check-1 check-4
    tail -n 1 check-4
done

echo "== not so many"
for jobs in 0 65 x ''; do run check dump -j "$jobs" 2>&1; done
run list -j 2 dump 2>&1
