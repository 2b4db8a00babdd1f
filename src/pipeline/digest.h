/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_DIGEST_H
#define BM_PIPELINE_DIGEST_H

#include "bsonmend/repair.h"

/*
 * What a pass made of each namespace, small enough to be held against another pass of another dump
 * in whatever order that one has its namespaces. Every document gives a fingerprint of its place
 * and bytes; a block of documents has the sum of theirs. Blocks are doubled when there would be
 * more than BM_DIGEST_BLOCKS, so a namespace takes at most 64 KiB, however many documents it has.
 * That two dumps differ and no block does has a chance below 2^-120 a block: sums of keyed
 * fingerprints under a key random for the run.
 */
enum { BM_DIGEST_BLOCKS = 4096 };

/* Documents whose order does not count. */
struct bm_heap {
    uint64_t documents;
    struct bm_fingerprint sum;
};

/* A document that was looked for by its place. */
struct bm_caught {
    int is_there;
    struct bm_fingerprint bytes; /* of its bytes alone */
    struct bm_view id;           /* its raw _id, len 0: none; owned */
    uint64_t ordinal;            /* in the dump that was read … */
    uint64_t offset;             /* … and its place there, in bytes */
};

/* Of one namespace. Places count the documents of what was made, from 0: without those taken out.
 */
struct bm_digest {
    uint64_t from, to;              /* the places that count, set by the caller; to is not one */
    uint64_t documents;             /* that came */
    unsigned shift;                 /* a block is 1 << shift documents */
    struct bm_fingerprint *blocks;  /* owned */
    size_t count, capacity;         /* of blocks */
    struct bm_heap kept, taken_out; /* all that came, whatever counts */
    /* The documents at `wanted` and behind it, when `catches`. */
    int catches;
    uint64_t wanted;
    struct bm_caught caught[2];
};

struct bm_digests {
    const struct bm_hash_key *key;
    struct bm_digest *list; /* by namespace number; owned */
    size_t count;
};

/* One for each namespace of a catalog; every place counts, nothing is caught. */
enum bm_status bm_digests_init(struct bm_digests *digests, size_t count,
                               const struct bm_hash_key *key, struct bm_error *err) BM_MUST_USE;
/* Forgets what came, keeps what is looked for: another pass starts. */
void bm_digests_restart(struct bm_digests *digests);
/* Takes a batch as its edits leave it. BM_FAIL: BM_ERROR_MEMORY. */
enum bm_status bm_digests_batch(struct bm_digests *digests, const struct bm_batch *batch,
                                const struct bm_edit *edits, size_t edit_count,
                                struct bm_error *err) BM_MUST_USE;
void bm_digests_free(struct bm_digests *digests);

void bm_heap_add(struct bm_heap *heap, const struct bm_heap *more);
int bm_heap_equal(const struct bm_heap *a, const struct bm_heap *b);

/*
 * Where two digests over the same places first differ: the block of places *from up to *to. 0: they
 * do not. Both may be doubled to the longer blocks of the two.
 */
int bm_digest_differ(struct bm_digest *a, struct bm_digest *b, uint64_t *from, uint64_t *to);

#endif
