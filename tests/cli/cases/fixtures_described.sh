# fixtures/README.md has a line for each fixture, worded as the first line of its source.
cd "$ROOT/fixtures" || exit 1
for source in src/*/*.txt; do
    name=$(basename "$source" .txt)
    line="| \`$name\` | $(head -n 1 "$source" | sed 's/^# //') |"
    grep -qxF "$line" README.md || echo "README.md lacks: $line"
    [ -e "$(basename "$(dirname "$source")")/$name" ] || echo "not built: $name"
done
