/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/oplog_mend.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repair/edits.h"
#include "repair/mender.h"
#include "repair/oplog_command.h"
#include "repair/oplog_entry.h"
#include "repair/oplog_risk.h"

/* What the edits of one batch may take, as in the mender. */
#define BATCH_MAX ((size_t)1 << 30)

/* A namespace with rules. Its own target is the judge's: a copy, with the same rules, counts what
 * is done here. */
struct follower {
    struct bm_target *own;
    struct bm_target target;
    struct bm_mender mender;
};

/* The entry under way. */
struct entry {
    struct bm_view bytes;
    uint32_t number;
    struct bm_document_place place;
    size_t len; /* as it will be */
};

struct bm_oplog_mend {
    struct bm_plan *plan;
    struct bm_target *oplog;    /* of the oplog's namespace: what is done is counted there */
    struct follower *followers; /* they do not move: their menders point into them */
    size_t follower_count;
    const struct bm_target **targets; /* of the followers */
    struct bm_oplog_walk walk;
    struct bm_splicer *splicer;
    struct bm_buffer documents, paths, elements; /* of the batch */
    struct bm_edit *edits;
    size_t edit_count, edit_capacity;
    struct bm_change *changes;
    size_t change_count, change_capacity;
    struct bm_change_mark *marks; /* one a change */
    size_t mark_capacity;
};

static enum bm_status start_follower(struct bm_oplog_mend *mend, struct bm_target *own,
                                     struct bm_error *err)
{
    if (own->fill_count == 0 && own->vetting.required == NULL) {
        return BM_OK;
    }
    struct follower *follower = &mend->followers[mend->follower_count];
    mend->targets[mend->follower_count++] = &follower->target;
    follower->own = own;
    follower->target = *own;
    follower->target.filled = follower->target.unset = (struct bm_empties){0};
    return bm_mender_start(&follower->mender, mend->plan, &follower->target, NULL, err);
}

static enum bm_status start_followers(struct bm_oplog_mend *mend, struct bm_error *err)
{
    struct bm_plan *plan = mend->plan;
    size_t count = plan->target_count + plan->replayed.count;
    mend->followers = bm_allocate(count, sizeof *mend->followers, err);
    mend->targets = bm_allocate(count, sizeof *mend->targets, err);
    if (mend->followers == NULL || mend->targets == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        struct bm_target *own = i < plan->target_count
                                    ? &plan->targets[i]
                                    : plan->replayed.targets[i - plan->target_count];
        if (start_follower(mend, own, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

struct bm_oplog_mend *bm_oplog_mend_new(struct bm_plan *plan, struct bm_error *err)
{
    struct bm_oplog_mend *mend = bm_allocate(1, sizeof *mend, err);
    if (mend == NULL) {
        return NULL;
    }
    *mend = (struct bm_oplog_mend){
        .plan = plan,
        .oplog = &plan->targets[bm_catalog_oplog(plan->options.catalog)->number],
        .walk = BM_OPLOG_WALK_INIT,
        .documents = BM_BUFFER_INIT(BATCH_MAX),
        .paths = BM_BUFFER_INIT(BATCH_MAX),
        .elements = BM_BUFFER_INIT(BATCH_MAX),
    };
    mend->splicer = bm_splicer_new(err);
    if (mend->splicer == NULL || start_followers(mend, err) != BM_OK) {
        bm_oplog_mend_free(mend);
        return NULL;
    }
    return mend;
}

void bm_oplog_mend_free(struct bm_oplog_mend *mend)
{
    if (mend == NULL) {
        return;
    }
    for (size_t i = 0; i < mend->follower_count; i++) {
        bm_mender_free(&mend->followers[i].mender);
    }
    free(mend->followers);
    free(mend->targets);
    bm_oplog_walk_free(&mend->walk);
    bm_splicer_free(mend->splicer);
    bm_buffer_free(&mend->documents);
    bm_buffer_free(&mend->paths);
    bm_buffer_free(&mend->elements);
    free(mend->edits);
    free(mend->changes);
    free(mend->marks);
    free(mend);
}

void bm_oplog_mend_clear(struct bm_oplog_mend *mend)
{
    bm_buffer_clear(&mend->documents);
    bm_buffer_clear(&mend->paths);
    bm_buffer_clear(&mend->elements);
    mend->edit_count = mend->change_count = 0;
}

static struct follower *find_follower(struct bm_oplog_mend *mend, struct bm_view ns)
{
    for (size_t i = 0; i < mend->follower_count; i++) {
        if (bm_view_equal(ns, bm_view_text(mend->followers[i].target.ns->ns))) {
            return &mend->followers[i];
        }
    }
    return NULL;
}

/* ---- findings ---- */

/* An operation that may undo what is mended: said, once an operation. */
static enum bm_status add_finding(struct bm_oplog_mend *mend, const struct entry *entry,
                                  struct bm_view ns, struct bm_view operation,
                                  const struct bm_oplog_risk *risk, struct bm_error *err)
{
    if (risk->reason == NULL) {
        return BM_OK;
    }
    const struct bm_oplog_source source = {
        .offset = entry->place.offset,
        .seconds = mend->walk.seconds,
        .increment = mend->walk.increment,
        .ns = ns,
        .operation = operation,
        .field = risk->field,
        .reason = risk->reason,
    };
    return bm_oplog_add(&mend->plan->oplog, &source, err);
}

/* ---- one document ---- */

static enum bm_status add_path(struct bm_oplog_mend *mend,
                               const struct bm_oplog_operation *operation, const char *path,
                               struct bm_error *err)
{
    if (bm_buffer_append(&mend->paths, operation->path, err) != BM_OK ||
        bm_buffer_append_text(&mend->paths, "o.", err) != BM_OK ||
        bm_buffer_append_text(&mend->paths, path, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(&mend->paths, 0, err);
}

/* A change of the document as one of its entry. */
static enum bm_status add_change(struct bm_oplog_mend *mend, const struct entry *entry,
                                 const struct bm_oplog_operation *operation,
                                 const struct bm_change *change, struct bm_error *err)
{
    if (bm_grow(&mend->changes, mend->change_count, &mend->change_capacity, sizeof *mend->changes,
                err) != BM_OK ||
        bm_grow(&mend->marks, mend->change_count, &mend->mark_capacity, sizeof *mend->marks, err) !=
            BM_OK) {
        return BM_FAIL;
    }
    mend->marks[mend->change_count] = (struct bm_change_mark){mend->paths.len, mend->elements.len};
    if (add_path(mend, operation, change->path, err) != BM_OK ||
        bm_buffer_append(&mend->elements, change->after, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_change *own = &mend->changes[mend->change_count++];
    *own = *change;
    own->ns = mend->oplog->ns;
    own->ordinal = entry->place.ordinal;
    own->offset = entry->place.offset;
    own->id = (struct bm_view){NULL, 0}; /* an entry has none */
    own->at += (uint64_t)(operation->object.data - entry->bytes.data);
    return BM_OK;
}

static void add_empties(struct bm_empties *to, struct bm_empties *from)
{
    to->missing += from->missing;
    to->null += from->null;
    to->undefined += from->undefined;
    to->blank += from->blank;
    *from = (struct bm_empties){0};
}

/* The document goes into its entry as it is now. */
static enum bm_status take_change(struct bm_oplog_mend *mend, struct entry *entry,
                                  struct follower *follower,
                                  const struct bm_oplog_operation *operation, struct bm_view edited,
                                  struct bm_error *err)
{
    struct bm_edits edits = bm_mender_edits(&follower->mender);
    size_t at = (size_t)(operation->object.data - entry->bytes.data);
    if (bm_splicer_replace(mend->splicer, at, operation->object.len, edited, operation->parents,
                           operation->parent_count, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < edits.change_count; i++) {
        if (add_change(mend, entry, operation, &edits.changes[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    entry->len = entry->len - operation->object.len + edited.len;
    if (bm_mender_settle(&follower->mender, err) != BM_OK) {
        return BM_FAIL;
    }
    add_empties(&mend->oplog->filled, &follower->target.filled);
    add_empties(&mend->oplog->unset, &follower->target.unset);
    return BM_OK;
}

/* The _id of a document, which a replacement may lack: then the entry looks it up by it. */
static enum bm_status find_id(const struct bm_oplog_operation *operation, struct bm_view *id,
                              struct bm_error *err)
{
    const struct bm_view documents[] = {operation->object, operation->second};
    struct bm_element element;
    *id = (struct bm_view){NULL, 0};
    for (size_t i = 0; i < sizeof documents / sizeof *documents && id->len == 0; i++) {
        if (documents[i].len == 0) {
            continue;
        }
        enum bm_status status = bm_document_find(documents[i], bm_view_text("_id"), &element, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        *id = status == BM_OK ? element.raw : *id;
    }
    return BM_OK;
}

/* Why a document is not changed although it should be; NULL: it may be. */
static const char *forbids(const struct bm_oplog_mend *mend, const struct entry *entry,
                           const struct bm_oplog_operation *operation,
                           const struct bm_subject *subject, struct bm_view edited)
{
    size_t len = entry->len - operation->object.len + edited.len;
    size_t most = mend->plan->options.entry_most;
    if (subject->place.id.len == 0) {
        return "the document has no _id, so that its token is not known";
    }
    if (edited.len > BM_DOCUMENT_MAX) {
        return "the document would pass 16777216 bytes";
    }
    if (len > BM_DOCUMENT_MAX_OPLOG) {
        return "its entry would pass 16793600 bytes";
    }
    if (most != 0 && len > most) {
        return "its entry would pass the 16777216 bytes that an archive takes";
    }
    return NULL;
}

/* A document as the rules left it: the field may be empty all the same, and a server that is told
 * to refuse it refuses it in a replay too. */
static enum bm_status vet_document(const struct bm_target *target, struct bm_view document,
                                   struct bm_oplog_risk *risk, struct bm_error *err)
{
    int lacks = 0;
    if (bm_oplog_risk_document(target, document, risk, err) != BM_OK ||
        bm_vetting_lacks(target, document, &lacks, err) != BM_OK) {
        return BM_FAIL;
    }
    if (lacks && risk->reason == NULL) {
        risk->reason = "the document lacks what --require asks for, and is refused";
    }
    return BM_OK;
}

static enum bm_status mend_document(struct bm_oplog_mend *mend, struct entry *entry,
                                    struct follower *follower,
                                    const struct bm_oplog_operation *operation,
                                    struct bm_oplog_risk *risk, struct bm_error *err)
{
    struct bm_subject subject = {
        .number = entry->number, .bytes = operation->object, .place = entry->place};
    struct bm_view left = operation->object;
    if (find_id(operation, &subject.place.id, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_mender_clear(&follower->mender);
    enum bm_status status = bm_mender_change(&follower->mender, &subject, NULL, &left, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_OK) {
        risk->reason = forbids(mend, entry, operation, &subject, left);
        if (risk->reason != NULL) {
            bm_mender_undo(&follower->mender);
            return BM_OK;
        }
        if (take_change(mend, entry, follower, operation, left, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return vet_document(&follower->target, left, risk, err);
}

/* ---- operations ---- */

/* An update whose o is no list of operators or differences is the new document. */
static enum bm_status is_document(const struct bm_oplog_operation *operation, int *is_whole,
                                  struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element first;
    *is_whole = 1;
    if (bm_oplog_is(operation, "i")) {
        return BM_OK;
    }
    if (bm_elements_open(&elements, operation->object, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bm_elements_next(&elements, &first, err);
    *is_whole = status == BM_END || first.name.len == 0 || first.name.data[0] != '$';
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

/* Inserts and updates. */
static enum bm_status follow_write(struct bm_oplog_mend *mend, struct entry *entry,
                                   struct follower *follower,
                                   const struct bm_oplog_operation *operation,
                                   struct bm_oplog_risk *risk, struct bm_error *err)
{
    int is_whole;
    if (operation->object.len == 0) {
        risk->reason = "the operation has no document";
        return BM_OK;
    }
    if (is_document(operation, &is_whole, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status =
        is_whole ? mend_document(mend, entry, follower, operation, risk, err)
                 : bm_oplog_risk_update(&follower->target, operation->object, risk, err);
    if (status != BM_OK || bm_oplog_is(operation, "i")) {
        return status;
    }
    return bm_oplog_risk_lookup(&follower->target, operation->second, risk, err);
}

/* What a restore does not apply (mongorestore/oplog.go). */
static int is_passed_over(const struct bm_oplog_operation *operation)
{
    static const char *const kinds[] = {"n", "cd", "ci", "cu", "km"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (bm_oplog_is(operation, kinds[i])) {
            return 1;
        }
    }
    return 0;
}

static enum bm_status follow_operation(struct bm_oplog_mend *mend, struct entry *entry,
                                       const struct bm_oplog_operation *operation,
                                       struct bm_error *err)
{
    struct follower *follower = find_follower(mend, operation->ns);
    struct bm_oplog_risk risk = {NULL, NULL};
    struct bm_view name = operation->kind;
    enum bm_status status = BM_OK;
    if (follower != NULL) {
        follower->own->replayed++;
    }
    if (bm_oplog_is(operation, "c")) {
        status = bm_oplog_risk_command(mend->targets, mend->follower_count, operation, &name, &risk,
                                       err);
    } else if (follower == NULL || is_passed_over(operation)) {
        return BM_OK;
    } else if (bm_oplog_is(operation, "i") || bm_oplog_is(operation, "u")) {
        status = follow_write(mend, entry, follower, operation, &risk, err);
    } else if (bm_oplog_is(operation, "d")) {
        status = bm_oplog_risk_lookup(&follower->target, operation->object, &risk, err);
    } else {
        risk.reason = "the operation is not known";
    }
    return status == BM_OK ? add_finding(mend, entry, operation->ns, name, &risk, err) : BM_FAIL;
}

/* ---- entries ---- */

static enum bm_status add_edit(struct bm_oplog_mend *mend, const struct entry *entry,
                               struct bm_error *err)
{
    if (bm_grow(&mend->edits, mend->edit_count, &mend->edit_capacity, sizeof *mend->edits, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    size_t start = mend->documents.len;
    if (bm_splicer_apply(mend->splicer, entry->bytes, &mend->documents, err) != BM_OK) {
        return BM_FAIL;
    }
    mend->oplog->touched++;
    mend->edits[mend->edit_count++] = (struct bm_edit){
        .document = entry->number,
        .verdict = BM_VERDICT_REPLACE,
        .bytes = {NULL, mend->documents.len - start},
    };
    return BM_OK;
}

/* What an entry would do is not known where it cannot be followed, unless it is another
 * collection's. It passes as it is. */
static enum bm_status pass_damaged(struct bm_oplog_mend *mend, const struct entry *entry,
                                   struct bm_error *err)
{
    const struct bm_oplog_risk risk = {NULL, "the entry is damaged inside"};
    struct bm_error unheard = BM_ERROR_INIT;
    struct bm_oplog_operation operation;
    bm_oplog_walk_start(&mend->walk, entry->bytes);
    if (bm_oplog_walk_next(&mend->walk, &operation, &unheard) != BM_OK) {
        operation = (struct bm_oplog_operation){.ns = {NULL, 0}};
    } else if (!bm_oplog_is(&operation, "c") && find_follower(mend, operation.ns) == NULL) {
        return BM_OK;
    }
    return add_finding(mend, entry, operation.ns, operation.kind, &risk, err);
}

enum bm_status bm_oplog_mend_entry(struct bm_oplog_mend *mend, const struct bm_batch *batch,
                                   uint32_t number, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_oplog_operation operation;
    struct entry entry = {
        .bytes = {batch->bytes.data + batch->at[number], batch->at[number + 1] - batch->at[number]},
        .number = number,
        .place = {.known = 1,
                  .ordinal = batch->ordinal + number,
                  .offset = batch->offset + batch->at[number]},
    };
    entry.len = entry.bytes.len;
    if (bm_document_check(entry.bytes, NULL, &damage) != BM_OK) {
        if (damage.code == BM_ERROR_CORRUPT) {
            return pass_damaged(mend, &entry, err);
        }
        *err = damage;
        return BM_FAIL;
    }
    enum bm_status status;
    bm_splicer_clear(mend->splicer);
    bm_oplog_walk_start(&mend->walk, entry.bytes);
    while ((status = bm_oplog_walk_next(&mend->walk, &operation, err)) == BM_OK) {
        if (follow_operation(mend, &entry, &operation, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    return bm_splicer_count(mend->splicer) > 0 ? add_edit(mend, &entry, err) : BM_OK;
}

struct bm_edits bm_oplog_mend_edits(struct bm_oplog_mend *mend)
{
    bm_edits_point(mend->edits, mend->edit_count, &mend->documents);
    bm_changes_point(mend->changes, mend->marks, mend->change_count, &mend->paths, &mend->elements);
    return (struct bm_edits){mend->edits, mend->edit_count, mend->changes, mend->change_count};
}
