/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_REPLAYED_H
#define BM_REPAIR_REPLAYED_H

#include "repair/plan.h"

/*
 * Collections that the dump does not have, but that its oplog makes: documents that are inserted
 * into them follow rules that name them. All zero at first.
 */
struct bm_replayed {
    struct bm_catalog *catalog; /* of their names, NULL: there are none. Owned */
    struct bm_target **targets; /* each of them, and the array, owned */
    size_t count, capacity;
};

/*
 * The target of such a namespace, made where there is none yet. Whether the oplog knows it shows
 * once it was read. BM_END: the dump has no oplog to look into, or the name is none of a
 * collection's. BM_FAIL: memory.
 */
enum bm_status bm_replayed_find(struct bm_plan *plan, const char *ns, struct bm_target **out,
                                struct bm_error *err) BM_MUST_USE;
void bm_replayed_free(struct bm_replayed *replayed);

#endif
