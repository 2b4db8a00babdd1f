/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OPLOG_RISK_H
#define BM_REPAIR_OPLOG_RISK_H

#include "repair/oplog_entry.h"
#include "repair/plan.h"

/*
 * Whether an operation of the oplog may leave a field empty that a rule mends. What is not
 * understood may. Facts on updates: mongo src/mongo/db/update/document_diff_serialization.h ($v:2),
 * update/update_oplog_entry_version.h; on commands: mongo-tools mongorestore/oplog.go.
 */
struct bm_oplog_risk {
    const char *field;  /* the rule's, NULL: none in particular */
    const char *reason; /* static, NULL: there is no risk */
};

/* All take a structure that was checked; BM_FAIL then means memory. They leave a risk that was
 * found before as it is. */

/* A document that is inserted, or put in place of another, as the rules left it. */
enum bm_status bm_oplog_risk_document(const struct bm_target *target, struct bm_view document,
                                      struct bm_oplog_risk *risk, struct bm_error *err) BM_MUST_USE;
/* The o of an update that is no whole document: operators, or differences. */
enum bm_status bm_oplog_risk_update(const struct bm_target *target, struct bm_view update,
                                    struct bm_oplog_risk *risk, struct bm_error *err) BM_MUST_USE;
/* What an operation finds its document by: it finds none that was filled if it asks for what was
 * empty. */
enum bm_status bm_oplog_risk_lookup(const struct bm_target *target, struct bm_view document,
                                    struct bm_oplog_risk *risk, struct bm_error *err) BM_MUST_USE;
#endif
