/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_INDEX_NOTES_H
#define BM_REPAIR_INDEX_NOTES_H

#include "repair/plan.h"

/* What a verdict is silent about and somebody has to know all the same. */

/* Notes each index of a judged namespace that is built over duplicates and refuses new ones from
 * then on (prepareUnique; no server before 6.0 knows it). */
enum bm_status bm_plan_note_indexes(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;

/*
 * NULL in *out, or a malloc'd note: duplicates of this track share a Timestamp(0, 0) that lies at
 * the top of the document. A plain insert puts the server's time in its place (insert.cpp,
 * fixDocumentForInsert); a mongorestore that knows of it puts the zeros back (empty_timestamp.go).
 */
enum bm_status bm_note_zero_times(const struct bm_target *target, const struct bm_track *track,
                                  char **out, struct bm_error *err) BM_MUST_USE;

#endif
