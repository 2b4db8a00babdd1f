/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_SEEN_H
#define BSONMEND_SEEN_H

#include "bsonmend/error.h"

/*
 * A set of keys as fingerprints of 126 bits: SipHash-2-4-128 under a key random for the run, two
 * bits left for marks. Among n distinct keys the chance that any two share a fingerprint is below
 * n * n / 2^127. Nobody who does not know the key can craft a dump that collides or slows it down.
 */

struct bm_hash_key {
    uint8_t bytes[16];
};

/* Random bytes of the system. BM_FAIL: BM_ERROR_IO. */
enum bm_status bm_hash_key_random(struct bm_hash_key *out, struct bm_error *err) BM_MUST_USE;

struct bm_fingerprint {
    uint64_t low; /* its lowest two bits are 0: room for a mark */
    uint64_t high;
};

/* The only maker of fingerprints: a set relies on their being spread evenly. */
struct bm_fingerprint bm_fingerprint_of(const struct bm_hash_key *key, struct bm_view bytes);

/* What is known of a key in a set. Marks of one entry are or-ed together. */
enum bm_mark {
    BM_MARK_ABSENT = -1, /* not in the set */
    BM_MARK_PLAIN = 0,   /* a value of the dump, held once */
    BM_MARK_OURS = 1,    /* a token of ours */
    BM_MARK_SHARED = 2   /* held by more than one document */
};

/* A budget of bytes that several sets draw from. limit 0: none. */
struct bm_budget {
    uint64_t limit;
    uint64_t used;
    uint64_t refused; /* how often something asked for more than was left */
};

struct bm_seen;

/* An empty set that draws from the budget, which must outlive it. NULL: no memory. */
struct bm_seen *bm_seen_new(struct bm_budget *budget, struct bm_error *err) BM_MUST_USE;
/*
 * How much of what a set gets its keys from has been gone through, and how much there is, in one
 * unit. It need not be true: what it promises decides only how far a set grows at once, by no more
 * than eight times, and within half of the budget. done 0, or whole below it: nothing is promised.
 */
struct bm_outlook {
    uint64_t done;
    uint64_t whole;
};
/* Without an outlook, which must outlive the set, a large set grows by half. */
void bm_seen_foresee(struct bm_seen *seen, const struct bm_outlook *outlook);
/*
 * Ask the processor for the memory that a look-up of this fingerprint reads, and then for what
 * adding it writes: to be called for all keys of some documents, the one and then the other, before
 * the first is looked up.
 */
void bm_seen_prefetch(const struct bm_seen *seen, struct bm_fingerprint fingerprint);
void bm_seen_prefetch_slot(const struct bm_seen *seen, struct bm_fingerprint fingerprint);
/* BM_MARK_ABSENT, or the or-ed marks. */
int bm_seen_find(const struct bm_seen *seen, struct bm_fingerprint fingerprint);
/*
 * Adds an absent fingerprint with a mark. BM_ERROR_MEMORY: budget used up (the set is as before)
 * or no memory (the set is lost, and may only be freed). A key takes 20 to 30 bytes of the budget
 * in a large set, which grows into memory that it gives up on the way, never beside a second copy.
 */
enum bm_status bm_seen_add(struct bm_seen *seen, struct bm_fingerprint fingerprint,
                           enum bm_mark mark, struct bm_error *err) BM_MUST_USE;
/* Ors a mark to an entry that is there. */
void bm_seen_mark(struct bm_seen *seen, struct bm_fingerprint fingerprint, enum bm_mark mark);
/*
 * Makes a set that is empty yet hold the keys of a sieve only, which must outlive it and gets no
 * keys meanwhile: keys that are not in the sieve are known to come once. They are counted, and
 * never found. Takes one or two bytes of the budget for each key of the sieve. BM_ERROR_MEMORY.
 */
enum bm_status bm_seen_sift(struct bm_seen *seen, const struct bm_seen *sieve,
                            struct bm_error *err) BM_MUST_USE;
/*
 * Where a set records its keys. The mask keeps the keys of several sets apart in one file. The
 * place of a record is `place`, counted up, with the marks of the key in its lowest two bits;
 * `place` must leave them 0.
 */
struct bm_keyfile;
struct bm_recording {
    struct bm_keyfile *keyfile;
    struct bm_fingerprint mask;
    uint64_t place;
};
#define BM_RECORD_STEP UINT64_C(4) /* from place to place */
#define BM_RECORD_MARKS UINT64_C(3)
/*
 * Makes a set that is empty yet hold nothing: what is added is recorded each time, and never found.
 * bm_seen_add fails then as bm_keyfile_add does. The key file must outlive the set.
 */
void bm_seen_record(struct bm_seen *seen, const struct bm_recording *recording);
/*
 * Where a set goes that the budget gives no more: instead of failing, bm_seen_add has it opened,
 * moves all keys there, under the first place, and goes on as a set that records. Whoever gives one
 * owns it; it must outlive the set.
 */
struct bm_outlet {
    enum bm_status (*open)(const struct bm_outlet *outlet, struct bm_recording *out,
                           struct bm_error *err);
};
void bm_seen_spill(struct bm_seen *seen, const struct bm_outlet *outlet);
/* Keys added, each once; of a set that records, all of them. */
uint64_t bm_seen_count(const struct bm_seen *seen);
void bm_seen_free(struct bm_seen *seen); /* NULL is fine; gives its bytes back to the budget */

#endif
