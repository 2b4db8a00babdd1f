/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_PLAN_H
#define BM_REPAIR_PLAN_H

#include "bsonmend/key.h"
#include "bsonmend/repair.h"
#include "repair/findings.h"
#include "repair/attempts.h"
#include "repair/gone.h"
#include "repair/vetting.h"
#include "repair/oplog.h"
#include "repair/oplog_mend.h"
#include "repair/learning.h"
#include "repair/outside.h"
#include "repair/overflow.h"
#include "repair/rewriting.h"

/* What an index of a namespace is to its judge. */
enum bm_track_role {
    BM_TRACK_LISTED,   /* not unique, or taken out of the metadata: shown, no keys made */
    BM_TRACK_UNJUDGED, /* unique, but bm_index_reason tells why it is not judged */
    BM_TRACK_ID,       /* the _id index, judged in its own way */
    BM_TRACK_JUDGED,
    BM_TRACK_VALUES /* no index: the values of a field that is filled, by bytes or collated */
};

#define BM_NO_FILL SIZE_MAX
#define BM_NO_TRACK SIZE_MAX
#define BM_FILL_COMPONENTS_MAX 100u /* the server takes no deeper documents than 200 levels */

/* What beside duplicates a rule may let pass. */
enum bm_leave { BM_LEAVE_VALIDATOR = 1, BM_LEAVE_OVERSIZE = 2, BM_LEAVE_CAPPED = 4 };

/* A set of keys of one namespace and what was found in it. */
struct bm_track {
    enum bm_track_role role;
    int unique;
    int asked;                   /* --unique: in no metadata */
    enum bm_index_action action; /* what becomes of it in the metadata */
    enum bm_duplicate_action on_duplicate;
    int has_action, action_is_named; /* a rule says so, and names the namespace */
    struct bm_index *index;          /* owned */
    /* Why it is not judged: from the start (BM_TRACK_UNJUDGED), or since a document of this pass
     * went past a limit of ours; NULL. Static, or the index's. */
    const char *reason;
    size_t fill; /* the fill whose field's values these are, or BM_NO_FILL */
    /* Where there is a fill: values of the dump that a pass took for free and met later; kept for
     * the next passes. */
    struct bm_seen *taken;
    struct bm_track_outlet outlet;
    struct bm_seen *sieve; /* the keys that more than one document holds, NULL: not known. Owned */
    /* Tokens of this pass that no key file had: the next pass has them in its sieve. */
    struct bm_fingerprint *unrecorded;
    size_t unrecorded_count, unrecorded_capacity;
    struct bm_findings found;
    size_t unknown; /* BM_PASS_FIRST: groups whose first document is still looked for */
    struct bm_outside outside;
    struct bm_advice *advice; /* learned from its duplicates; NULL: it has none. Owned */
};

/* A rule in one namespace that puts tokens into a field, or takes what is empty out of it. */
struct bm_fill {
    const char *field;                  /* the rule's own, as are the names of the components */
    unsigned empty;                     /* or-ed enum bm_emptiness: what it changes */
    const struct bm_token_shape *shape; /* of what goes in, NULL: nothing does (--unset) */
    size_t rule;                        /* its place among the fill and then the unset rules */
    int is_named;                       /* the rule names the namespace */
    size_t refills;             /* the track whose duplicates get new tokens here, or BM_NO_TRACK */
    struct bm_view *components; /* of the path */
    size_t component_count;
    /* Whose sets have the field's values: as bytes first, then once under each collation of a
     * unique index over the field. A new token differs from the values in all of them. */
    size_t *tracks;
    size_t track_count;
    size_t track_capacity;
    const char *index; /* a unique index over the field, NULL: none */
    uint64_t changed;  /* fields, in this pass */
    uint64_t drawn;    /* tokens, in this pass */
};

struct bm_damage_note {
    uint64_t offset;
    char *what;
};

struct bm_sweep;
struct bm_survey_window;

/* One namespace of the catalog under the rules. Written to only by its judge. */
struct bm_target {
    const struct bm_namespace *ns;
    const struct bm_namespace *after; /* as its metadata will be; ns where no rule changes that */
    struct bm_rewriting rewriting;
    int selected;
    int judged;
    char *reason; /* what of it could not be judged, NULL; owned */
    struct bm_track *tracks;
    size_t track_count;
    size_t track_capacity;
    struct bm_fill *fills;
    size_t fill_count;
    size_t fill_capacity;
    size_t unset_count; /* of the fills, those that put nothing in */
    /* Rules change or take out documents whose keys others hold: all are looked at in rank order.
     */
    int contested;
    int rejects;                     /* some may be taken out */
    int looks_ahead;                 /* rank order is not the order of the dump */
    const struct bm_keep_rule *keep; /* NULL: the first stays */
    size_t id_track;                 /* where contested: of _id, or BM_NO_TRACK */
    struct bm_sweep *sweep;          /* what a look ahead decided, NULL: nothing. Owned */
    unsigned leaves;                 /* or-ed enum bm_leave */
    unsigned leaves_said;            /* those that a rule speaks of … */
    unsigned leaves_named;           /* … and names the namespace */
    int id_needs_set;                /* learned by a pass for the next */
    int spills;                      /* likewise: its keys are to be recorded */
    int records_ahead;               /* likewise, but those of a look ahead */

    /* Found in the pass under way. */
    uint64_t documents;
    uint64_t bytes;
    uint64_t bytes_after;
    uint64_t replayed;        /* operations of the oplog on it, where it has fills */
    struct bm_empties filled; /* fields */
    struct bm_empties unset;  /* fields */
    uint64_t refilled;        /* fields */
    uint64_t replaced;        /* of these, those that held a value */
    uint64_t touched;
    uint64_t rejected; /* documents */
    struct bm_gone gone;
    int outgrown; /* a capped collection that would not hold what is put into it */
    uint64_t oversize;
    uint64_t overgrown; /* of these, those that would be so large that they are not filled */
    struct bm_places oversize_places;
    struct bm_vetting vetting;
    uint64_t damaged;
    struct bm_damage_note *damage;
    size_t damage_count;
    size_t damage_capacity;
};

/*
 * Collections that the dump does not have, but that its oplog makes: documents that are inserted
 * into them follow rules that name them. All zero at first.
 */
struct bm_replayed {
    struct bm_catalog *catalog; /* of their names, NULL: there are none. Owned */
    struct bm_target **targets; /* each of them, and the array, owned */
    size_t count, capacity;
};

struct bm_plan {
    struct bm_plan_options options;
    struct bm_server server; /* judged for */
    enum bm_pass pass;
    unsigned again;
    int unsound;
    uint64_t violations;
    int looks_ahead;             /* some namespace does */
    size_t unknown;              /* BM_PASS_FIRST: the sum over all tracks */
    int replays;                 /* there is an oplog, and it is looked at */
    int is_replaying;            /* entries of it were mended in the pass under way */
    struct bm_oplog oplog;       /* found in the pass under way */
    struct bm_oplog_mend *mend;  /* NULL: nothing of the oplog was mended yet. Owned */
    struct bm_replayed replayed; /* namespaces of the oplog alone */
    struct bm_attempts attempts; /* where there is an oplog, what its entries have to know */
    struct bm_learning learning;
    struct bm_overflow overflow;
    int is_learned, is_swept;        /* the passes before the first verdict were made */
    struct bm_survey_window *window; /* of the judge at work. Owned */
    struct bm_target *targets;       /* by namespace number */
    size_t target_count;
    struct bm_catalog *revised;    /* the namespaces with rewritten metadata, NULL: none. Owned */
    struct bm_view *metadata;      /* new texts by namespace number, data NULL: it stays */
    struct bm_budget taken_budget; /* without limit: a handful of values */
    char **notes;                  /* about the rules themselves */
    size_t note_count;
    size_t note_capacity;
};

/* Adds an index to a namespace; owns it from then on, also on failure. */
enum bm_status bm_target_add_track(struct bm_target *target, enum bm_track_role role,
                                   struct bm_index *index, struct bm_error *err) BM_MUST_USE;
/* BM_PASS_FIRST: takes a key of a document, which is the first of its group if that group still
 * looks for one. */
enum bm_status bm_track_first(struct bm_plan *plan, struct bm_track *track,
                              const struct bm_finding *finding, struct bm_error *err) BM_MUST_USE;
/* Whether what a capped collection would hold passes its limits. */
int bm_target_outgrown(const struct bm_target *target);
/* The bytes a capped collection may hold: the server rounds its size up to 256; 0: not known. */
uint64_t bm_target_capped_size(const struct bm_target *target);
/* Adds a line to say. */
enum bm_status bm_plan_note(struct bm_plan *plan, struct bm_error *err, const char *format, ...)
    BM_PRINTF(3, 4) BM_MUST_USE;

/*
 * Hold the rules against the catalog, once the targets have the indexes of their metadata: bind.c,
 * bind_duplicates.c, bind_fill.c and bind_values.c. BM_ERROR_USAGE as bm_plan_new has it.
 */
enum bm_status bm_bind_uniques(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_bind_fills(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_bind_duplicates(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
/* Gives each fill of a namespace the sets that know its field's values. */
enum bm_status bm_bind_values(struct bm_plan *plan, struct bm_target *target,
                              struct bm_error *err) BM_MUST_USE;
/* The namespace a rule names; `rule` is for the message: "--fill". BM_ERROR_USAGE: not there, or
 * left out by --nsInclude or --nsExclude. */
enum bm_status bm_bind_find(struct bm_plan *plan, const char *rule, const char *ns,
                            const char *rest, struct bm_target **out,
                            struct bm_error *err) BM_MUST_USE;
/* Whether a collection is an oplog dumped as one, which mongorestore replays where the dump has no
 * other. */
int bm_bind_is_oplog(const struct bm_namespace *ns);
/* Why a namespace is never mended; NULL: it is. */
const char *bm_bind_unmendable(const struct bm_namespace *ns);
/* Whether an earlier run may have taken away, by these rules, the unique index that a rule without
 * namespace is found by: then one that matches nothing is said, not refused. */
int bm_bind_may_be_done(const struct bm_rules *rules);
/* Whether a field is among the keys of an index. */
int bm_bind_has_field(const struct bm_index *index, const char *field);

/* Whether what an index holds of a document may depend on a field: its paths or its filter name it,
 * something above it or something inside it. */
int bm_bind_depends(const struct bm_target *target, const struct bm_index *index,
                    const char *field);

/* Whether a field can be filled at all: not _id or inside it, no component of digits only. */
int bm_path_is_id(const char *path);
int bm_path_has_position(const char *path);
/* Whether a path leads on from another, which must then be a document: no rules for both. */
int bm_path_is_inside(const char *path, const char *outer);

#endif
