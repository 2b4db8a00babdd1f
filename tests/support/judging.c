/* SPDX-License-Identifier: Apache-2.0 */
#include "support/judging.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repair/plan.h"
#include "base/memory.h"
#include "catalog/build.h"
#include "doc/extjson.h"
#include "repair/token.h"
#include "repair/token_key.h"

#define BUFFER_MAX ((size_t)256 << 20)

static struct bm_token_key *fixed_key(void)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_token_key *key = bm_token_key_random(&err);
    cr_assert_not_null(key);
    for (size_t i = 0; i < sizeof key->bytes; i++) {
        key->bytes[i] = (uint8_t)i;
    }
    return key;
}

void judging_start(struct judging *judging)
{
    *judging = (struct judging){
        .err = BM_ERROR_INIT,
        .hash_key = {{1, 2, 3}},
        .token_key = fixed_key(),
        .container = BM_CONTAINER_DIRECTORY,
        .repeatable = 1,
        .group_limit = 10,
        .document_limit = 5,
        .documents = BM_BUFFER_INIT(BUFFER_MAX),
        .output = BM_BUFFER_INIT(BUFFER_MAX),
        .changes = BM_BUFFER_INIT(BUFFER_MAX),
    };
    bm_rules_init(&judging->rules);
    judging->catalog = bm_catalog_new(&judging->err);
    cr_assert_not_null(judging->catalog);
}

void judging_stop(struct judging *judging)
{
    bm_plan_free(judging->plan);
    bm_catalog_free(judging->catalog);
    bm_rules_free(&judging->rules);
    bm_token_key_free(judging->token_key);
    bm_buffer_free(&judging->documents);
    bm_buffer_free(&judging->output);
    bm_buffer_free(&judging->changes);
    free(judging->at);
    cr_assert_eq(judging->budget.used, 0, "sets were not given back");
}

size_t judging_namespace(struct judging *judging, const char *db, const char *collection,
                         const char *metadata)
{
    struct bm_catalog_entry entry = {
        .db = bm_view_text(db),
        .collection = bm_view_text(collection),
        .has_data = 1,
    };
    if (metadata != NULL) {
        entry.metadata = bm_view_text(metadata);
    }
    const struct bm_namespace *ns = NULL;
    cr_assert_eq(bm_catalog_add(judging->catalog, &entry, &ns, &judging->err), BM_OK, "%s",
                 judging->err.text);
    return ns->number;
}

void judging_fill(struct judging *judging, const char *rule)
{
    cr_assert_eq(bm_rules_add_fill(&judging->rules, rule, &judging->err), BM_OK, "%s",
                 judging->err.text);
}

void judging_unique(struct judging *judging, const char *rule)
{
    cr_assert_eq(bm_rules_add_unique(&judging->rules, rule, &judging->err), BM_OK, "%s",
                 judging->err.text);
}

void judging_on_duplicate(struct judging *judging, const char *rule)
{
    cr_assert_eq(bm_rules_add_duplicate(&judging->rules, rule, &judging->err), BM_OK, "%s",
                 judging->err.text);
}

void judging_keep(struct judging *judging, const char *rule)
{
    cr_assert_eq(bm_rules_add_keep(&judging->rules, rule, &judging->err), BM_OK, "%s",
                 judging->err.text);
}

enum bm_status judging_plan(struct judging *judging)
{
    struct bm_plan_options options = {
        .purpose = BM_PLAN_FIX,
        .rules = &judging->rules,
        .catalog = judging->catalog,
        .server_version = judging->server_version,
        .container = judging->container,
        .token_key = judging->token_key,
        .hash_key = &judging->hash_key,
        .budget = &judging->budget,
        .repeatable = judging->repeatable,
        .entry_most = judging->entry_most,
        .group_limit = judging->group_limit,
        .document_limit = judging->document_limit,
    };
    judging->err = BM_ERROR_INIT;
    bm_plan_free(judging->plan);
    judging->plan = bm_plan_new(&options, &judging->err);
    return judging->plan != NULL ? BM_OK : BM_FAIL;
}

void judging_bytes(struct judging *judging, struct bm_view bytes)
{
    cr_assert_eq(bm_grow(&judging->at, judging->count + 1, &judging->capacity, sizeof *judging->at,
                         &judging->err),
                 BM_OK);
    judging->at[judging->count++] = (uint32_t)judging->documents.len;
    cr_assert_eq(bm_buffer_append(&judging->documents, bytes, &judging->err), BM_OK);
    judging->at[judging->count] = (uint32_t)judging->documents.len;
}

void judging_document(struct judging *judging, const char *json)
{
    struct bm_buffer document = BM_BUFFER_INIT(BUFFER_MAX);
    cr_assert_eq(bm_json_parse(bm_view_text(json), &document, &judging->err), BM_OK, "%s: %s", json,
                 judging->err.text);
    judging_bytes(judging, bm_buffer_view(&document));
    bm_buffer_free(&document);
}

void judging_clear(struct judging *judging)
{
    bm_buffer_clear(&judging->documents);
    judging->count = 0;
}

static void keep_changes(struct judging *judging, const struct bm_edits *edits)
{
    for (size_t i = 0; i < edits->change_count; i++) {
        const struct bm_change *change = &edits->changes[i];
        cr_assert_eq(bm_buffer_printf(&judging->changes, &judging->err,
                                      "%" PRIu64 "@%" PRIu64 " %s %s %s %s at %" PRIu64
                                      " before %zu after %zu\n",
                                      change->ordinal, change->offset,
                                      change->path != NULL ? change->path : "(all)",
                                      change->field != NULL ? change->field : "-", change->reason,
                                      change->index != NULL ? change->index : "-", change->at,
                                      change->before.len, change->after.len),
                     BM_OK);
    }
}

/* Writes a batch as a packer would. */
static void keep_output(struct judging *judging, const struct bm_batch *batch,
                        const struct bm_edits *edits)
{
    size_t next = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct bm_view bytes = {batch->bytes.data + batch->at[i], batch->at[i + 1] - batch->at[i]};
        if (next < edits->count && edits->edits[next].document == i) {
            const struct bm_edit *edit = &edits->edits[next++];
            cr_assert_neq(edit->verdict, BM_VERDICT_KEEP);
            bytes = edit->verdict == BM_VERDICT_DROP ? (struct bm_view){NULL, 0} : edit->bytes;
        }
        cr_assert_eq(bm_buffer_append(&judging->output, bytes, &judging->err), BM_OK);
    }
    cr_assert_eq(next, edits->count, "edits do not ascend");
}

static enum bm_status judge_batches(struct judging *judging, struct bm_judge *judge, size_t ns)
{
    uint32_t step = judging->batch > 0 ? judging->batch : judging->count;
    for (uint32_t first = 0; first < judging->count; first += step) {
        uint32_t count = judging->count - first < step ? judging->count - first : step;
        /* A copy with exact bounds, gone before the next batch, as an unpacker's would be. */
        size_t start = judging->at[first];
        size_t len = judging->at[first + count] - start;
        uint8_t *bytes = malloc(len);
        uint32_t *at = malloc((count + 1) * sizeof *at);
        cr_assert(bytes != NULL && at != NULL);
        memcpy(bytes, judging->documents.data + start, len);
        for (uint32_t i = 0; i <= count; i++) {
            at[i] = judging->at[first + i] - (uint32_t)start;
        }
        struct bm_batch batch = {
            .ns = bm_catalog_namespace(judging->catalog, ns),
            .bytes = {bytes, len},
            .at = at,
            .count = count,
            .ordinal = first,
            .offset = start,
        };
        struct bm_edits edits = {.count = 0};
        enum bm_status status = judge != NULL ? bm_judge_batch(judge, &batch, &edits, &judging->err)
                                              : bm_plan_learn(judging->plan, &batch, &judging->err);
        if (status == BM_OK) {
            keep_output(judging, &batch, &edits);
            keep_changes(judging, &edits);
        }
        free(bytes);
        free(at);
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return judge != NULL ? bm_judge_finish(judge, &judging->err) : BM_OK;
}

enum bm_status judging_pass(struct judging *judging, size_t ns, enum bm_pass pass)
{
    bm_buffer_clear(&judging->output);
    bm_buffer_clear(&judging->changes);
    judging->err = BM_ERROR_INIT;
    bm_plan_start(judging->plan, pass);
    struct bm_judge *judge = NULL;
    if (pass != BM_PASS_LEARN) {
        judge =
            bm_judge_new(judging->plan, bm_catalog_namespace(judging->catalog, ns), &judging->err);
        cr_assert_not_null(judge, "%s", judging->err.text);
    }
    enum bm_status status = judge_batches(judging, judge, ns);
    bm_judge_free(judge);
    return status;
}

enum bm_status judging_look_ahead(struct judging *judging)
{
    static const enum bm_pass passes[] = {BM_PASS_LEARN, BM_PASS_SHARED, BM_PASS_GATHER};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        if (!bm_plan_needs(judging->plan, passes[i])) {
            continue;
        }
        cr_assert_eq(judging_pass(judging, 0, passes[i]), BM_OK, "%s", judging->err.text);
        if (bm_plan_conclude(judging->plan, &judging->err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

void judging_run(struct judging *judging)
{
    cr_assert_eq(judging_plan(judging), BM_OK, "%s", judging->err.text);
    cr_assert_eq(judging_look_ahead(judging), BM_OK, "%s", judging->err.text);
    cr_assert_eq(judging_pass(judging, 0, BM_PASS_JUDGE), BM_OK, "%s", judging->err.text);
}

struct bm_result judging_result(const struct judging *judging)
{
    struct bm_result result;
    struct bm_error err = BM_ERROR_INIT;
    bm_result_init(&result);
    cr_assert_eq(bm_plan_report(judging->plan, &result, &err), BM_OK, "%s", err.text);
    return result;
}

static void expect_bytes(const struct judging *judging, struct bm_view expected)
{
    struct bm_view output = bm_buffer_view(&judging->output);
    if (bm_view_equal(output, expected)) {
        return;
    }
    size_t at = 0;
    while (at < output.len && at < expected.len && output.data[at] == expected.data[at]) {
        at++;
    }
    cr_assert_fail("output of %zu bytes differs from %zu expected at byte %zu: %.60s", output.len,
                   expected.len, at,
                   at < output.len ? (const char *)output.data + at : "(its end)");
}

void judging_expect(const struct judging *judging, const char *const *documents)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer expected = BM_BUFFER_INIT(BUFFER_MAX);
    for (; *documents != NULL; documents++) {
        cr_assert_eq(bm_json_parse(bm_view_text(*documents), &expected, &err), BM_OK, "%s: %s",
                     *documents, err.text);
    }
    expect_bytes(judging, bm_buffer_view(&expected));
    bm_buffer_free(&expected);
}

void judging_expect_same(const struct judging *judging)
{
    expect_bytes(judging, bm_buffer_view(&judging->documents));
}

const char *judging_token(const char *ns, const char *field, const char *id_document,
                          uint32_t attempt, char *out)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer document = BM_BUFFER_INIT(BUFFER_MAX);
    struct bm_buffer value = BM_BUFFER_INIT(1024);
    struct bm_element id;
    struct bm_token_shape shape;
    struct bm_token_key *key = fixed_key();
    uint8_t type;
    cr_assert_eq(bm_json_parse(bm_view_text(id_document), &document, &err), BM_OK);
    cr_assert_eq(bm_document_find(bm_buffer_view(&document), bm_view_text("_id"), &id, &err),
                 BM_OK);
    cr_assert_eq(bm_token_shape_parse("hex:32", &shape, &err), BM_OK);
    struct bm_token_place place = {.ns = ns, .field = field, .id = id.raw};
    cr_assert_eq(bm_token_make(key, &shape, &place, attempt, &type, &value, &err), BM_OK);
    memcpy(out, value.data + 4, 33);
    bm_buffer_free(&document);
    bm_buffer_free(&value);
    bm_token_key_free(key);
    return out;
}

const char *judging_gone(const struct bm_target *target, char out[64])
{
    struct bm_gone gone = target->gone;
    out[0] = '\0';
    bm_gone_start(&gone);
    for (uint64_t i = 0; i < target->documents; i++) {
        if (bm_gone_has(&gone, i)) {
            (void)snprintf(out + strlen(out), 64 - strlen(out), "%s%d", out[0] != '\0' ? "," : "",
                           (int)i);
        }
    }
    return out;
}
