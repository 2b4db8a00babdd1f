/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OPLOG_H
#define BM_REPAIR_OPLOG_H

#include "bsonmend/report.h"

/*
 * Commands of an oplog that make, change or take away unique indexes or what they are over: they
 * are not judged, this only tells who reads the verdict on the files what the replay will do to it.
 * Facts: mongo-tools mongorestore/oplog.go, common/idx/index_catalog.go. And operations that may
 * undo what rules mend, which oplog_mend.h finds.
 */

#define BM_OPLOG_KEPT 1000u /* commands, and findings, listed; all are counted */

/* All zero at first. */
struct bm_oplog {
    struct bm_index_command *commands; /* the first of them, in the oplog's order; owned */
    size_t command_count;
    size_t capacity;
    uint64_t total;
    struct bm_oplog_finding *findings; /* likewise */
    size_t finding_count, finding_capacity;
    uint64_t finding_total;
};

/* What a finding is made of; all is copied. */
struct bm_oplog_source {
    uint64_t offset;
    uint32_t seconds, increment;
    struct bm_view ns, operation;
    const char *field; /* NULL: all fields of rules */
    const char *reason;
};

/*
 * Reads one entry, which stands at `offset` of the decoded file or archive. Operations inside
 * applyOps are looked at too, however deep they lie; memory grows with that depth only. BM_END: the
 * entry is damaged inside, as *damage tells; what was found before the damage stays. BM_FAIL:
 * memory.
 */
enum bm_status bm_oplog_read(struct bm_oplog *oplog, struct bm_view entry, uint64_t offset,
                             struct bm_error *damage, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_oplog_add(struct bm_oplog *oplog, const struct bm_oplog_source *source,
                            struct bm_error *err) BM_MUST_USE;
void bm_oplog_free(struct bm_oplog *oplog); /* leaves it all zero */

/* Adds copies of commands and findings and their totals to a result. BM_FAIL: memory. */
enum bm_status bm_oplog_report(const struct bm_oplog *oplog, struct bm_result *result,
                               struct bm_error *err) BM_MUST_USE;

#endif
