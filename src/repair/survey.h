/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_SURVEY_H
#define BM_REPAIR_SURVEY_H

#include "repair/builds.h"
#include "repair/id_watch.h"
#include "repair/mender.h"
#include "repair/plan.h"

/* The judge of one namespace, and the first look it takes at each document of a window. */

/* A key that a document loses. */
struct bm_lost_key {
    size_t track;
    struct bm_fingerprint fingerprint;
};

/* What contest.c keeps from document to document; all zero at first. */
struct bm_contest {
    struct bm_lost_key *lost; /* of one document, sorted; its memory is used again */
    size_t lost_count, lost_capacity;
    struct bm_seen *gone_ids; /* of documents that were taken out */
};

#define BM_WINDOW 32u       /* documents whose keys are made before any is looked up */
#define BM_PRINTS_MAX 1024u /* their keys; a document beyond that takes the slow way */

/* A key of a document in the window. */
struct bm_print {
    size_t track;
    struct bm_fingerprint fingerprint;
    int is_absent;
};

/*
 * What a first look at a document found. Most documents are whole, need no token and hold only new
 * keys: for them the fingerprints are all it takes. The others take the slow way, which makes
 * everything anew.
 */
struct bm_survey {
    struct bm_subject subject;
    struct bm_element id;
    struct bm_id_print id_print;
    size_t first_print;
    size_t print_count;
    int is_slow;
    int is_damaged;
};

/*
 * The documents that are looked at together, and their keys: scratch of the judge at work, one for
 * the whole plan, as an archive may have thousands of namespaces open at once.
 */
struct bm_survey_window {
    struct bm_survey surveys[BM_WINDOW];
    struct bm_print prints[BM_PRINTS_MAX];
    size_t print_count;
};

struct bm_judge {
    struct bm_plan *plan;
    struct bm_target *target;
    struct bm_seen **sets;           /* by track, NULL: it has none */
    const struct bm_index **indexes; /* of the tracks with a set, as the keyset has them */
    size_t *live;                    /* their numbers */
    size_t live_count;
    struct bm_keyset *keyset; /* NULL: no track has a set */
    struct bm_id_watch id;
    struct bm_builds builds;
    struct bm_mender mender;
    struct bm_contest contest;       /* where the namespace is contested */
    struct bm_outlook outlook;       /* of its sets: bytes of the namespace */
    int has_given_up;                /* memory does not hold the keys: another pass will tell */
    struct bm_error unheard;         /* of a document's damage; one struct, as it is large */
    struct bm_survey_window *window; /* the plan's; nothing in it outlives a batch */
};

/* Makes the keys of a document and their fingerprints. BM_FAIL: memory. */
enum bm_status bm_survey_document(struct bm_judge *judge, const struct bm_batch *batch,
                                  uint32_t number, struct bm_survey *survey,
                                  struct bm_error *err) BM_MUST_USE;
/* Whether a value in the set of a filled field is what its rule calls empty. */
int bm_survey_needs_token(const struct bm_judge *judge, const struct bm_track *track,
                          const struct bm_key *key);
/* Takes the failure in judge->unheard: BM_OK when it is the document's own damage; anything else
 * ends the run. */
enum bm_status bm_survey_forgive(struct bm_judge *judge, struct bm_error *err) BM_MUST_USE;

#endif
