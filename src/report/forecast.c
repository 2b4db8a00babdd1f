/* SPDX-License-Identifier: Apache-2.0 */
#include "report/forecast.h"

#include <string.h>

/* What of a result decides how its restore ends. */
struct signs {
    int not_started, load_stops, index_fails;
    const char *load_doubt;  /* why it is not known whether the load goes through, NULL: it is */
    const char *index_doubt; /* why it is not known whether all indexes are built, NULL: it is */
};

/* The _id index comes first, whatever its name; one that was asked for is in no metadata. */
int bm_forecast_is_secondary(const struct bm_namespace_result *ns, size_t number)
{
    return number > 0 && !ns->indexes[number].asked;
}

int bm_forecast_is_lost(const struct bm_index_result *index)
{
    return index->refused || index->groups > 0 || index->unindexable > 0;
}

uint64_t bm_forecast_dropped(const struct bm_namespace_result *ns)
{
    return ns->index_count > 0 ? ns->indexes[0].violations : 0;
}

uint64_t bm_forecast_refused(const struct bm_result *result, const struct bm_namespace_result *ns)
{
    uint64_t refused = 0;
    for (size_t i = 0; i < result->violation_count; i++) {
        const struct bm_violation *violation = &result->violations[i];
        if (violation->kind == BM_VIOLATION_VALIDATOR && strcmp(violation->ns, ns->ns) == 0) {
            refused += violation->count;
        }
    }
    return refused;
}

int bm_forecast_skips(const struct bm_result *result, const struct bm_namespace_result *ns)
{
    return bm_forecast_dropped(ns) + bm_forecast_refused(result, ns) + ns->unvetted > 0;
}

/* What of the documents is in the way may be among those that are skipped. */
static enum bm_fate fate_alone(const struct bm_result *result, const struct bm_namespace_result *ns)
{
    enum bm_fate fate = BM_FATE_BUILT;
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_result *index = &ns->indexes[i];
        if (!bm_forecast_is_secondary(ns, i) || !bm_forecast_is_lost(index)) {
            continue;
        }
        if (index->refused || !bm_forecast_skips(result, ns)) {
            return BM_FATE_LOST;
        }
        fate = BM_FATE_UNSURE;
    }
    return fate;
}

static int has_secondary(const struct bm_namespace_result *ns)
{
    for (size_t i = 0; i < ns->index_count; i++) {
        if (bm_forecast_is_secondary(ns, i)) {
            return 1;
        }
    }
    return 0;
}

static void read_namespace(struct signs *signs, const struct bm_result *result,
                           const struct bm_namespace_result *ns)
{
    if (!ns->judged) {
        return;
    }
    signs->not_started |= ns->metadata_unreadable;
    signs->load_stops |=
        ns->index_count > 0 && (ns->indexes[0].unindexable > 0 || ns->indexes[0].refused);
    enum bm_fate fate = fate_alone(result, ns);
    signs->index_fails |= fate == BM_FATE_LOST;
    if (fate == BM_FATE_UNSURE) {
        signs->index_doubt = "documents that are skipped may be those in the way of an index";
    }
    if (ns->reason != NULL) {
        signs->index_doubt = "a namespace was not judged";
    }
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_result *index = &ns->indexes[i];
        if (index->reason != NULL && !index->asked && !index->refused) {
            signs->index_doubt = "an index was not judged";
        }
    }
}

static void read_error(struct signs *signs, const struct bm_result *result)
{
    switch (result->error.code) {
    case BM_ERROR_NONE:
        break;
    case BM_ERROR_TRUNCATED:
        /* An empty input is a collection without documents to mongorestore. */
        signs->load_stops |= result->input.bytes > 0;
        signs->load_doubt = "the dump was not read to its end";
        break;
    case BM_ERROR_CORRUPT:
    case BM_ERROR_USAGE:
    case BM_ERROR_IO:
    case BM_ERROR_MEMORY:
    case BM_ERROR_VIOLATION:
    case BM_ERROR_STOPPED:
        signs->load_doubt = "the dump was not read to its end";
        break;
    }
}

struct bm_forecast bm_forecast_make(const struct bm_result *result)
{
    struct signs signs = {0};
    for (size_t i = 0; i < result->namespace_count; i++) {
        read_namespace(&signs, result, &result->namespaces[i]);
    }
    for (size_t i = 0; i < result->violation_count; i++) {
        signs.load_stops |= result->violations[i].kind == BM_VIOLATION_OVERSIZE;
    }
    if (result->damage_count > 0) {
        /* mongorestore looks at the framing only; what the server says to the rest is not known. */
        signs.load_doubt = "documents are damaged inside";
    }
    if (result->is_doubted) {
        signs.load_doubt = "mongorestore of today does not start on it, older ones do";
    }
    read_error(&signs, result);
    if (signs.not_started) {
        return (struct bm_forecast){BM_RESTORE_NOT_STARTED, 1, NULL};
    }
    if (signs.load_stops) {
        return (struct bm_forecast){BM_RESTORE_LOAD_STOPS, 1, NULL};
    }
    if (signs.load_doubt != NULL) {
        return (struct bm_forecast){BM_RESTORE_UNKNOWN, signs.index_fails ? 1 : BM_EXIT_UNKNOWN,
                                    signs.load_doubt};
    }
    if (signs.index_fails) {
        return (struct bm_forecast){BM_RESTORE_INDEX_FAILS, 1, NULL};
    }
    if (signs.index_doubt != NULL) {
        return (struct bm_forecast){BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, signs.index_doubt};
    }
    return (struct bm_forecast){BM_RESTORE_COMPLETE, 0, NULL};
}

enum bm_fate bm_forecast_fate(const struct bm_forecast *forecast, const struct bm_result *result,
                              const struct bm_namespace_result *ns)
{
    if (!ns->judged || !has_secondary(ns)) {
        return BM_FATE_BUILT;
    }
    switch (forecast->end) {
    case BM_RESTORE_COMPLETE:
        return BM_FATE_BUILT;
    case BM_RESTORE_LOAD_STOPS:
    case BM_RESTORE_NOT_STARTED:
        return BM_FATE_LOST;
    case BM_RESTORE_INDEX_FAILS:
    case BM_RESTORE_UNKNOWN:
        break;
    }
    return fate_alone(result, ns) == BM_FATE_LOST ? BM_FATE_LOST : BM_FATE_UNSURE;
}
