# fixtures/README.md has a line for each fixture, worded as the first line of its source, and each
# is built. One awk for all: some hundred sources are no hundred processes.
cd "$ROOT/fixtures" || exit 1
find good bad mend -mindepth 1 -maxdepth 1 >"$TMPDIR/built"
awk -v built_list="$TMPDIR/built" '
FILENAME == built_list { built[$0]; next }
FILENAME == "README.md" { described[$0]; next }
FNR == 1 {
    split(FILENAME, path, "/")
    name = path[3]
    sub(/\.txt$/, "", name)
    sub(/^# /, "")
    line = "| `" name "` | " $0 " |"
    if (!(line in described))
        print "README.md lacks: " line
    if (!((path[2] "/" name) in built))
        print "not built: " path[2] "/" name
    sources++
}
END { if (sources == 0) print "no sources" }
' "$TMPDIR/built" README.md src/*/*.txt
