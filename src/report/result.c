/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/report.h"

#include <stdlib.h>
#include <string.h>

void bm_result_init(struct bm_result *result)
{
    *result = (struct bm_result){.error = BM_ERROR_INIT};
}

/* The result owns these although it shows them as constant; the round trip takes the const off. */
static void free_constant(const void *memory)
{
    free((void *)(uintptr_t)memory);
}

static void free_violation(struct bm_violation *violation)
{
    free_constant(violation->ns);
    free_constant(violation->index);
    free_constant(violation->key.data);
    free(violation->e11000);
    free(violation->reason);
    for (size_t i = 0; i < violation->document_count; i++) {
        free_constant(violation->documents[i].id.data);
    }
    free(violation->documents);
}

static void free_namespace(struct bm_namespace_result *ns)
{
    for (size_t i = 0; i < ns->index_count; i++) {
        free_constant(ns->indexes[i].name);
        free(ns->indexes[i].key_text);
        free_constant(ns->indexes[i].key.data);
        free(ns->indexes[i].reason);
        for (size_t j = 0; j < ns->indexes[i].mend_count; j++) {
            free(ns->indexes[i].mends[j]);
        }
        free(ns->indexes[i].mends);
        free(ns->indexes[i].unsaid);
    }
    free(ns->indexes);
    free(ns->reason);
    free_constant(ns->ns);
}

static void free_difference(struct bm_difference *difference)
{
    free_constant(difference->ns);
    free_constant(difference->what);
    free_constant(difference->before.id.data);
    free_constant(difference->after.id.data);
}

static void free_sample(struct bm_sample *sample)
{
    free(sample->ns);
    free(sample->field);
    free_constant(sample->id.data);
    free_constant(sample->before.data);
    free_constant(sample->after.data);
}

void bm_result_forget_samples(struct bm_result *result)
{
    for (size_t i = 0; i < result->sample_count; i++) {
        free_sample(&result->samples[i]);
    }
    free(result->samples);
    result->samples = NULL;
    result->sample_count = 0;
}

void bm_result_free(struct bm_result *result)
{
    for (size_t i = 0; i < result->namespace_count; i++) {
        free_namespace(&result->namespaces[i]);
    }
    for (size_t i = 0; i < result->violation_count; i++) {
        free_violation(&result->violations[i]);
    }
    for (size_t i = 0; i < result->damage_count; i++) {
        free(result->damage[i].ns);
        free(result->damage[i].what);
    }
    bm_result_forget_samples(result);
    for (size_t i = 0; i < result->index_command_count; i++) {
        free(result->index_commands[i].ns);
        free(result->index_commands[i].command);
        free(result->index_commands[i].index);
    }
    free(result->index_commands);
    for (size_t i = 0; i < result->difference_count; i++) {
        free_difference(&result->differences[i]);
    }
    free(result->differences);
    for (size_t i = 0; i < result->oplog_finding_count; i++) {
        free(result->oplog_findings[i].ns);
        free(result->oplog_findings[i].operation);
        free(result->oplog_findings[i].field);
        free(result->oplog_findings[i].reason);
    }
    free(result->oplog_findings);
    for (size_t i = 0; i < result->note_count; i++) {
        free(result->notes[i]);
    }
    free(result->namespaces);
    free(result->violations);
    free(result->damage);
    free(result->notes);
    free(result->hindrance);
    free(result->input.path);
    free(result->output.path);
    bm_result_init(result);
}

static int has_violations(const struct bm_result *result)
{
    if (result->violation_total > 0 || result->violation_count > 0 ||
        result->difference_count > 0 || result->error.code == BM_ERROR_VIOLATION) {
        return 1;
    }
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        for (size_t j = 0; j < ns->index_count; j++) {
            if (ns->indexes[j].violations > 0 || ns->indexes[j].unindexable > 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* Something that was to be judged was not, or not every mongorestore reads the dump. */
static int is_unproved(const struct bm_result *result)
{
    if (result->command == BM_COMMAND_LIST) {
        return 0;
    }
    if (result->is_doubted || result->oplog_finding_total > 0) {
        return 1;
    }
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        if (ns->reason != NULL) {
            return 1;
        }
        for (size_t j = 0; j < ns->index_count; j++) {
            const struct bm_index_result *index = &ns->indexes[j];
            if (!index->judged && index->reason != NULL) {
                return 1;
            }
        }
    }
    return 0;
}

static int has_changes(const struct bm_result *result)
{
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        if (ns->touched > 0 || ns->rejected > 0 || ns->rewritten) {
            return 1;
        }
    }
    return 0;
}

static int has_failed(const struct bm_result *result)
{
    switch (result->error.code) {
    case BM_ERROR_USAGE:
    case BM_ERROR_IO:
    case BM_ERROR_MEMORY:
    case BM_ERROR_STOPPED:
        return 1;
    case BM_ERROR_NONE:
    case BM_ERROR_TRUNCATED:
    case BM_ERROR_CORRUPT:
    case BM_ERROR_VIOLATION:
        return 0;
    }
    return 1;
}

static int is_damaged(const struct bm_result *result)
{
    return result->damage_count > 0 || result->error.code == BM_ERROR_TRUNCATED ||
           result->error.code == BM_ERROR_CORRUPT;
}

enum bm_outcome bm_result_outcome(const struct bm_result *result)
{
    if (has_failed(result)) {
        return BM_OUTCOME_FAILED;
    }
    if (is_damaged(result)) {
        return BM_OUTCOME_DAMAGED;
    }
    if (has_violations(result)) {
        return BM_OUTCOME_VIOLATIONS;
    }
    if (is_unproved(result)) {
        return BM_OUTCOME_UNPROVED;
    }
    return has_changes(result) ? BM_OUTCOME_MENDED : BM_OUTCOME_CLEAN;
}

const char *bm_outcome_name(enum bm_outcome outcome)
{
    switch (outcome) {
    case BM_OUTCOME_CLEAN:
        return "clean";
    case BM_OUTCOME_MENDED:
        return "mended";
    case BM_OUTCOME_UNPROVED:
        return "unproved";
    case BM_OUTCOME_VIOLATIONS:
        return "violations";
    case BM_OUTCOME_DAMAGED:
        return "damaged";
    case BM_OUTCOME_FAILED:
        return "failed";
    }
    return "failed";
}

int bm_result_is_end(const struct bm_result *result, const struct bm_damage *damage)
{
    const struct bm_error *error = &result->error;
    return (error->code == BM_ERROR_TRUNCATED || error->code == BM_ERROR_CORRUPT) &&
           error->offset == damage->offset && damage->ns != NULL && damage->what != NULL &&
           strcmp(error->ns, damage->ns) == 0 && strcmp(error->text, damage->what) == 0;
}

int bm_result_exit(const struct bm_result *result)
{
    if (result->error.code == BM_ERROR_STOPPED && result->signal_number > 0) {
        return 128 + result->signal_number;
    }
    int worst = bm_error_exit(result->error.code);
    if (is_damaged(result) && worst < 3) {
        worst = 3;
    }
    if ((has_violations(result) || is_unproved(result)) && worst < 1) {
        worst = 1;
    }
    return worst;
}
