/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/oplog_command.h"

/* Commands after which no document has less in it than before. */
static const char *const harmless[] = {"applyOps",
                                       "create",
                                       "createIndexes",
                                       "commitIndexBuild",
                                       "startIndexBuild",
                                       "abortIndexBuild",
                                       "dropIndexes",
                                       "dropIndex",
                                       "deleteIndexes",
                                       "deleteIndex",
                                       "collMod",
                                       "drop",
                                       "dropDatabase",
                                       "convertToCapped",
                                       "emptycapped",
                                       "dbCheck",
                                       "commitTransaction",
                                       "abortTransaction",
                                       "setMultikeyMetadata"};

static int is_harmless(struct bm_view name)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (bm_view_equal(name, bm_view_text(harmless[i]))) {
            return 1;
        }
    }
    return 0;
}

static int is_among(const struct bm_target *const *targets, size_t count, struct bm_view ns)
{
    for (size_t i = 0; i < count; i++) {
        if (bm_view_equal(ns, bm_view_text(targets[i]->ns->ns))) {
            return 1;
        }
    }
    return 0;
}

/* Commands of admin may be about any database. */
static int is_of_database(const struct bm_target *const *targets, size_t count, struct bm_view db)
{
    for (size_t i = 0; i < count; i++) {
        if (bm_view_equal(db, bm_oplog_database(bm_view_text(targets[i]->ns->ns)))) {
            return 1;
        }
    }
    return bm_view_equal(db, bm_view_text("admin"));
}

static enum bm_status read_rename(const struct bm_target *const *targets, size_t count,
                                  const struct bm_oplog_operation *operation,
                                  const struct bm_element *from, struct bm_oplog_risk *risk,
                                  struct bm_error *err)
{
    struct bm_element to;
    enum bm_status status = bm_document_find(operation->object, bm_view_text("to"), &to, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_OK && is_among(targets, count, bm_oplog_string(&to))) {
        risk->reason = "another collection comes in the place of this one";
    } else if (is_among(targets, count, bm_oplog_string(from))) {
        risk->reason = "the collection is renamed, and the rules do not follow it";
    }
    return BM_OK;
}

enum bm_status bm_oplog_risk_command(const struct bm_target *const *targets, size_t count,
                                     const struct bm_oplog_operation *operation,
                                     struct bm_view *name, struct bm_oplog_risk *risk,
                                     struct bm_error *err)
{
    struct bm_element first;
    *name = operation->kind;
    enum bm_status status = bm_oplog_first(operation, &first, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    *name = first.name;
    if (is_harmless(first.name) || risk->reason != NULL) {
        return BM_OK;
    }
    if (bm_view_equal(first.name, bm_view_text("renameCollection"))) {
        return read_rename(targets, count, operation, &first, risk, err);
    }
    if (is_of_database(targets, count, bm_oplog_database(operation->ns))) {
        risk->reason = "the command is not known";
    }
    return BM_OK;
}
