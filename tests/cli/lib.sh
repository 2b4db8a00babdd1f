# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Functions for the cases; sourced before each of them.

# Runs the program and says its exit status on standard output.
run() {
    "$BSONMEND" "$@"
    echo "exit $?"
}

# Ends the case as skipped.
skip() {
    echo "$*" >&2
    exit 77
}

# The bytes of a file without its codec, told by content.
plain() {
    local magic
    magic=$(head -c 4 "$1" | od -An -tx1 | tr -d ' \n')
    case $magic in
    1f8b*) gzip -dc <"$1" ;;
    28b52ffd | 5?2a4d18) zstd -q -dc <"$1" ;;
    *) cat "$1" ;;
    esac
}

# Says so if two files differ.
same() {
    cmp "$1" "$2" && return 0
    echo "different: $1 $2"
    return 1
}

# Says so if two files differ after decoding.
same_plain() {
    cmp <(plain "$1") <(plain "$2") && return 0
    echo "different after decoding: $1 $2"
    return 1
}

# Says so if two trees differ in names, kinds, bytes or link targets.
same_tree() {
    diff <(tree_of "$1") <(tree_of "$2") && diff -r --no-dereference "$1" "$2" && return 0
    echo "different: $1 $2"
    return 1
}

tree_of() {
    (cd "$1" && find . -printf '%y %p %l\n' | sort)
}

# What a directory holds, temporaries included; one line each.
listing() {
    (cd "${1:-.}" && find . -mindepth 1 | sort | sed 's|^\./||')
}

# A copy that the case may change; fixtures are links into the checkout.
copy_fixture() {
    cp -a "$FIXTURES/$1" "$2"
    chmod -R u+w "$2"
}

# Says so if two dump directories differ in names, modes or links, or a file after decoding.
same_dump() {
    local status=0 file
    diff <(cd "$1" && find . -printf '%y %m %p %l\n' | sort) \
        <(cd "$2" && find . -printf '%y %m %p %l\n' | sort) || status=1
    while IFS= read -r -d '' file; do
        cmp <(plain "$1/$file") <(plain "$2/$file") || status=1
    done < <(cd "$1" && find . -type f -print0)
    [ $status -eq 0 ] || echo "different: $1 $2"
    return $status
}
