/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_REPORT_H
#define BSONMEND_REPORT_H

#include "bsonmend/catalog.h"
#include "bsonmend/codec.h"
#include "bsonmend/writer.h"

/* What a run found and did, and its two forms: text for people, one JSON object for machines. */

enum bm_command { BM_COMMAND_CHECK, BM_COMMAND_FIX, BM_COMMAND_LIST };

enum bm_outcome {
    BM_OUTCOME_CLEAN,
    BM_OUTCOME_MENDED,
    BM_OUTCOME_UNPROVED,
    BM_OUTCOME_VIOLATIONS,
    BM_OUTCOME_DAMAGED,
    BM_OUTCOME_FAILED
};

enum bm_violation_kind {
    BM_VIOLATION_DUPLICATE,
    BM_VIOLATION_UNINDEXABLE,
    BM_VIOLATION_OVERSIZE,
    BM_VIOLATION_CAPPED
};

/* Every pointer below, const or not, is a malloc'd copy of its own that the result owns and
 * bm_result_free frees; so is the data of a view. Names are UTF-8 or raw bytes. */

struct bm_document_place {
    int known;         /* 0: "an earlier document" of input that could be read only once */
    struct bm_view id; /* the raw _id element, len 0: the document has none */
    uint64_t ordinal;  /* from 0 in its namespace */
    uint64_t offset;   /* bytes in the decoded file or archive */
    uint8_t empty;     /* enum bm_emptiness of its key: _MISSING, _NULL, _UNDEFINED or 0 */
};

/* One group of documents that share a key, or documents that cannot be indexed, or a size passed.
 */
struct bm_violation {
    const char *ns;
    const char *index; /* "" for oversize and capped */
    enum bm_violation_kind kind;
    struct bm_view key; /* BSON document with the key, len 0: none or not known */
    char *e11000;       /* the server's line, NULL for other kinds */
    char *reason;       /* NULL, or words for the other kinds */
    uint64_t count;     /* documents in the group; for unindexable, oversize: documents at fault */
    uint64_t missing, null, undefined, blank; /* how many hold the key because they are empty so */
    struct bm_document_place *documents;
    size_t document_count;
    char *mend; /* NULL, or options that would mend it: "--fill a.b:f=hex:32" */
};

struct bm_index_result {
    const char *name;
    char *key_text;     /* "{ resultToken: 1 }" */
    struct bm_view key; /* the pattern, BSON */
    int unique;         /* 0: listed only */
    int asked;          /* 1: from the rules, in no metadata: a restore does not build it */
    int judged;
    char *reason;         /* why not judged although it was to be; NULL: judged, not unique, or its
                             namespace was not selected */
    uint64_t keys;        /* distinct keys held */
    uint64_t groups;      /* keys held by more than one document */
    uint64_t violations;  /* the sum over groups of size - 1 */
    uint64_t unindexable; /* documents whose keys cannot be made */
};

struct bm_namespace_result {
    const char *ns;
    enum bm_namespace_kind kind;
    uint64_t documents, bytes; /* read */
    int judged;                /* 0: not selected, or nothing to judge */
    char *reason; /* why nothing of it could be judged although it was selected, NULL */
    uint64_t filled_missing, filled_null, filled_undefined, filled_blank; /* fields */
    uint64_t touched;                                                     /* documents */
    struct bm_index_result *indexes;
    size_t index_count;
};

struct bm_damage {
    char *ns;        /* "" unknown */
    uint64_t offset; /* BM_NO_OFFSET unknown */
    char *what;
};

/* A change as it would be made (--dryRun): raw elements, len 0 where there is none. */
struct bm_sample {
    char *ns, *field;
    struct bm_view id, before, after;
};

struct bm_stream_result {
    char *path; /* NULL: none was made; "-" a standard stream */
    enum bm_container container;
    enum bm_codec codec;
    uint64_t documents, bytes;
};

struct bm_result {
    enum bm_command command;
    struct bm_stream_result input, output;
    char server_version[32];
    int before_replay; /* the dump has an oplog: judged on the files */
    unsigned passes;
    double seconds; /* filled by the caller, as is peak_memory */
    uint64_t peak_memory;
    int dry_run;
    struct bm_namespace_result *namespaces;
    size_t namespace_count;
    struct bm_violation *violations; /* those listed; totals are in the indexes */
    size_t violation_count;
    uint64_t violation_total; /* found, listed or not: sum over indexes plus the other kinds */
    struct bm_damage *damage;
    size_t damage_count;
    struct bm_sample *samples;
    size_t sample_count;
    char **notes; /* lines to say: warnings, rules that were already fulfilled … */
    size_t note_count;
    struct bm_error error; /* the failure that ended the run, or BM_ERROR_NONE */
};

void bm_result_init(struct bm_result *result);
void bm_result_free(struct bm_result *result);
/* Frees the before/after pairs only, for a pass that is made again. */
void bm_result_forget_samples(struct bm_result *result);

/* Derived from what the result holds, worst first. */
enum bm_outcome bm_result_outcome(const struct bm_result *result);
const char *bm_outcome_name(enum bm_outcome outcome);
/* 0 … 4 by design; the worst seen wins. */
int bm_result_exit(const struct bm_result *result);

/* 1: type and length stand in place of key values and _ids. */
enum bm_redaction { BM_SHOW_VALUES, BM_REDACT_VALUES };

struct bm_text_options {
    enum bm_redaction redaction;
    size_t groups;    /* at most so many groups an index … */
    size_t documents; /* … and documents a group */
    /* What "mend: bsonmend fix …" repeats: the dump's name and its options, and what follows the
     * options that mend ("-o fixed"). Either may be NULL or "". */
    const char *fix_arguments;
    const char *fix_output;
};

/*
 * The reports below write to a writer that stays the caller's and is neither finished nor
 * abandoned. BM_FAIL: memory, or whatever the writer failed with.
 */

/* The report for people (check, fix, list), lines ended by newline, control bytes escaped. */
enum bm_status bm_report_text(const struct bm_result *result, const struct bm_text_options *options,
                              struct bm_writer *out, struct bm_error *err) BM_MUST_USE;
/* The notes, one escaped line each, every line with the prefix before it ("bsonmend: "). */
enum bm_status bm_report_notes(const struct bm_result *result, const char *prefix,
                               struct bm_writer *out, struct bm_error *err) BM_MUST_USE;
/* The one JSON object of schema 1 and a newline. */
enum bm_status bm_report_json(const struct bm_result *result, enum bm_redaction redaction,
                              struct bm_writer *out, struct bm_error *err) BM_MUST_USE;

/* Bytes that hold any line of bm_report_error with its NUL. */
#define BM_ERROR_LINE 5120

/*
 * One line without newline: FILE: NS: offset N: _id …: text: strerror; absent parts left out.
 * Control bytes and what is not UTF-8 are escaped as \xNN. Needs no memory and cannot fail.
 */
void bm_report_error(const struct bm_error *error, char line[BM_ERROR_LINE]);

/* ---- the ledger: every change, one JSON object a line ---- */

enum bm_action { BM_ACTION_FILL };

/* One change of one document, positions and bytes of the BEFORE document. All views are lent. */
struct bm_change {
    enum bm_action action;
    const struct bm_namespace *ns;
    uint64_t ordinal, offset;
    struct bm_view id; /* raw _id element, len 0: none */
    const char *path;  /* of the outermost element added or changed, array positions included */
    const char *field; /* the rule's field */
    uint64_t
        at; /* byte position of the element, or where it was put in, from the document's start */
    struct bm_view before; /* raw element (type, name, value), len 0: there was none */
    struct bm_view after;  /* raw element, len 0: none now */
    const char *index;     /* unique index over the field that asked for it, NULL */
    const char *reason;    /* "missing", "null", "undefined", "blank" */
};

struct bm_ledger;
/* Owns the writer from then on. NULL on failure; then it stays the caller's. */
struct bm_ledger *bm_ledger_new(struct bm_writer *writer, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_ledger_change(struct bm_ledger *ledger, const struct bm_change *change,
                                struct bm_error *err) BM_MUST_USE;
enum bm_status bm_ledger_finish(struct bm_ledger *ledger, struct bm_error *err) BM_MUST_USE;
void bm_ledger_free(struct bm_ledger *ledger); /* NULL is fine; without finish nothing is left */

#endif
