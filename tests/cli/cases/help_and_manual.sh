# The manual names the options that --help names, and no others.
page=$ROOT/src/cli/bsonmend.1
"$BSONMEND" --help | grep -o -e '--[a-zA-Z]*' | sort -u >helped
{
    echo --help
    echo --version
    sed -n '/^\.Sh OPTIONS/,/^\.Sh /p' "$page" | grep '^\.It' | grep -o -e 'Fl -[a-zA-Z]*' | sed 's/Fl -/--/'
} | sort -u >written
diff helped written && echo "the same"
for section in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" EXAMPLES LIMITS; do
    grep -q "^\.Sh $section\$" "$page" || echo "no section $section"
done
