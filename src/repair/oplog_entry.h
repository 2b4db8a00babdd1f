/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OPLOG_ENTRY_H
#define BM_REPAIR_OPLOG_ENTRY_H

#include "base/buffer.h"
#include "bsonmend/document.h"

/*
 * An entry of an oplog taken apart into its operations: {ts, op, ns, o, o2 …}, and, where op is "c"
 * and o is {applyOps: [...]}, those in the array, at any depth. Facts: mongo-tools
 * common/db/oplog.go, mongorestore/oplog.go.
 */

/* One operation; lent until the next call. Views are of length 0 where a field is absent or of
 * another type. */
struct bm_oplog_operation {
    struct bm_view ns;     /* "db.collection", "db.$cmd" for commands */
    struct bm_view kind;   /* op: "i", "u", "d", "c", "n" … */
    struct bm_view object; /* o, a document */
    struct bm_view second; /* o2, a document */
    /* Positions in the entry of the lengths of what its fields lie in, outermost (0) first: its own
     * document is the last. */
    const size_t *parents;
    size_t parent_count;
    struct bm_view path; /* what stands before "o" in a path: "" or "o.applyOps.3." */
};

/* An applyOps array that is being gone through. */
struct bm_oplog_level {
    struct bm_elements operations;
    uint64_t position;
    size_t parent_count, path_len; /* of what its operations have in common */
};

/* A walk through the operations of one entry; memory is used again for the next and grows with the
 * depth of applyOps only. All zero at first, but for path: BM_OPLOG_WALK_INIT. */
struct bm_oplog_walk {
    struct bm_view entry;
    int is_begun;
    uint32_t seconds, increment; /* ts of the entry, once its own operation was given */
    struct bm_oplog_level *levels;
    size_t level_count, level_capacity;
    size_t *parents;
    size_t parent_count, parent_capacity;
    struct bm_buffer path;
};

#define BM_OPLOG_WALK_INIT                                                                         \
    {                                                                                              \
        .path = BM_BUFFER_INIT((size_t)1 << 30)                                                    \
    }

/* Starts with an entry, which must outlive the walk through it. */
void bm_oplog_walk_start(struct bm_oplog_walk *walk, struct bm_view entry);
/*
 * The next operation, in the order of their bytes; a command with operations in it comes before
 * them. BM_END: no more. BM_FAIL: memory, or BM_ERROR_CORRUPT: damage in the way.
 */
enum bm_status bm_oplog_walk_next(struct bm_oplog_walk *walk, struct bm_oplog_operation *out,
                                  struct bm_error *err) BM_MUST_USE;
void bm_oplog_walk_free(struct bm_oplog_walk *walk);

/* Whether an operation is of this kind. */
int bm_oplog_is(const struct bm_oplog_operation *operation, const char *kind);
/* The first field of what an operation carries, which names a command. BM_END: it has none.
 * BM_FAIL: damage. */
enum bm_status bm_oplog_first(const struct bm_oplog_operation *operation, struct bm_element *out,
                              struct bm_error *err) BM_MUST_USE;
/* The value of a string element without its length and NUL; len 0: another type. */
struct bm_view bm_oplog_string(const struct bm_element *element);
/* The database of "db.collection". */
struct bm_view bm_oplog_database(struct bm_view ns);

#endif
