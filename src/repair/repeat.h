/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_REPEAT_H
#define BM_REPAIR_REPEAT_H

#include "repair/mender.h"
#include "repair/token.h"

/* In the oplog a document has the token that it has in its collection. */

/* That token, for a mender of the oplog; it goes where any other goes. BM_FAIL: memory. */
enum bm_status bm_repeat_token(struct bm_mender *mender, const struct bm_fill *fill,
                               const struct bm_token_place *source, struct bm_fill_place *place,
                               struct bm_error *err) BM_MUST_USE;
/* A candidate that is taken in the collection is passed over in the oplog too; entries that went by
 * without knowing are made again. BM_FAIL: memory. */
enum bm_status bm_repeat_note(struct bm_mender *mender, const struct bm_token_place *source,
                              uint32_t attempt, struct bm_error *err) BM_MUST_USE;

#endif
