/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_REPORT_H
#define BSONMEND_REPORT_H

#include "bsonmend/catalog.h"
#include "bsonmend/codec.h"
#include "bsonmend/writer.h"

/* What a run found and did, and its two forms: text for people, one JSON object for machines. */

enum bm_command { BM_COMMAND_CHECK, BM_COMMAND_FIX, BM_COMMAND_LIST, BM_COMMAND_VERIFY };

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
    BM_VIOLATION_CAPPED,
    BM_VIOLATION_VALIDATOR /* a changed document that the collection's validator would refuse */
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

/* Documents or fields by how they are empty. */
struct bm_empties {
    uint64_t missing, null, undefined, blank;
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
    struct bm_empties empties; /* of these documents, those that hold the key for that */
    struct bm_document_place *documents;
    size_t document_count;
};

struct bm_index_result {
    const char *name;
    char *key_text;     /* "{ resultToken: 1 }" */
    struct bm_view key; /* the pattern, BSON */
    int unique;         /* 0: listed only */
    int asked;          /* 1: from the rules, in no metadata: a restore does not build it */
    enum bm_index_action action; /* what became of it in the output's metadata */
    int judged;                  /* to its end: every document, within this program's limits */
    int refused;                 /* 1: the server would not build it, whatever the documents */
    char *reason;         /* why not judged although it was to be, or why refused; NULL: judged, not
                             unique, or its namespace was not selected */
    uint64_t keys;        /* distinct keys held */
    uint64_t groups;      /* keys held by more than one document */
    uint64_t violations;  /* the sum over groups of size - 1 */
    uint64_t unindexable; /* documents whose keys cannot be made */
    /* Options that would mend duplicates, whether their groups are listed or not: of empty keys
     * "--fill a.b:f=hex:32", of others "--onDuplicate a.b:f_1=reject"; and the duplicates that no
     * fill of a field of the index changes (in an array, under a null). */
    char **mends;
    size_t mend_count;
    char *unsaid; /* why no option is among them for duplicates that are left, in words; NULL */
    uint64_t beyond_fill;
};

struct bm_namespace_result {
    const char *ns;
    enum bm_namespace_kind kind;
    uint64_t documents, bytes; /* read */
    int judged;                /* 0: not selected, or nothing to judge */
    char *reason;             /* why nothing of it could be judged although it was selected, NULL */
    int metadata_unreadable;  /* 1: that is why; mongorestore does not read it either */
    struct bm_empties filled; /* fields */
    struct bm_empties unset;  /* fields */
    uint64_t refilled;        /* fields */
    uint64_t replaced;        /* of these, those that held a value */
    uint64_t rejected;        /* documents */
    uint64_t touched;         /* documents */
    uint64_t unvetted;        /* documents of which the validator's answer is not known */
    int rewritten;            /* 1: rules changed its metadata */
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

/* A command in the oplog that makes, changes or takes away a unique index or its collection. The
 * oplog is passed on as it is; its replay is not judged. */
struct bm_index_command {
    char *ns;           /* "db.collection"; "db" of a command for the whole database */
    uint64_t offset;    /* of its entry in the decoded file or archive */
    uint32_t seconds;   /* the entry's timestamp … */
    uint32_t increment; /* … and its place within the second */
    char *command;      /* as the oplog has it: "createIndexes", "collMod", "drop" … */
    char *index;        /* NULL: none, or all, is named */
};

/* An operation of the oplog whose replay may leave empty what the rules mend. */
struct bm_oplog_finding {
    char *ns;           /* as the operation has it; "" where it cannot be read */
    uint64_t offset;    /* of its entry in the decoded file or archive */
    uint32_t seconds;   /* the entry's timestamp … */
    uint32_t increment; /* … and its place within the second */
    char *operation;    /* "i", "u", "d" … or the command's name */
    char *field;        /* of the rule, NULL: all of them */
    char *reason;
};

struct bm_stream_result {
    char *path; /* NULL: none was made; "-" a standard stream */
    enum bm_container container;
    enum bm_codec codec;
    uint64_t documents, bytes;
};

/* What AFTER is held against. */
enum bm_proof {
    BM_PROOF_IDENTITY, /* BEFORE as it is */
    BM_PROOF_LEDGER,   /* BEFORE with the changes of a ledger */
    BM_PROOF_RULES     /* BEFORE as fix makes it by rules */
};

enum bm_difference_kind {
    BM_DIFFERENCE_CHANGED,           /* a document has other bytes */
    BM_DIFFERENCE_MISSING,           /* … is not there, the next one is in its place */
    BM_DIFFERENCE_EXTRA,             /* … is one too many */
    BM_DIFFERENCE_MOVED,             /* … stands behind the next one */
    BM_DIFFERENCE_NAMESPACE_MISSING, /* a namespace is not there at all */
    BM_DIFFERENCE_NAMESPACE_EXTRA,
    BM_DIFFERENCE_METADATA,
    BM_DIFFERENCE_REJECTS /* what was taken out is not what the rejects dump holds */
};

/* Where AFTER is not what it should be: of each namespace the first document, and what is not of
 * documents. */
struct bm_difference {
    const char *ns;
    enum bm_difference_kind kind;
    struct bm_document_place before, after; /* known 0: there is none, or it is not known which */
    const char *what;                       /* words, or NULL */
};

/* For verify `input` is BEFORE and `output` AFTER; what was judged is AFTER. */
struct bm_result {
    enum bm_command command;
    enum bm_proof proof;
    struct bm_stream_result input, output;
    char server_version[32];
    int is_doubted;    /* mongorestore of today does not start on the dump; a note says why */
    int before_replay; /* the dump has an oplog: judged on the files */
    int oplog_ignored; /* and nobody looked at it */
    unsigned passes;
    uint64_t recorded; /* keys that went through a key file, as memory did not hold them */
    double seconds;    /* filled by the caller, as is peak_memory */
    uint64_t peak_memory;
    int dry_run;
    /* 1: standard output was begun, but what is there is spoiled and no dump. */
    int output_spoiled;
    struct bm_namespace_result *namespaces;
    size_t namespace_count;
    struct bm_violation *violations; /* those listed; totals are in the indexes */
    size_t violation_count;
    uint64_t violation_total; /* found, listed or not: sum over indexes plus the other kinds */
    struct bm_damage *damage;
    size_t damage_count;
    struct bm_sample *samples;
    size_t sample_count;
    struct bm_difference *differences;
    size_t difference_count;
    struct bm_index_command *index_commands; /* of the oplog, the first of them, in its order */
    size_t index_command_count;
    uint64_t index_command_total;
    /* NULL, or a finding that the options of `mends`, all in one command, would leave: in words. No
     * command would then give an output. */
    char *hindrance;
    uint64_t oplog_mended;                   /* entries that rules changed */
    struct bm_oplog_finding *oplog_findings; /* the first of them, in its order */
    size_t oplog_finding_count;
    uint64_t oplog_finding_total;
    char **notes; /* lines to say: warnings, rules that were already fulfilled … */
    size_t note_count;
    struct bm_error error; /* the failure that ended the run, or BM_ERROR_NONE */
    int signal_number;     /* of the signal that ended it (BM_ERROR_STOPPED), 0: none known */
};

/* All zero, without an error; nothing to free yet. */
void bm_result_init(struct bm_result *result);
/* Frees what the result owns and leaves it as after bm_result_init. */
void bm_result_free(struct bm_result *result);
/* Each adds one line or pair to its list; texts and bytes are copied. BM_FAIL: BM_ERROR_MEMORY. */
enum bm_status bm_result_add_note(struct bm_result *result, const char *text,
                                  struct bm_error *err) BM_MUST_USE;
/* `ns` may be "", `offset` BM_NO_OFFSET. */
enum bm_status bm_result_add_damage(struct bm_result *result, const char *ns, uint64_t offset,
                                    const char *what, struct bm_error *err) BM_MUST_USE;
/* Texts and bytes are copied. */
enum bm_status bm_result_add_difference(struct bm_result *result,
                                        const struct bm_difference *difference,
                                        struct bm_error *err) BM_MUST_USE;
struct bm_change;
/* Keeps a change as a before/after pair, the first three for each namespace and field. */
enum bm_status bm_result_add_sample(struct bm_result *result, const struct bm_change *change,
                                    struct bm_error *err) BM_MUST_USE;
/* Frees the before/after pairs only, for a pass that is made again. */
void bm_result_forget_samples(struct bm_result *result);

/* Derived from what the result holds, worst first. */
enum bm_outcome bm_result_outcome(const struct bm_result *result);
/* The word of the JSON report, "clean" …; static. */
const char *bm_outcome_name(enum bm_outcome outcome);
/* 1: this damage is what ended the run: it is result->error, and told as that. */
int bm_result_is_end(const struct bm_result *result, const struct bm_damage *damage);
/* 0 … 4 by design, the worst seen; 128 and the signal's number when a signal ended the run. */
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
    const char *fix_rejects; /* beside advice that sets documents aside: "--rejects rejected" */
};

/*
 * The reports below write to a writer that stays the caller's and is neither finished nor
 * abandoned. BM_FAIL: memory, or whatever the writer failed with.
 */

/* The report for people, lines ended by newline, control bytes escaped. Does not
 * say result->error: that is for bm_report_error. */
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

enum bm_action {
    BM_ACTION_FILL,
    BM_ACTION_REFILL,
    BM_ACTION_UNSET,
    BM_ACTION_REJECT,
    BM_ACTION_METADATA
};

/*
 * One change of one document, positions and bytes of the BEFORE document. Every view and text is
 * lent for the call that takes the change. BM_ACTION_METADATA: of a namespace's metadata, with the
 * whole texts in `before` and `after`, and nothing but ns beside them.
 */
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
/*
 * Owns the writer from then on: it is finished by bm_ledger_finish and freed by bm_ledger_free.
 * NULL, BM_ERROR_MEMORY: no memory; then the writer stays the caller's.
 */
struct bm_ledger *bm_ledger_new(struct bm_writer *writer, struct bm_error *err) BM_MUST_USE;
/*
 * Writes one line; the change is not kept. BM_FAIL: BM_ERROR_MEMORY, or whatever the writer failed
 * with. A ledger that failed once takes nothing more and cannot be finished.
 */
enum bm_status bm_ledger_change(struct bm_ledger *ledger, const struct bm_change *change,
                                struct bm_error *err) BM_MUST_USE;
/* Finishes the writer: its file is complete, synced and has its name. Once only, before
 * bm_ledger_free. BM_FAIL: as the writer failed, or BM_ERROR_IO after a change that failed. */
enum bm_status bm_ledger_finish(struct bm_ledger *ledger, struct bm_error *err) BM_MUST_USE;
/* With the writer; NULL is fine. Without a finish nothing is left. */
void bm_ledger_free(struct bm_ledger *ledger);

#endif
