# The fixtures are those that the checksums were made of, and no others.
cd "$ROOT/fixtures" || exit 1
sha256sum --quiet -c SHA256SUMS
diff <(cut -c67- SHA256SUMS | sort) <(find good bad mend -type f | sort) && echo "all there"
