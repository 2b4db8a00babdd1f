/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_KEY_H
#define BSONMEND_KEY_H

#include "bsonmend/buffer.h"
#include "bsonmend/catalog.h"
#include "bsonmend/document.h"

/*
 * Index keys as mongod would store them: index specifications are compiled once, then all keys of a
 * document for all indexes of a namespace are made in one walk, in a canonical form in which equal
 * keys are equal bytes. Facts: mongod btree_key_generator.cpp, key_string.cpp.
 */

/* How a component of a key came about. */
enum bm_origin {
    BM_ORIGIN_VALUE,      /* the element (or array entry) at the end of the path, null included */
    BM_ORIGIN_MISSING,    /* nothing there: null in the key */
    BM_ORIGIN_EMPTY_ARRAY /* an empty array at the end of the path: undefined in the key */
};

/* One component; value borrows from the document. */
struct bm_key_part {
    uint8_t type; /* BM_TYPE_NULL for missing, BM_TYPE_UNDEFINED for an empty array */
    enum bm_origin origin;
    struct bm_view value; /* the encoded value, len 0 where the type has none */
};

/* One key of a document; distinct within the document and index, in the order of the document. */
struct bm_key {
    const struct bm_key_part *parts; /* one a field of the key pattern */
    struct bm_view canonical;        /* equal bytes if and only if equal for a unique index */
};

/* All keys of one document in one index; lent until the next bm_keyset_make. */
struct bm_keys {
    const struct bm_key *keys;
    size_t count; /* 0: the document does not enter the index, or is unindexable */
    /* NULL, or the server's words: "cannot index parallel arrays [b] [a]"; at most 1 KiB, may hold
     * bytes of the document. */
    const char *unindexable;
    /* Not NULL: unindexable is a limit of this program (64 MiB of keys of one document in one
     * index, 4 million components, 1 GiB of work, 1000 combining marks in a row under a collation),
     * not of the server: no violation, but the index cannot be called clean. The same words,
     * static. */
    const char *own_limit;
};

/* The mongod a dump is judged for. */
struct bm_server {
    int major; /* INT_MAX: newer than any that is known */
    int minor;
};

/* "7.0.16" is 7.0. The newest where the text is no version: NULL, "", "0.0.0", "unknown". */
struct bm_server bm_server_parse(const char *text);
/* 1 for a server older than major.minor. */
int bm_server_before(struct bm_server server, int major, int minor);

/* Where an index is to be built. */
struct bm_index_home {
    struct bm_server server;
    enum bm_namespace_kind kind; /* of its namespace */
};

struct bm_index; /* a compiled index; immutable */

/*
 * Compiles a specification, which must outlive the index. A specification that cannot be judged
 * compiles all the same: bm_index_reason then says why and it makes no keys. NULL: no memory.
 */
struct bm_index *bm_index_new(const struct bm_index_spec *spec, const struct bm_index_home *home,
                              struct bm_error *err) BM_MUST_USE;
/*
 * A btree index over the given dotted paths that is in no metadata (--unique, or the values of a
 * field that is filled). Texts are copied. BM_ERROR_USAGE: a path the server would refuse.
 */
struct bm_index *bm_index_of_fields(const char *name, const char *const *fields, size_t count,
                                    struct bm_error *err) BM_MUST_USE;
/* An index that is in no metadata; texts are copied. */
struct bm_index_request {
    const char *name;
    const char *const *fields; /* dotted paths */
    size_t count;
    struct bm_server server; /* whose limits and words count */
    /* Strings are equal as in that index, whose specification must outlive this one; NULL: by
     * their bytes. */
    const struct bm_index *collated_as;
};
/* As bm_index_of_fields, which asks for the newest server and no collation. */
struct bm_index *bm_index_requested(const struct bm_index_request *request,
                                    struct bm_error *err) BM_MUST_USE;
void bm_index_free(struct bm_index *index); /* NULL is fine */

const char *bm_index_name(const struct bm_index *index);
/* The key pattern as a BSON document. */
struct bm_view bm_index_pattern(const struct bm_index *index);
/* NULL: can be judged. Else why not ("a text index: …", "the server refuses it: …"). */
const char *bm_index_reason(const struct bm_index *index);
/* 1 when the server would not build it, whatever the documents. */
int bm_index_is_refused(const struct bm_index *index);
/* 1 when it is not known whether the server would build it: versions of it, or of mongorestore,
 * differ. */
int bm_index_is_doubtful(const struct bm_index *index);
/* 1 when its strings are equal by a collation. */
int bm_index_has_collation(const struct bm_index *index);
/* 1 when strings are equal in both in the same way: the same collation document, or none. */
int bm_index_same_collation(const struct bm_index *a, const struct bm_index *b);
/* 1 when every document enters it: not sparse, not partial. */
int bm_index_holds_all(const struct bm_index *index);
/* 1 when every document enters it and strings are equal by their bytes alone: not sparse, not
 * partial, without collation. Only such an index knows all values of its fields. */
int bm_index_is_whole(const struct bm_index *index);
size_t bm_index_field_count(const struct bm_index *index);
const char *bm_index_field(const struct bm_index *index, size_t number); /* dotted path */

/* The judged indexes of one namespace: one path tree, one walk. Not shared between threads. */
struct bm_keyset;

/* Borrows the indexes. Those with a reason are skipped: they never have keys. NULL: no memory. */
struct bm_keyset *bm_keyset_new(const struct bm_index *const *indexes, size_t count,
                                struct bm_error *err) BM_MUST_USE;
/*
 * Makes all keys of one document. BM_FAIL with BM_ERROR_CORRUPT: the walk met damage before every
 * path was settled (offset: bytes from the document's start). Damage behind that is not seen.
 * The document must live as long as the keys are used.
 */
enum bm_status bm_keyset_make(struct bm_keyset *keyset, struct bm_view document,
                              struct bm_error *err) BM_MUST_USE;
/* The same by an outline of the document, which must live as long; NULL: there is none. Of a whole
 * one nothing is measured again. */
enum bm_status bm_keyset_make_by(struct bm_keyset *keyset, struct bm_view document,
                                 const struct bm_outline *outline,
                                 struct bm_error *err) BM_MUST_USE;
/*
 * 1 when the document has so many keys that those of all indexes together would take more than
 * 64 MiB: it has them for one index at a time, and none before bm_keyset_turn_to.
 */
int bm_keyset_is_crowded(const struct bm_keyset *keyset);
/* Of a crowded document: makes the keys for this index, and ends the life of those for others. Of
 * any other nothing is to be done. BM_FAIL: memory. */
enum bm_status bm_keyset_turn_to(struct bm_keyset *keyset, size_t number,
                                 struct bm_error *err) BM_MUST_USE;
/* The keys for the index at this place of the list given to bm_keyset_new. */
const struct bm_keys *bm_keyset_keys(const struct bm_keyset *keyset, size_t number);
void bm_keyset_free(struct bm_keyset *keyset); /* NULL is fine */

/* ---- indexes that are not unique: what fails their build ---- */

struct bm_hazards; /* not shared between threads */

/*
 * 1 when a document can fail the build of this index although it is not unique: parallel arrays, an
 * ambiguous position, a symbol under a collation, a key too large, an array under a hash.
 */
int bm_index_can_fail(const struct bm_index *index);
/* Borrows the indexes, all of which can fail. NULL: no memory. */
struct bm_hazards *bm_hazards_new(const struct bm_index *const *indexes, size_t count,
                                  struct bm_error *err) BM_MUST_USE;
/* BM_OK: the document fails none. BM_END: it fails those that bm_hazards_words has words for.
 * BM_FAIL: memory, or damage as bm_keyset_make has it. Most documents cost a look at their top. */
enum bm_status bm_hazards_look(struct bm_hazards *hazards, struct bm_view document,
                               struct bm_error *err) BM_MUST_USE;
/* After BM_END, by the index's place: the server's words, lent until the next look; NULL: none. */
const char *bm_hazards_words(const struct bm_hazards *hazards, size_t number);
void bm_hazards_free(struct bm_hazards *hazards); /* NULL is fine */

/* Whether an index that the server makes is of a kind whose keys are not made here, and whose build
 * a document may fail: text, 2d, 2dsphere, and compound wildcard indexes. */
int bm_index_is_special(const struct bm_index *index);
/*
 * Of a special index: why it is not known that it can be built over this document; NULL: no server
 * fails it for that document, as far as a value is a point within its bounds, a language one that
 * all text indexes know, and no array lies beside. Static. Damage in the document was told.
 */
const char *bm_index_special_doubt(const struct bm_index *index, struct bm_view document);

/*
 * Canonical bytes of one value, appended: exactly `canonical` of a key of one component with this
 * value. Used for tokens, which are in no document yet. `value` is the encoded value.
 * BM_ERROR_VIOLATION: nested deeper than the server allows, or over 64 MiB.
 */
enum bm_status bm_key_canonical(uint8_t type, struct bm_view value, struct bm_buffer *out,
                                struct bm_error *err) BM_MUST_USE;

/* The same under the index's collation: `canonical` of a key of one component in that index. Also
 * BM_ERROR_VIOLATION: a symbol, which no index with a collation takes. */
enum bm_status bm_index_canonical(const struct bm_index *index, uint8_t type, struct bm_view value,
                                  struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;

/*
 * -1, 0 or 1: how two `_id` values sort on the server, in *order. BM_END when this function does
 * not know (other types than ObjectId, int32, int64, double, string, date, binary, or two classes).
 */
enum bm_status bm_id_compare(const struct bm_element *a, const struct bm_element *b,
                             int *order) BM_MUST_USE;
/* NULL, or the server's words against a document whose first `_id` this is: its type is array,
 * regex or undefined, or another `_id` follows. The outline, of the document, may be NULL. */
const char *bm_id_problem(struct bm_view document, const struct bm_outline *outline,
                          const struct bm_element *id);
/* The same for the server of this _id index, which also refuses names that start with $: in the
 * `_id`, but for a reference, and before 5.0 at the top of the document. */
const char *bm_index_id_problem(const struct bm_index *index, struct bm_view document,
                                const struct bm_outline *outline, const struct bm_element *id);
/* NULL, or the words of the server of this _id index against a whole document that is nested too
 * deep for it, wherever. Servers before 3.6, whose limits differ, are taken to say nothing. */
const char *bm_index_nesting_problem(const struct bm_index *index, struct bm_view document);
/* As bm_index_canonical, of an `_id` in its index. Also BM_ERROR_VIOLATION: a key too large for the
 * server, in its words as far as an error holds them. BM_END: it is past a limit of this program,
 * *own_limit (static) tells which, as that of bm_keys. */
enum bm_status bm_index_id_canonical(const struct bm_index *index, const struct bm_element *id,
                                     struct bm_buffer *out, const char **own_limit,
                                     struct bm_error *err) BM_MUST_USE;
/* 0 when the key of this `_id` is surely not too large; costs next to nothing. */
int bm_index_id_may_be_large(const struct bm_index *index, const struct bm_element *id);
/* As bm_id_compare, in this _id index: BM_END also for strings under its collation. */
enum bm_status bm_index_id_compare(const struct bm_index *index, const struct bm_element *a,
                                   const struct bm_element *b, int *order) BM_MUST_USE;

/*
 * Appends the key as the server of the index prints it after "dup key: ": { a: 1, b.c: "x" },
 * before 4.2 { : 1, : "x" }. Where it would print an ICU sort key, which depends on the ICU it was
 * built with, that is said: { a: <ICU sort key of "x"> }. At most 16 KiB, then "...". Control bytes
 * and quotes of the values are not escaped.
 */
enum bm_status bm_key_text(const struct bm_index *index, const struct bm_key *key,
                           struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;
/* Appends the whole message in the form of the server of the index: "E11000 duplicate key error
 * collection: d.c index: a_1 dup key: { a: 1 }". ns is "db.collection". */
enum bm_status bm_key_message(const struct bm_index *index, const char *ns,
                              const struct bm_key *key, struct bm_buffer *out,
                              struct bm_error *err) BM_MUST_USE;
/* Appends the key pattern the same way: { a: 1, b: -1 }. */
enum bm_status bm_pattern_text(const struct bm_index *index, struct bm_buffer *out,
                               struct bm_error *err) BM_MUST_USE;
/* Appends the key as a BSON document {field: value, …} with the dotted paths as names, values
 * whole.
 */
enum bm_status bm_key_document(const struct bm_index *index, const struct bm_key *key,
                               struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;

/* ---- the validator of a collection ---- */

struct bm_validator; /* a compiled validator; not shared between threads */

struct bm_validator_options {
    struct bm_server server;
    struct bm_view collation; /* of the collection, len 0: none */
};

/* What the server does with a document for its validator, in this order: of several demands that
 * must all be met the least counts. */
enum bm_answer { BM_ANSWER_REFUSED, BM_ANSWER_UNKNOWN, BM_ANSWER_TAKEN };

/*
 * Compiles a validator, which must outlive it: $and, $or, $nor, $not, comparisons, $in, $nin, $ne,
 * $exists and $type, and of $jsonSchema all keywords but pattern, patternProperties (with the
 * additionalProperties beside it), encrypt and a multipleOf that is no whole number, and but for
 * names of fields that are empty or have a point. What it has of others is unknown, of the values
 * they speak of. BM_END: nothing of it can be judged, *reason (malloc'd) says why. BM_FAIL: memory.
 */
enum bm_status bm_validator_new(struct bm_view document, const struct bm_validator_options *options,
                                struct bm_validator **out, char **reason,
                                struct bm_error *err) BM_MUST_USE;
/* NULL, or what of it the server may not know, so that it would make no collection with it; lent.
 */
const char *bm_validator_doubt(const struct bm_validator *validator);
/* BM_FAIL: memory, or damage on the way. */
enum bm_status bm_validator_match(struct bm_validator *validator, struct bm_view document,
                                  enum bm_answer *answer, struct bm_error *err) BM_MUST_USE;
/* After BM_ANSWER_UNKNOWN: why ("$regex is not judged"); lent. NULL after any other. */
const char *bm_validator_unknown(const struct bm_validator *validator);
void bm_validator_free(struct bm_validator *validator); /* NULL is fine */

#endif
