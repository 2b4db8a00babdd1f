/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/verify_parts.h"

#include <inttypes.h>
#include <stdio.h>

/* The digests of one namespace in both dumps. */
struct pair {
    const struct bm_namespace *ns;
    struct bm_digest *before, *after;
    uint64_t from, to; /* places that the first difference lies in */
};

/* The next pair from *number on. 0: no more. */
static int next_pair(struct bm_verify *verify, size_t *number, struct pair *out)
{
    const struct bm_catalog *catalog = bm_source_catalog(verify->before.work.source);
    while (*number < bm_catalog_count(catalog) && verify->twins[*number] == NULL) {
        ++*number;
    }
    if (*number == bm_catalog_count(catalog)) {
        return 0;
    }
    *out = (struct pair){
        .ns = bm_catalog_namespace(catalog, *number),
        .before = &verify->before.digests.list[*number],
        .after = &verify->after.digests.list[verify->twins[*number]->number],
    };
    ++*number;
    return 1;
}

static void look_at(struct pair *pair)
{
    pair->before->from = pair->after->from = pair->from;
    pair->before->to = pair->after->to = pair->to;
}

/* Sets what the next pass looks at, of each namespace the block that differs. How many differ, and
 * how wide the widest of these blocks is. */
static size_t narrow(struct bm_verify *verify, uint64_t *width)
{
    struct pair pair;
    size_t count = 0;
    *width = 0;
    for (size_t i = 0; next_pair(verify, &i, &pair);) {
        if (bm_digest_differ(pair.before, pair.after, &pair.from, &pair.to)) {
            *width = pair.to - pair.from > *width ? pair.to - pair.from : *width;
            count++;
        }
        look_at(&pair); /* 0 … 0 where nothing differs */
    }
    return count;
}

static struct bm_document_place place_of(const struct bm_caught *caught)
{
    return (struct bm_document_place){.known = caught->is_there,
                                      .id = caught->id,
                                      .ordinal = caught->ordinal,
                                      .offset = caught->offset};
}

static int are_same(const struct bm_caught *a, const struct bm_caught *b)
{
    return a->is_there && b->is_there && a->bytes.low == b->bytes.low &&
           a->bytes.high == b->bytes.high;
}

/* By the two documents where the dumps part, and the two behind them. */
static enum bm_difference_kind kind_of(const struct pair *pair)
{
    const struct bm_caught *before = pair->before->caught;
    const struct bm_caught *after = pair->after->caught;
    int is_gone = are_same(&before[1], &after[0]);
    int is_new = are_same(&before[0], &after[1]);
    if (is_gone && is_new) {
        return BM_DIFFERENCE_MOVED;
    }
    if (is_gone || !after[0].is_there) {
        return BM_DIFFERENCE_MISSING;
    }
    return is_new || !before[0].is_there ? BM_DIFFERENCE_EXTRA : BM_DIFFERENCE_CHANGED;
}

static enum bm_status tell_document(struct bm_verify *verify, const struct pair *pair,
                                    struct bm_error *err)
{
    enum bm_difference_kind kind = kind_of(pair);
    struct bm_difference difference = {.ns = pair->ns->ns, .kind = kind};
    if (kind != BM_DIFFERENCE_EXTRA) {
        difference.before = place_of(&pair->before->caught[0]);
    }
    if (kind != BM_DIFFERENCE_MISSING) {
        difference.after = place_of(&pair->after->caught[0]);
    }
    return bm_result_add_difference(verify->result, &difference, err);
}

static enum bm_status tell_block(struct bm_verify *verify, const struct pair *pair,
                                 struct bm_error *err)
{
    char what[160];
    (void)snprintf(what, sizeof what,
                   "differs somewhere among the documents %" PRIu64 " to %" PRIu64
                   " of AFTER: a pipe is not read again to find it",
                   pair->from, pair->to - 1);
    const struct bm_difference difference = {
        .ns = pair->ns->ns, .kind = BM_DIFFERENCE_CHANGED, .what = what};
    return bm_result_add_difference(verify->result, &difference, err);
}

static enum bm_status tell_all(struct bm_verify *verify,
                               enum bm_status (*tell)(struct bm_verify *, const struct pair *,
                                                      struct bm_error *),
                               struct bm_error *err)
{
    struct pair pair;
    for (size_t i = 0; next_pair(verify, &i, &pair);) {
        pair.from = pair.before->from;
        pair.to = pair.before->to;
        if (pair.from < pair.to && tell(verify, &pair, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status read_both(struct bm_verify *verify, struct bm_error *err)
{
    return bm_verify_read_before(verify, err) == BM_OK ? bm_verify_read_after(verify, err)
                                                       : BM_FAIL;
}

static void catch_all(struct bm_verify *verify)
{
    struct pair pair;
    for (size_t i = 0; next_pair(verify, &i, &pair);) {
        pair.before->catches = pair.after->catches = pair.before->from < pair.before->to;
        pair.before->wanted = pair.after->wanted = pair.before->from;
    }
}

enum bm_status bm_verify_find(struct bm_verify *verify, struct bm_error *err)
{
    uint64_t width;
    size_t first = narrow(verify, &width);
    if (first == 0) {
        return BM_OK;
    }
    if (!verify->before.work.about->repeatable || !verify->after.work.about->repeatable) {
        return tell_all(verify, tell_block, err);
    }
    while (width > 1) {
        if (read_both(verify, err) != BM_OK) {
            return BM_FAIL;
        }
        if (narrow(verify, &width) != first) {
            return bm_fail(err, BM_ERROR_IO, 0, "a dump changed while it was read");
        }
    }
    catch_all(verify);
    return read_both(verify, err) == BM_OK ? tell_all(verify, tell_document, err) : BM_FAIL;
}
