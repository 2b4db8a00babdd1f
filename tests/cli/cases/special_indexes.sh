# Geographic, text and compound wildcard indexes, unique or not: what not every server is known to take is said.
mkdir -p dump/d
write() { # FIELDS of {_id: 1, …}
    printf "\\x$(printf %02x $((14 + $2)))\\0\\0\\0\\x10_id\\0\\1\\0\\0\\0$1\\0" >dump/d/c.bson
}
number() { printf '\\x01%s\\0\\0\\0\\0\\0\\0\\0%s' "$1" "$2"; } # NAME, LAST TWO BYTES of a double
pair() { printf '\\x1b\\0\\0\\0%s%s\\0' "$(number "$1" '\x24\x40')" "$(number "$2" "$3")"; } # [10, double]
try() { # KEY OPTIONS
    printf '{"indexes":[{"v":2,"key":{"_id":1},"name":"_id_"},{"v":2,"key":%s,"name":"i"%s}]}' "$1" "${2:-}" \
        >dump/d/c.metadata.json
    echo "== $1 ${2:-}"
    run check dump --serverVersion 7.0 --report report 2>&1
    jq -c '[.result, .forecast.end]' report
    rm report
}
both() {
    try '{"g":"2dsphere"}'
    try '{"g":"2d"}'
}
echo "==== absent"
write '' 0
both
try '{"g":"2d"}' ',"min":0,"max":5'
echo "==== [10, 20]"
write "\\4g\\0$(pair 0 1 '\x34\x40')" 30
both
try '{"g":"2d"}' ',"min":0,"max":5'
try '{"g":"2dsphere"}' ',"unique":true'
echo "==== [10, 1000]"
write "\\4g\\0$(pair 0 1 '\x8f\x40')" 30
both
echo "==== Point [10, 20]"
write "\\3g\\0\\x3d\\0\\0\\0\\2type\\0\\6\\0\\0\\0Point\\0\\4coordinates\\0$(pair 0 1 '\x34\x40')\\0" 64
both
echo "==== text"
write '\2g\0\2\0\0\0x\0' 9
both
try '{"_fts":"text","_ftsx":1}' ',"weights":{"g":1}'
try '{"_fts":"text","_ftsx":1}' ',"weights":{"t":1},"language_override":"g"'
try '{"$**":1,"g":1}' ',"wildcardProjection":{"g":0}'
echo "==== an array"
write '\4g\0\5\0\0\0\0' 8
try '{"g":1,"_fts":"text","_ftsx":1}' ',"weights":{"t":1}'
try '{"_fts":"text","_ftsx":1}' ',"weights":{"g":1}'
try '{"$**":1,"g":1}' ',"wildcardProjection":{"g":0}'
try '{"p":"2dsphere","g":1}'
