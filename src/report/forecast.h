/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_FORECAST_H
#define BM_REPORT_FORECAST_H

#include "bsonmend/report.h"

/*
 * What mongorestore (100.4.0 and later, without options that change it) will do with the dump of a
 * result: for fix, with what the rules make of it, written or not. Namespaces that were not
 * selected are taken as left out of the restore too. Where the dump has an oplog, the forecast is
 * of its files alone: the replay comes between the load and the indexes and may change both.
 *
 * Facts: mongorestore/restore.go, mongorestore/metadata.go, common/db/db.go. All data is loaded
 * first, then each collection gets its secondary indexes in one createIndexes command: one that
 * fails loses all of them, and workers for other collections are cut off where they are. The _id
 * index goes with the create command: where that is refused the load ends. An insert refused with
 * 11000 (duplicate key) or 121 (the validator) is skipped (common/db/db.go, ignorable errors); one
 * refused otherwise, and a document over 16 MiB, ends the load.
 */

enum bm_restore_end {
    BM_RESTORE_UNKNOWN,
    BM_RESTORE_COMPLETE,
    BM_RESTORE_INDEX_FAILS, /* the data is in; index building stopped */
    BM_RESTORE_LOAD_STOPS,  /* a part of the data is in; no secondary index is built */
    BM_RESTORE_NOT_STARTED  /* metadata that mongorestore cannot read: nothing is restored */
};

#define BM_EXIT_UNKNOWN (-1)

struct bm_forecast {
    enum bm_restore_end end;
    int exit;           /* mongorestore's, 0 or 1, or BM_EXIT_UNKNOWN */
    const char *reason; /* why end or exit are not known, static; NULL: they are */
};

/* What becomes of the secondary indexes of a namespace. One command makes them all: they share it.
 */
enum bm_fate {
    BM_FATE_BUILT, /* also of none */
    BM_FATE_LOST,
    BM_FATE_UNSURE
};

/* Allocates nothing, cannot fail. The result of check or fix. */
struct bm_forecast bm_forecast_make(const struct bm_result *result);
enum bm_fate bm_forecast_fate(const struct bm_forecast *forecast, const struct bm_result *result,
                              const struct bm_namespace_result *ns);
/* Whether this index is one that a restore builds after the data: in the metadata, not _id's. */
int bm_forecast_is_secondary(const struct bm_namespace_result *ns, size_t number);
/* Whether the server refuses to build this index over these documents, or at all. */
int bm_forecast_is_lost(const struct bm_index_result *index);
/* Documents that mongorestore skips because an earlier one has their _id. */
uint64_t bm_forecast_dropped(const struct bm_namespace_result *ns);
/* Documents that mongorestore skips because the validator of their collection refuses them. */
uint64_t bm_forecast_refused(const struct bm_result *result, const struct bm_namespace_result *ns);
/* Whether it skips any, or may. An index is judged over all documents of the dump: what is in its
 * way may then never get to the server. */
int bm_forecast_skips(const struct bm_result *result, const struct bm_namespace_result *ns);

#endif
