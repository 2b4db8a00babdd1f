/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_REPAIR_H
#define BSONMEND_REPAIR_H

#include <signal.h>

#include "bsonmend/container.h"
#include "bsonmend/report.h"
#include "bsonmend/rules.h"
#include "bsonmend/seen.h"

/* ---- the key that makes tokens ---- */

struct bm_token_key; /* 32 bytes in locked memory, wiped when freed */

/* From a file of at least 32 secret bytes, hashed to the key's size. BM_ERROR_USAGE when shorter.
 */
struct bm_token_key *bm_token_key_read(const char *path, struct bm_error *err) BM_MUST_USE;
/* Random for this run. */
struct bm_token_key *bm_token_key_random(struct bm_error *err) BM_MUST_USE;
void bm_token_key_free(struct bm_token_key *key); /* NULL is fine */

/* ---- the plan: rules held against a catalog, before any data ---- */

struct bm_plan;

enum bm_plan_purpose { BM_PLAN_CHECK, BM_PLAN_FIX };

struct bm_plan_options {
    enum bm_plan_purpose purpose;
    const struct bm_rules *rules; /* must outlive the plan, as must all below */
    const struct bm_catalog *catalog;
    const char *server_version;  /* judged for, as bm_server_parse reads it; NULL: the catalog's */
    enum bm_container container; /* raw: a rule without NS means the one collection */
    const struct bm_token_key *token_key; /* needed when there are fills */
    const struct bm_hash_key *hash_key;
    struct bm_budget *budget;
    int repeatable;     /* the input can be read again */
    const char *folder; /* for keys that the budget does not hold; NULL: they end the run */
    const volatile sig_atomic_t *stop; /* not 0: BM_ERROR_STOPPED. NULL: nobody stops it */
    int ignore_oplog;                  /* an oplog is passed on without a look at it */
    size_t entry_most;                 /* bytes that an entry of the oplog may grow to; 0: any */
    size_t group_limit;                /* groups kept an index */
    size_t document_limit;             /* documents kept a group */
};

/*
 * Compiles the rules. BM_ERROR_USAGE: a rule that matches nothing or is ambiguous, contradicts
 * another, names _id, has no token, a path the server would refuse, would fill a view, buckets,
 * system collections, or a dump with an oplog; an index or options that cannot be
 * rewritten so. NULL on failure.
 */
struct bm_plan *bm_plan_new(const struct bm_plan_options *options,
                            struct bm_error *err) BM_MUST_USE;
void bm_plan_free(struct bm_plan *plan); /* NULL is fine */

/*
 * The metadata as the rules of indexes and required fields make it, for bm_packer_options: texts by
 * namespace number, data NULL where a text stays. NULL: all stay. Lives as long as the plan.
 */
const struct bm_view *bm_plan_metadata(const struct bm_plan *plan);

/* Whether this namespace is judged in the pass that was started (else its batches need no judge).
 */
int bm_plan_judges(const struct bm_plan *plan, const struct bm_namespace *ns);

/* ---- judging ---- */

/* What a pass over the dump is for. */
enum bm_pass {
    BM_PASS_JUDGE,  /* verdict and edits */
    BM_PASS_FIRST,  /* only to learn the first document of each group found; gives no edits */
    BM_PASS_LEARN,  /* the shapes of tokens that rules leave to the dump; needs no judges */
    BM_PASS_SHARED, /* look ahead: which keys several documents share … */
    BM_PASS_GATHER, /* … and who holds those; these give no edits */
    BM_PASS_RECORD  /* the keys of namespaces that memory does not hold; gives no edits to use */
};

/*
 * Starts a pass. BM_PASS_JUDGE: forgets what the pass before found, but not what it learned for
 * this one. BM_PASS_FIRST: all that was found stands, and first documents are added to it; the pass
 * may end as soon as bm_plan_wants_more says no. The passes before: learn only.
 */
void bm_plan_start(struct bm_plan *plan, enum bm_pass pass);

/* Whether this pass has to be made before a BM_PASS_JUDGE, once; a BM_PASS_RECORD each time that
 * the one before met an overflow. */
int bm_plan_needs(const struct bm_plan *plan, enum bm_pass pass);
/*
 * What a BM_PASS_LEARN takes of a batch. BM_FAIL: memory.
 */
enum bm_status bm_plan_learn(struct bm_plan *plan, const struct bm_batch *batch,
                             struct bm_error *err) BM_MUST_USE;
/*
 * After each pass but a BM_PASS_FIRST: draws the conclusions.
 * BM_ERROR_USAGE: values have no one shape, or one of too few tokens; BM_ERROR_VIOLATION: documents
 * that share a key cannot be ranked; BM_ERROR_IO: the key file; BM_ERROR_STOPPED; BM_ERROR_MEMORY.
 */
enum bm_status bm_plan_conclude(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;

/* Why a pass must be made again before its edits are right. */
enum bm_again {
    BM_AGAIN_NO = 0,
    BM_AGAIN_LATE_COLLISION = 1, /* a real value later equalled one of our tokens */
    BM_AGAIN_ID_ORDER = 2,       /* _id stopped rising after its keys were no longer kept */
    BM_AGAIN_OVERFLOW = 4        /* memory does not hold a namespace's keys: BM_PASS_RECORD first */
};
/* Or-ed enum bm_again, known as soon as a batch shows it. On input that cannot be repeated only
 * BM_AGAIN_LATE_COLLISION can come, and the output is lost. */
unsigned bm_plan_again(const struct bm_plan *plan);
/* Whether a BM_PASS_FIRST would tell more: there are groups whose first document is not known. */
int bm_plan_wants_first(const struct bm_plan *plan);
/* Whether the pass under way has more to tell: one that learns, or looks for first documents, may
 * end before the dump does. */
int bm_plan_wants_more(const struct bm_plan *plan);

struct bm_judge;

/* Edits and changes of one batch; lent until the judge's next batch. */
struct bm_edits {
    const struct bm_edit *edits;
    size_t count;
    const struct bm_change *changes;
    size_t change_count;
};

/* Holds the sets of one namespace for one pass; made at BEGIN. NULL on failure. */
struct bm_judge *bm_judge_new(struct bm_plan *plan, const struct bm_namespace *ns,
                              struct bm_error *err) BM_MUST_USE;
/* Says how many bytes of documents the namespace has, where that is known: its sets grow by it. */
void bm_judge_foresee(struct bm_judge *judge, uint64_t bytes);
/*
 * Judges the documents of a batch in order. Damage inside a document is noted in the plan's
 * results, not a failure. BM_FAIL: memory; or BM_ERROR_VIOLATION: no free token after so many
 * attempts.
 */
enum bm_status bm_judge_batch(struct bm_judge *judge, const struct bm_batch *batch,
                              struct bm_edits *out, struct bm_error *err) BM_MUST_USE;
/* At END: moves what was found into the plan. */
enum bm_status bm_judge_finish(struct bm_judge *judge, struct bm_error *err) BM_MUST_USE;
void bm_judge_free(struct bm_judge *judge); /* NULL is fine */

/*
 * Looks through a batch of the dump's oplog for commands that touch unique indexes, which are not
 * judged, and lets its entries follow the fill and unset rules. The edits are lent until the next
 * batch of the oplog. BM_FAIL: memory.
 */
enum bm_status bm_plan_oplog(struct bm_plan *plan, const struct bm_batch *batch,
                             struct bm_edits *out, struct bm_error *err) BM_MUST_USE;

/* After a BM_PASS_JUDGE that need not be made again: BM_ERROR_USAGE, a rule names a namespace that
 * is neither in the dump nor in its oplog. */
enum bm_status bm_plan_check_replay(const struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;

/* Violations found up to now that no rule covers; listed or not. */
uint64_t bm_plan_violations(const struct bm_plan *plan);
/* Documents changed or taken out in the pass, of so many that were judged. */
uint64_t bm_plan_changed(const struct bm_plan *plan, uint64_t *documents);
/* Whether rules may take documents out. */
int bm_plan_rejects(const struct bm_plan *plan);
/* Whether damage was met that a judged path could not be followed through: the output is withheld.
 */
int bm_plan_unsound(const struct bm_plan *plan);

/* Adds namespaces, violations, damage and notes to a result; strings are copied. */
enum bm_status bm_plan_report(const struct bm_plan *plan, struct bm_result *result,
                              struct bm_error *err) BM_MUST_USE;

#endif
