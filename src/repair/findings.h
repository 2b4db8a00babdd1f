/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_FINDINGS_H
#define BM_REPAIR_FINDINGS_H

#include "bsonmend/key.h"
#include "bsonmend/report.h"
#include "bsonmend/seen.h"

/* What is kept of what was found in one index: exact totals, details within limits. */

/* Documents remembered, the first so many; ids are copies. */
struct bm_places {
    struct bm_document_place *items;
    size_t count;
    size_t capacity;
};

/*
 * Copies a place to the end unless `limit` are there. An _id over 1 KiB is left out: a report is
 * not the place for it, and the offset finds the document.
 */
enum bm_status bm_places_add(struct bm_places *places, size_t limit,
                             const struct bm_document_place *place,
                             struct bm_error *err) BM_MUST_USE;
void bm_places_free(struct bm_places *places);
/* A copy of one place with its _id; out->id is freed with free(). */
enum bm_status bm_place_copy(const struct bm_document_place *place, struct bm_document_place *out,
                             struct bm_error *err) BM_MUST_USE;
void bm_place_free(struct bm_document_place *place);

/* How a component of a key is empty; an empty array is not. */
enum bm_emptiness bm_part_emptiness(const struct bm_key_part *part);

/* Counts one more that is empty so; BM_NOT_EMPTY: nothing. */
void bm_empties_add(struct bm_empties *empties, enum bm_emptiness empty);

/* Documents that share a key. */
struct bm_group {
    struct bm_fingerprint fingerprint;
    uint64_t count; /* documents */
    struct bm_empties empties;
    struct bm_document_place first; /* known only where a pass could look for it */
    struct bm_places later;         /* from the second document on */
    struct bm_view key;             /* BSON document, len 0: too long to keep; owned */
    char *e11000;                   /* NULL: only records tell of the group */
    uint64_t order;                 /* such a group's: grows with the second document */
};

struct bm_findings {
    uint64_t keys;
    uint64_t groups;
    uint64_t violations;
    uint64_t unindexable;
    struct bm_group *kept; /* in the order of their second documents */
    size_t kept_count;
    size_t kept_capacity;
    uint32_t *slots; /* hash table: index into kept + 1, 0: free */
    size_t slot_count;
    struct bm_places unindexable_places;
    char *unindexable_reason; /* of the first such document */
};

void bm_findings_free(struct bm_findings *findings); /* leaves it empty */
/* Groups whose first document is not known. */
size_t bm_findings_unknown(const struct bm_findings *findings);

/* One key of one document as the findings need it. */
struct bm_finding {
    const char *ns;
    const struct bm_index *index;
    const struct bm_key *key;
    struct bm_fingerprint fingerprint;
    struct bm_document_place place; /* lent */
    size_t group_limit;
    size_t document_limit;
};

/* The key was held already; `mark` is what the set knew of it. */
enum bm_status bm_findings_duplicate(struct bm_findings *findings, const struct bm_finding *finding,
                                     int mark, struct bm_error *err) BM_MUST_USE;
/* A key of which records tell that more documents hold it. */
struct bm_records_found {
    struct bm_fingerprint fingerprint;
    uint64_t more;  /* documents beyond one, or beyond those that are counted already */
    int is_known;   /* the group is counted already */
    uint64_t order; /* grows with the group's second document */
    size_t group_limit;
};

/* Adds them to the totals, and the group to those that are listed, without its documents; `keys`
 * counts one for each document up to now. */
enum bm_status bm_findings_records(struct bm_findings *findings,
                                   const struct bm_records_found *found,
                                   struct bm_error *err) BM_MUST_USE;
/* After the last of them: puts these groups into their order, and lists no more than the limit. */
void bm_findings_records_end(struct bm_findings *findings, size_t group_limit);

/* Whether there is a group with this key whose first document is still unknown. */
int bm_findings_awaits(const struct bm_findings *findings, struct bm_fingerprint fingerprint);
/* Such a group's key is held by this document, its first. */
enum bm_status bm_findings_first(struct bm_findings *findings, const struct bm_finding *finding,
                                 struct bm_error *err) BM_MUST_USE;
enum bm_status bm_findings_unindexable(struct bm_findings *findings,
                                       const struct bm_document_place *place, const char *reason,
                                       size_t document_limit, struct bm_error *err) BM_MUST_USE;

#endif
