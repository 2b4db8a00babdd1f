/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "doc/number.h"
#include "repair/oplog_entry.h"
#include "repair/settle.h"

/* Bytes kept of a name: a server takes shorter ones, but the dump may be hostile. */
#define NAME_MAX_KEPT 1024u

/* An entry on its way through. */
struct reading {
    struct bm_oplog *oplog;
    uint64_t offset;
    struct bm_oplog_walk walk;
};

/* What of a command tells whether it touches uniqueness. */
enum concern {
    CONCERN_SPECS,    /* only where a specification in it is unique or prepares for it */
    CONCERN_DROPPED,  /* the index named in it; not where o2 shows one that is not unique */
    CONCERN_MODIFIED, /* only where its index member names one of the options of uniqueness */
    CONCERN_ALWAYS
};

static const struct {
    const char *name;
    enum concern concern;
} commands[] = {
    {"createIndexes", CONCERN_SPECS},    {"commitIndexBuild", CONCERN_SPECS},
    {"dropIndexes", CONCERN_DROPPED},    {"dropIndex", CONCERN_DROPPED},
    {"deleteIndexes", CONCERN_DROPPED},  {"deleteIndex", CONCERN_DROPPED},
    {"collMod", CONCERN_MODIFIED},       {"drop", CONCERN_ALWAYS},
    {"dropDatabase", CONCERN_ALWAYS},    {"renameCollection", CONCERN_ALWAYS},
    {"convertToCapped", CONCERN_ALWAYS},
};

static struct bm_view document_of(const struct bm_element *element)
{
    return element->type == BM_TYPE_OBJECT ? element->value : (struct bm_view){NULL, 0};
}

/* BM_END: no such field, or no document to look into. */
static enum bm_status find(struct bm_view document, const char *name, struct bm_element *out,
                           struct bm_error *err)
{
    return document.len > 0 ? bm_document_find(document, bm_view_text(name), out, err) : BM_END;
}

/* ---- keeping ---- */

static char *copy_name(struct bm_view db, const char *between, struct bm_view name,
                       struct bm_error *err)
{
    int db_len = (int)(db.len < NAME_MAX_KEPT ? db.len : NAME_MAX_KEPT);
    int name_len = (int)(name.len < NAME_MAX_KEPT ? name.len : NAME_MAX_KEPT);
    return bm_format_text(err, "%.*s%s%.*s", db_len, db_len > 0 ? (const char *)db.data : "",
                          between, name_len, name_len > 0 ? (const char *)name.data : "");
}

/* `collection` of length 0: the whole database; `index` so: none is named. */
static enum bm_status keep(struct reading *reading, struct bm_view db, struct bm_view collection,
                           const char *command, struct bm_view index, struct bm_error *err)
{
    struct bm_oplog *oplog = reading->oplog;
    oplog->total++;
    if (oplog->command_count >= BM_OPLOG_KEPT) {
        return BM_OK;
    }
    if (bm_grow(&oplog->commands, oplog->command_count, &oplog->capacity, sizeof *oplog->commands,
                err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_index_command *kept = &oplog->commands[oplog->command_count++];
    *kept = (struct bm_index_command){.offset = reading->offset,
                                      .seconds = reading->walk.seconds,
                                      .increment = reading->walk.increment};
    const struct bm_view none = {NULL, 0};
    kept->ns = copy_name(db, collection.len > 0 ? "." : "", collection, err);
    kept->command = bm_copy_text(command, err);
    kept->index = index.len > 0 ? copy_name(index, "", none, err) : NULL;
    return kept->ns != NULL && kept->command != NULL && (index.len == 0 || kept->index != NULL)
               ? BM_OK
               : BM_FAIL;
}

/* ---- commands ---- */

/* Whether a specification makes a unique index or one on its way to be; its name. */
static enum bm_status read_spec(struct bm_view spec, int *is_unique, struct bm_view *name,
                                struct bm_error *err)
{
    static const char *const options[] = {"unique", "prepareUnique"};
    struct bm_element element;
    *is_unique = 0;
    *name = (struct bm_view){NULL, 0};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        enum bm_status status = find(spec, options[i], &element, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        *is_unique |= status == BM_OK && bm_element_truth(&element);
    }
    enum bm_status status = find(spec, "name", &element, err);
    *name = status == BM_OK ? bm_oplog_string(&element) : *name;
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

static enum bm_status take_spec(struct reading *reading, const struct bm_oplog_operation *operation,
                                struct bm_view collection, const char *command, struct bm_view spec,
                                struct bm_error *err)
{
    int is_unique;
    struct bm_view name;
    if (read_spec(spec, &is_unique, &name, err) != BM_OK) {
        return BM_FAIL;
    }
    return is_unique
               ? keep(reading, bm_oplog_database(operation->ns), collection, command, name, err)
               : BM_OK;
}

/* The specification is the command itself, or there are several in its `indexes`. */
static enum bm_status take_specs(struct reading *reading,
                                 const struct bm_oplog_operation *operation,
                                 struct bm_view collection, const char *command,
                                 struct bm_error *err)
{
    struct bm_element element;
    enum bm_status status = find(operation->object, "indexes", &element, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_END || element.type != BM_TYPE_ARRAY) {
        return take_spec(reading, operation, collection, command, operation->object, err);
    }
    struct bm_elements specs;
    struct bm_element spec;
    if (bm_elements_open(&specs, element.value, err) != BM_OK) {
        return BM_FAIL;
    }
    while ((status = bm_elements_next(&specs, &spec, err)) == BM_OK) {
        if (take_spec(reading, operation, collection, command, document_of(&spec), err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status take_dropped(struct reading *reading,
                                   const struct bm_oplog_operation *operation,
                                   struct bm_view collection, const char *command,
                                   struct bm_error *err)
{
    int is_unique = 1; /* unless the entry shows the index that it drops */
    struct bm_view name;
    struct bm_element element;
    if (operation->second.len > 0 &&
        read_spec(operation->second, &is_unique, &name, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = find(operation->object, "index", &element, err);
    if (status == BM_FAIL || !is_unique) {
        return status == BM_FAIL ? BM_FAIL : BM_OK;
    }
    name = status == BM_OK ? bm_oplog_string(&element) : (struct bm_view){NULL, 0};
    return keep(reading, bm_oplog_database(operation->ns), collection, command, name, err);
}

static enum bm_status take_modified(struct reading *reading,
                                    const struct bm_oplog_operation *operation,
                                    struct bm_view collection, const char *command,
                                    struct bm_error *err)
{
    static const char *const options[] = {"unique", "prepareUnique", "forceNonUnique"};
    struct bm_element element;
    enum bm_status status = find(operation->object, "index", &element, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    struct bm_view index = document_of(&element);
    int is_named = 0;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        status = find(index, options[i], &element, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        is_named |= status == BM_OK;
    }
    if (!is_named) {
        return BM_OK;
    }
    status = find(index, "name", &element, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    struct bm_view name = status == BM_OK ? bm_oplog_string(&element) : (struct bm_view){NULL, 0};
    return keep(reading, bm_oplog_database(operation->ns), collection, command, name, err);
}

/* renameCollection names "db.collection" whole, the others a collection of the entry's database. */
static enum bm_status take_always(struct reading *reading,
                                  const struct bm_oplog_operation *operation, struct bm_view named,
                                  const char *command, struct bm_error *err)
{
    const struct bm_view none = {NULL, 0};
    return strcmp(command, "renameCollection") == 0
               ? keep(reading, named, none, command, none, err)
               : keep(reading, bm_oplog_database(operation->ns), named, command, none, err);
}

/* A command goes by the name of its first field. */
static enum bm_status take_command(struct reading *reading,
                                   const struct bm_oplog_operation *operation, struct bm_error *err)
{
    struct bm_element first;
    enum bm_status status = bm_oplog_first(operation, &first, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    size_t at = 0;
    size_t count = sizeof commands / sizeof *commands;
    while (at < count && !bm_view_equal(first.name, bm_view_text(commands[at].name))) {
        at++;
    }
    if (at == count) {
        return BM_OK;
    }
    const char *name = commands[at].name;
    struct bm_view named = bm_oplog_string(&first);
    switch (commands[at].concern) {
    case CONCERN_SPECS:
        return take_specs(reading, operation, named, name, err);
    case CONCERN_DROPPED:
        return take_dropped(reading, operation, named, name, err);
    case CONCERN_MODIFIED:
        return take_modified(reading, operation, named, name, err);
    case CONCERN_ALWAYS:
        return take_always(reading, operation, named, name, err);
    }
    return BM_OK;
}

/* Old servers made an index by an insert into db.system.indexes. */
static enum bm_status take_insert(struct reading *reading,
                                  const struct bm_oplog_operation *operation, struct bm_error *err)
{
    static const char indexes[] = ".system.indexes";
    struct bm_view ns = operation->ns;
    struct bm_element element;
    size_t len = sizeof indexes - 1;
    if (ns.len < len || memcmp(ns.data + ns.len - len, indexes, len) != 0) {
        return BM_OK;
    }
    enum bm_status status = find(operation->object, "ns", &element, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    struct bm_view whole = status == BM_OK ? bm_oplog_string(&element) : (struct bm_view){NULL, 0};
    struct bm_oplog_operation over = {.ns = whole};
    size_t db = bm_oplog_database(whole).len;
    struct bm_view collection = {whole.data, 0};
    if (db < whole.len) {
        collection = (struct bm_view){whole.data + db + 1, whole.len - db - 1};
    }
    return take_spec(reading, &over, collection, "createIndexes", operation->object, err);
}

static enum bm_status take_entry(struct reading *reading, struct bm_view entry,
                                 struct bm_error *err)
{
    struct bm_oplog_operation operation;
    enum bm_status status;
    bm_oplog_walk_start(&reading->walk, entry);
    while ((status = bm_oplog_walk_next(&reading->walk, &operation, err)) == BM_OK) {
        if (bm_oplog_is(&operation, "c")) {
            status = take_command(reading, &operation, err);
        } else if (bm_oplog_is(&operation, "i")) {
            status = take_insert(reading, &operation, err);
        }
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

enum bm_status bm_oplog_read(struct bm_oplog *oplog, struct bm_view entry, uint64_t offset,
                             struct bm_error *damage, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    struct reading reading = {.oplog = oplog, .offset = offset, .walk = BM_OPLOG_WALK_INIT};
    enum bm_status status = take_entry(&reading, entry, &failure);
    bm_oplog_walk_free(&reading.walk);
    if (status != BM_OK && failure.code != BM_ERROR_CORRUPT) {
        *err = failure;
        return BM_FAIL;
    }
    /* Also where no command was looked for; and this knows where in the entry the damage is. */
    if (bm_document_check(entry, NULL, damage) == BM_OK) {
        *damage = failure;
        return status == BM_OK ? BM_OK : BM_END;
    }
    return BM_END;
}

static void free_finding(struct bm_oplog_finding *finding)
{
    free(finding->ns);
    free(finding->operation);
    free(finding->field);
    free(finding->reason);
}

enum bm_status bm_oplog_add(struct bm_oplog *oplog, const struct bm_oplog_source *source,
                            struct bm_error *err)
{
    const struct bm_view none = {NULL, 0};
    oplog->finding_total++;
    if (oplog->finding_count >= BM_OPLOG_KEPT) {
        return BM_OK;
    }
    if (bm_grow(&oplog->findings, oplog->finding_count, &oplog->finding_capacity,
                sizeof *oplog->findings, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_oplog_finding *finding = &oplog->findings[oplog->finding_count++];
    *finding = (struct bm_oplog_finding){
        .offset = source->offset, .seconds = source->seconds, .increment = source->increment};
    finding->ns = copy_name(source->ns, "", none, err);
    finding->operation = copy_name(source->operation, "", none, err);
    finding->field = source->field != NULL ? bm_copy_text(source->field, err) : NULL;
    finding->reason = bm_copy_text(source->reason, err);
    return finding->ns != NULL && finding->operation != NULL && finding->reason != NULL &&
                   (source->field == NULL || finding->field != NULL)
               ? BM_OK
               : BM_FAIL;
}

static void free_command(struct bm_index_command *command)
{
    free(command->ns);
    free(command->command);
    free(command->index);
}

void bm_oplog_free(struct bm_oplog *oplog)
{
    for (size_t i = 0; i < oplog->command_count; i++) {
        free_command(&oplog->commands[i]);
    }
    free(oplog->commands);
    for (size_t i = 0; i < oplog->finding_count; i++) {
        free_finding(&oplog->findings[i]);
    }
    free(oplog->findings);
    *oplog = (struct bm_oplog){.commands = NULL};
}

static enum bm_status report_commands(const struct bm_oplog *oplog, struct bm_result *result,
                                      struct bm_error *err)
{
    result->index_command_total = oplog->total;
    result->index_commands = bm_allocate(oplog->command_count, sizeof *result->index_commands, err);
    if (result->index_commands == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < oplog->command_count; i++) {
        const struct bm_index_command *from = &oplog->commands[i];
        struct bm_index_command *to = &result->index_commands[result->index_command_count++];
        *to = *from;
        to->ns = bm_copy_text(from->ns, err);
        to->command = bm_copy_text(from->command, err);
        to->index = from->index != NULL ? bm_copy_text(from->index, err) : NULL;
        if (to->ns == NULL || to->command == NULL || (from->index != NULL && to->index == NULL)) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status report_findings(const struct bm_oplog *oplog, struct bm_result *result,
                                      struct bm_error *err)
{
    result->oplog_finding_total = oplog->finding_total;
    result->oplog_findings = bm_allocate(oplog->finding_count, sizeof *result->oplog_findings, err);
    if (result->oplog_findings == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < oplog->finding_count; i++) {
        const struct bm_oplog_finding *from = &oplog->findings[i];
        struct bm_oplog_finding *to = &result->oplog_findings[result->oplog_finding_count++];
        *to = *from;
        to->ns = bm_copy_text(from->ns, err);
        to->operation = bm_copy_text(from->operation, err);
        to->field = from->field != NULL ? bm_copy_text(from->field, err) : NULL;
        to->reason = bm_copy_text(from->reason, err);
        if (to->ns == NULL || to->operation == NULL || to->reason == NULL ||
            (from->field != NULL && to->field == NULL)) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_oplog_report(const struct bm_oplog *oplog, struct bm_result *result,
                               struct bm_error *err)
{
    return report_commands(oplog, result, err) == BM_OK ? report_findings(oplog, result, err)
                                                        : BM_FAIL;
}

static int has_rules(const struct bm_plan *plan)
{
    if (plan->replayed.count > 0) {
        return 1;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].fill_count > 0 || plan->targets[i].vetting.required != NULL) {
            return 1;
        }
    }
    return 0;
}

/* What the rules ask of a batch. */
static enum bm_status mend_batch(struct bm_plan *plan, const struct bm_batch *batch,
                                 struct bm_edits *out, struct bm_error *err)
{
    if (!has_rules(plan)) {
        return BM_OK;
    }
    if (plan->mend == NULL) {
        plan->mend = bm_oplog_mend_new(plan, err);
    }
    if (plan->mend == NULL) {
        return BM_FAIL;
    }
    plan->is_replaying = 1;
    plan->targets[batch->ns->number].documents += batch->count;
    bm_oplog_mend_clear(plan->mend);
    for (uint32_t i = 0; i < batch->count; i++) {
        if (bm_oplog_mend_entry(plan->mend, batch, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    *out = bm_oplog_mend_edits(plan->mend);
    return BM_OK;
}

enum bm_status bm_plan_oplog(struct bm_plan *plan, const struct bm_batch *batch,
                             struct bm_edits *out, struct bm_error *err)
{
    *out = (struct bm_edits){.count = 0};
    if (!plan->replays || plan->pass != BM_PASS_JUDGE) {
        return BM_OK;
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        struct bm_view entry = {batch->bytes.data + batch->at[i], batch->at[i + 1] - batch->at[i]};
        struct bm_error damage = BM_ERROR_INIT;
        uint64_t offset = batch->offset + batch->at[i];
        enum bm_status status = bm_oplog_read(&plan->oplog, entry, offset, &damage, err);
        if (status == BM_END) {
            status = bm_settle_note_damage(&plan->targets[batch->ns->number], offset, &damage, err);
        }
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return mend_batch(plan, batch, out, err);
}
