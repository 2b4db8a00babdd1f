/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "repair/fill.h"

/* A fill that nobody asked for, of one field of the index. */
struct proposal {
    int is_possible;
    int is_ruled_out;    /* a rule is for a field above or inside it */
    struct bm_fill fill; /* its field borrows from the index */
    uint64_t mended;
};

struct bm_advice {
    const struct bm_plan *plan;
    const struct bm_target *target;
    struct proposal *proposals; /* one a field of the index */
    size_t count;
    struct bm_fill_walk walk;
    uint64_t beyond;
};

static int are_nested(const char *field, const char *other)
{
    return bm_path_is_inside(field, other) || bm_path_is_inside(other, field);
}

/* Whether a rule for it would be taken and change something, if documents lack it. */
static int can_fill(const struct bm_advice *advice, const char *field)
{
    const struct bm_target *target = advice->target;
    if (target->ns->kind != BM_NAMESPACE_COLLECTION || bm_bind_is_oplog(target->ns) ||
        bm_path_is_id(field) || bm_path_has_position(field)) {
        return 0;
    }
    for (size_t i = 0; i < target->fill_count; i++) {
        if (strcmp(target->fills[i].field, field) == 0) {
            return 0; /* it was filled where it can be */
        }
    }
    return 1;
}

static enum bm_status propose(struct bm_advice *advice, const char *field, struct bm_error *err)
{
    struct proposal *proposal = &advice->proposals[advice->count++];
    proposal->fill.field = field;
    static const struct bm_token_shape any = {.kind = BM_TOKEN_UNSAID};
    proposal->fill.refills = BM_NO_TRACK;
    proposal->fill.shape = &any;
    proposal->fill.empty = advice->plan->options.rules->empty;
    if (!can_fill(advice, field)) {
        return BM_OK;
    }
    for (size_t i = 0; i < advice->target->fill_count; i++) {
        proposal->is_ruled_out |= are_nested(advice->target->fills[i].field, field);
    }
    struct bm_error too_long = BM_ERROR_INIT;
    if (bm_fill_split(&proposal->fill, &too_long) == BM_OK) {
        proposal->is_possible = 1;
        return BM_OK;
    }
    if (too_long.code == BM_ERROR_USAGE) {
        return BM_OK;
    }
    *err = too_long;
    return BM_FAIL;
}

struct bm_advice *bm_advice_new(const struct bm_plan *plan, const struct bm_target *target,
                                const struct bm_index *index, struct bm_error *err)
{
    struct bm_advice *advice = bm_allocate(1, sizeof *advice, err);
    if (advice == NULL) {
        return NULL;
    }
    size_t count = bm_index_field_count(index);
    advice->plan = plan;
    advice->target = target;
    advice->proposals = bm_allocate(count, sizeof *advice->proposals, err);
    if (advice->proposals == NULL) {
        bm_advice_free(advice);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (propose(advice, bm_index_field(index, i), err) != BM_OK) {
            bm_advice_free(advice);
            return NULL;
        }
    }
    return advice;
}

void bm_advice_free(struct bm_advice *advice)
{
    if (advice == NULL) {
        return;
    }
    for (size_t i = 0; i < advice->count; i++) {
        free(advice->proposals[i].fill.components);
    }
    free(advice->proposals);
    bm_fill_walk_free(&advice->walk);
    free(advice);
}

/* BM_END: a fill of this field leaves the document as it is. */
static enum bm_status try_fill(struct bm_advice *advice, const struct proposal *proposal,
                               struct bm_view document, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_fill fill = proposal->fill;
    const struct bm_target alone = {.fills = &fill, .fill_count = 1};
    if (bm_fill_find(&advice->walk, &alone, document, NULL, &damage) == BM_OK) {
        return advice->walk.count > 0 ? BM_OK : BM_END;
    }
    if (damage.code == BM_ERROR_CORRUPT) {
        return BM_END;
    }
    *err = damage;
    return BM_FAIL;
}

enum bm_status bm_advice_take(struct bm_advice *advice, const struct bm_key *key,
                              struct bm_view document, struct bm_error *err)
{
    int is_empty = 0;
    for (size_t i = 0; i < advice->count; i++) {
        struct proposal *proposal = &advice->proposals[i];
        unsigned empty = (unsigned)bm_part_emptiness(&key->parts[i]);
        if (!proposal->is_possible || (empty & proposal->fill.empty) == 0) {
            continue;
        }
        is_empty = 1;
        enum bm_status status = try_fill(advice, proposal, document, err);
        if (status == BM_OK) {
            proposal->mended++;
        }
        if (status != BM_END) {
            return status;
        }
    }
    advice->beyond += is_empty ? 1 : 0;
    return BM_OK;
}

uint64_t bm_advice_mended(const struct bm_advice *advice, size_t field)
{
    return advice->proposals[field].mended;
}

/* Whether one of the first `count` proposals that mend something is of a field above or inside. */
static int has_nested(const struct bm_advice *advice, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        if (advice->proposals[i].mended > 0 && are_nested(advice->proposals[i].fill.field, field)) {
            return 1;
        }
    }
    return 0;
}

int bm_advice_is_ruled_out(const struct bm_advice *advice, size_t number)
{
    const struct proposal *proposal = &advice->proposals[number];
    const char *field = proposal->fill.field;
    const struct bm_target *target = advice->target;
    size_t own = 0;
    for (; own < target->track_count && target->tracks[own].advice != advice; own++) {
        const struct bm_advice *before = target->tracks[own].advice;
        if (before != NULL && has_nested(before, before->count, field)) {
            return 1;
        }
    }
    return proposal->is_ruled_out || has_nested(advice, number, field);
}

uint64_t bm_advice_beyond(const struct bm_advice *advice)
{
    return advice->beyond;
}

/*
 * How a shell takes a word of the dump as it is: bare, in single quotes, or (NULL) not in a way
 * that survives being shown, as quotes, backslashes and what is not plain text are. The dump may be
 * hostile.
 */
static const char *quote_for(const char *ns, const char *field)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    const char *words[] = {ns, field};
    const char *quote = "";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strpbrk(words[i], "'\\") != NULL || !bm_utf8_all_plain(bm_view_text(words[i]))) {
            return NULL;
        }
        for (const char *at = words[i]; *at != '\0'; at++) {
            quote = strchr(safe, *at) == NULL ? "'" : quote;
        }
    }
    return quote;
}

enum bm_status bm_advice_option(const struct bm_advice *advice, size_t field, char **out,
                                struct bm_error *err)
{
    *out = NULL;
    const struct proposal *proposal = &advice->proposals[field];
    const char *name = proposal->fill.field;
    const char *ns = advice->target->ns->ns;
    if (bm_advice_is_ruled_out(advice, field)) {
        return BM_OK;
    }
    /* The first = ends a rule's left part, and the last colon before it the namespace. */
    if (!proposal->is_possible || strpbrk(name, ":=") != NULL || strchr(ns, '=') != NULL) {
        return BM_OK;
    }
    const char *quote = quote_for(ns, name);
    if (quote == NULL) {
        return BM_OK;
    }
    *out = bm_format_text(err, "--fill %s%s:%s=hex:32%s", quote, ns, name, quote);
    return *out != NULL ? BM_OK : BM_FAIL;
}

uint64_t bm_advice_left(const struct bm_track *track)
{
    uint64_t mended = 0;
    for (size_t i = 0; track->advice != NULL && i < track->advice->count; i++) {
        mended += bm_advice_mended(track->advice, i);
    }
    return track->found.violations - mended;
}

enum bm_status bm_advice_reject(const struct bm_plan *plan, const struct bm_target *target,
                                const struct bm_track *track, char **out, struct bm_error *err)
{
    const char *index = bm_index_name(track->index);
    const char *ns = target->ns->ns;
    *out = NULL;
    if (bm_advice_left(track) == 0 || track->has_action || bm_bind_unmendable(target->ns) != NULL ||
        plan->replays || strpbrk(index, ":=") != NULL || strchr(ns, '=') != NULL) {
        return BM_OK;
    }
    const char *quote = quote_for(ns, index);
    if (quote == NULL) {
        return BM_OK;
    }
    *out = bm_format_text(err, "--onDuplicate %s%s:%s=reject%s", quote, ns, index, quote);
    return *out != NULL ? BM_OK : BM_FAIL;
}
