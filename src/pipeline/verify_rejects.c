/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/verify_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

#define EMPTY_DOCUMENT 5u /* bytes */

/* The collection that "c.rejects" or "c.rejects-2" is of. len 0: it is no such name. */
static struct bm_view collection_of(const char *name)
{
    static const char word[] = ".rejects";
    size_t len = strlen(name);
    size_t digits = 0;
    while (digits < len && name[len - digits - 1] >= '0' && name[len - digits - 1] <= '9') {
        digits++;
    }
    if (digits > 0 && digits < len && name[len - digits - 1] == '-') {
        len -= digits + 1;
    }
    size_t end = sizeof word - 1;
    int is = len > end && memcmp(name + len - end, word, end) == 0;
    return (struct bm_view){(const uint8_t *)name, is ? len - end : 0};
}

static enum bm_status tell(struct bm_verify *verify, const char *ns, const char *what,
                           struct bm_error *err)
{
    const struct bm_difference difference = {.ns = ns, .kind = BM_DIFFERENCE_REJECTS, .what = what};
    return bm_result_add_difference(verify->result, &difference, err);
}

/* Sums what the rejects hold by the numbers of BEFORE's namespaces. */
static enum bm_status sum_up(struct bm_verify *verify, const struct bm_verify_side *side,
                             struct bm_heap *heaps, struct bm_error *err)
{
    const struct bm_catalog *before = bm_source_catalog(verify->before.work.source);
    const struct bm_catalog *catalog = bm_source_catalog(side->work.source);
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        const struct bm_namespace *of =
            bm_catalog_find(before, bm_view_text(ns->db), collection_of(ns->collection));
        if (of != NULL) {
            bm_heap_add(&heaps[of->number], &side->digests.list[i].kept);
        } else if (tell(verify, ns->ns, "is among the rejects, and of no namespace of BEFORE",
                        err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status compare(struct bm_verify *verify, const struct bm_heap *heaps,
                              struct bm_error *err)
{
    const struct bm_catalog *before = bm_source_catalog(verify->before.work.source);
    for (size_t i = 0; i < bm_catalog_count(before); i++) {
        const struct bm_heap *taken_out = &verify->before.digests.list[i].taken_out;
        char what[192];
        if (bm_heap_equal(taken_out, &heaps[i])) {
            continue;
        }
        (void)snprintf(
            what, sizeof what, "has %" PRIu64 " %s taken out, and the rejects %" PRIu64 "%s",
            taken_out->documents, taken_out->documents == 1 ? "document" : "documents",
            heaps[i].documents,
            taken_out->documents == heaps[i].documents ? ", not all of them the same" : "");
        if (tell(verify, bm_catalog_namespace(before, i)->ns, what, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status read_rejects(struct bm_verify *verify, struct bm_verify_side *side,
                                   struct bm_error *err)
{
    static const struct bm_rules everything;
    side->options = (struct bm_run_options){.command = BM_COMMAND_CHECK,
                                            .input = {.path = verify->options->rejects,
                                                      .chunk = verify->options->input.chunk,
                                                      .threads = verify->options->input.threads},
                                            .rules = &everything,
                                            .memory = verify->options->memory,
                                            .folder = verify->options->folder,
                                            .group_limit = 1,
                                            .document_limit = 1,
                                            .stop = verify->options->stop};
    side->work = (struct bm_work){.options = &side->options, .result = &verify->unheard_rejects};
    if (bm_work_open(&side->work, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t count = bm_catalog_count(bm_source_catalog(side->work.source));
    side->work.digests = &side->digests;
    side->work.hash_key = verify->before.work.hash_key;
    return bm_digests_init(&side->digests, count, &side->work.hash_key, err) == BM_OK &&
                   bm_work_make_plan(&side->work, err) == BM_OK &&
                   bm_work_settle(&side->work, 0, err) == BM_OK
               ? bm_work_tell(&side->work, err)
               : BM_FAIL;
}

/* They restore whole: no _id comes twice in a collection, and none has what could refuse one. */
static enum bm_status look_into(struct bm_verify *verify, const struct bm_verify_side *side,
                                struct bm_error *err)
{
    const struct bm_catalog *catalog = bm_source_catalog(side->work.source);
    const struct bm_result *found = &verify->unheard_rejects;
    if (found->is_doubted &&
        tell(verify, verify->options->rejects,
             "are rejects that mongorestore may not start on: check says why", err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        int has_more = ns->metadata_state == BM_METADATA_UNREADABLE || ns->index_count > 1 ||
                       ns->options.len > EMPTY_DOCUMENT;
        if (has_more &&
            tell(verify, ns->ns, "is among the rejects with metadata that fix does not give them",
                 err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < found->violation_count; i++) {
        const struct bm_violation *violation = &found->violations[i];
        if (violation->kind == BM_VIOLATION_DUPLICATE &&
            tell(verify, violation->ns, "is among the rejects and has an _id twice", err) !=
                BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_verify_rejects(struct bm_verify *verify, struct bm_error *err)
{
    struct stat found;
    if (verify->options->rejects == NULL) {
        return BM_OK;
    }
    /* None is made where nothing is taken out. */
    int is_absent = lstat(verify->options->rejects, &found) != 0 && errno == ENOENT;
    size_t count = bm_catalog_count(bm_source_catalog(verify->before.work.source));
    struct bm_verify_side side = {.digests = {0}};
    struct bm_heap *heaps = bm_allocate(count, sizeof *heaps, err);
    enum bm_status status = heaps != NULL ? BM_OK : BM_FAIL;
    if (status == BM_OK && !is_absent) {
        status = read_rejects(verify, &side, err) == BM_OK && look_into(verify, &side, err) == BM_OK
                     ? sum_up(verify, &side, heaps, err)
                     : BM_FAIL;
    }
    if (status == BM_OK) {
        status = compare(verify, heaps, err);
    }
    bm_digests_free(&side.digests);
    bm_work_free(&side.work);
    free(heaps);
    return status;
}
