/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OPLOG_COMMAND_H
#define BM_REPAIR_OPLOG_COMMAND_H

#include "repair/oplog_risk.h"

/*
 * Whether a command of the oplog may bring documents into a collection with rules, `targets`, that
 * the rules do not reach. *name is the command's, a view of the operation. BM_FAIL: memory.
 */
enum bm_status bm_oplog_risk_command(const struct bm_target *const *targets, size_t count,
                                     const struct bm_oplog_operation *operation,
                                     struct bm_view *name, struct bm_oplog_risk *risk,
                                     struct bm_error *err) BM_MUST_USE;

#endif
