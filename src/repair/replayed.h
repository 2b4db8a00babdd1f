/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_REPLAYED_H
#define BM_REPAIR_REPLAYED_H

#include "repair/plan.h"

/*
 * The target of a namespace that only the oplog may have (struct bm_replayed), made where there is
 * none yet. Whether the oplog knows it shows
 * once it was read. BM_END: the dump has no oplog to look into, or the name is none of a
 * collection's. BM_FAIL: memory.
 */
enum bm_status bm_replayed_find(struct bm_plan *plan, const char *ns, struct bm_target **out,
                                struct bm_error *err) BM_MUST_USE;
void bm_replayed_free(struct bm_replayed *replayed);

#endif
