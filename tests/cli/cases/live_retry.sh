# A candidate that is taken is followed by the next one; when none is left the run fails and says so.
seed=$FIXTURES/mend/seed
head -c 32 /dev/zero >key
small='R-{hex:3}'
run fix "$seed" --fill "resultToken=$small" --tokenKey key --attempts 1 -o never
listing
run fix "$seed" --quiet --fill "resultToken=$small" --tokenKey key --attempts 20 -o mended
run check mended --quiet
grep -a -o -E 'R-[0-9a-f]{3}' mended/*/*.bson | wc -l
grep -a -o -E 'R-[0-9a-f]{3}' mended/*/*.bson | sort -u | wc -l
