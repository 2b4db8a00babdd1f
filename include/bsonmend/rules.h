/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_RULES_H
#define BSONMEND_RULES_H

#include "bsonmend/catalog.h"
#include "bsonmend/document.h"

/*
 * What the user asked for, as text turned into structs; not yet held against a dump (that is
 * bm_plan_new). Command line and rules file fill the same struct.
 */

enum bm_token_kind {
    BM_TOKEN_UNSAID,       /* "auto", or a fill without a token: as those of the dump are */
    BM_TOKEN_TEXT,         /* a string: prefix, `length` characters of `alphabet`, suffix */
    BM_TOKEN_UUID4,        /* a string in UUID form, version 4 */
    BM_TOKEN_UUID4_UPPER,  /* the same in upper case; learned, not to be written */
    BM_TOKEN_UUID4_BINARY, /* binary subtype 4 */
    BM_TOKEN_OBJECT_ID
};

/* The shape of a new token. */
struct bm_token_shape {
    enum bm_token_kind kind;
    char text[128];  /* as the user wrote it: "hex:32", "R-{base62:22}" */
    char prefix[64]; /* BM_TOKEN_TEXT: literal text before and after, mostly "" */
    char suffix[64];
    char alphabet[72]; /* BM_TOKEN_TEXT: 2 … 64 distinct characters */
    uint32_t length;   /* BM_TOKEN_TEXT: characters drawn, 1 … 1048576 */
};

/*
 * Reads "hex:N", "base62:N", "base64url:N", "nanoid[:N]" (21), "uuid4", "uuid4-binary", "objectid"
 * or a template with one of the text kinds (or uuid4) in braces. N counts characters, 1 … 1048576.
 * "auto" is BM_TOKEN_UNSAID. A bad N, an unknown kind: BM_ERROR_USAGE that says what may be
 * written.
 */
enum bm_status bm_token_shape_parse(const char *text, struct bm_token_shape *out,
                                    struct bm_error *err) BM_MUST_USE;
/* log2 of the number of different tokens of this shape. */
double bm_token_shape_bits(const struct bm_token_shape *shape);

struct bm_fill_rule {
    char *ns;       /* NULL: wherever it can mean one thing */
    char *field;    /* dotted path */
    unsigned empty; /* enum bm_emptiness bits, 0: those of the rules */
    struct bm_token_shape shape;
};

struct bm_unique_rule {
    char *ns;
    char **fields; /* dotted paths */
    size_t field_count;
};

struct bm_unset_rule {
    char *ns;
    char *field;    /* dotted path */
    unsigned empty; /* as a fill rule's */
};

enum bm_duplicate_action {
    BM_DUPLICATE_FAIL,
    BM_DUPLICATE_REFILL,
    BM_DUPLICATE_REJECT,
    BM_DUPLICATE_LEAVE
};

struct bm_duplicate_rule {
    char *ns;
    char *index; /* its name; with BM_DUPLICATE_LEAVE also "validator", "oversize" or "capped" */
    enum bm_duplicate_action action;
};

enum bm_keep { BM_KEEP_FIRST, BM_KEEP_LAST, BM_KEEP_NEWEST, BM_KEEP_OLDEST };

struct bm_keep_rule {
    char *ns;
    enum bm_keep which;
    char *field; /* dotted path by which newest and oldest are told, else NULL */
};

struct bm_index_rule {
    char *ns;
    char *index; /* its name */
    enum bm_index_action action;
    enum bm_partial_type partial; /* of BM_INDEX_ACTION_PARTIAL */
};

struct bm_require_rule {
    char *ns;
    char *field; /* dotted path */
};

struct bm_rules {
    struct bm_fill_rule *fills;
    size_t fill_count;
    struct bm_unique_rule *uniques;
    size_t unique_count;
    struct bm_unset_rule *unsets;
    size_t unset_count;
    struct bm_duplicate_rule *duplicates;
    size_t duplicate_count;
    struct bm_keep_rule *keeps;
    size_t keep_count;
    struct bm_index_rule *indexes;
    size_t index_count;
    struct bm_require_rule *requires;
    size_t require_count;
    char **includes; /* mongorestore's namespace patterns; none: everything */
    size_t include_count;
    char **excludes;
    size_t exclude_count;
    unsigned empty;    /* enum bm_emptiness bits; starts with all */
    unsigned attempts; /* candidates tried for one token; starts with 3 */
};

void bm_rules_init(struct bm_rules *rules);
void bm_rules_free(struct bm_rules *rules); /* leaves it as after init */

/* Each takes an argument as the command line has it; BM_ERROR_USAGE names what is wrong with it. */
enum bm_status bm_rules_add_fill(struct bm_rules *rules, const char *text,
                                 struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_add_unique(struct bm_rules *rules, const char *text,
                                   struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_add_include(struct bm_rules *rules, const char *pattern,
                                    struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_add_exclude(struct bm_rules *rules, const char *pattern,
                                    struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rules_set_empty(struct bm_rules *rules, const char *list,
                                  struct bm_error *err) BM_MUST_USE;

/* "[NS:]FIELD" */
enum bm_status bm_rules_add_unset(struct bm_rules *rules, const char *text,
                                  struct bm_error *err) BM_MUST_USE;
/* "[NS:]INDEX=fail|refill|reject|leave" */
enum bm_status bm_rules_add_duplicate(struct bm_rules *rules, const char *text,
                                      struct bm_error *err) BM_MUST_USE;
/* "[NS:]first|last|newest(FIELD)|oldest(FIELD)" */
enum bm_status bm_rules_add_keep(struct bm_rules *rules, const char *text,
                                 struct bm_error *err) BM_MUST_USE;
/* "[NS:]NAME=partial[:TYPE]|sparse|nonunique|drop" */
enum bm_status bm_rules_add_index(struct bm_rules *rules, const char *text,
                                  struct bm_error *err) BM_MUST_USE;
/* "[NS:]FIELD" */
enum bm_status bm_rules_add_require(struct bm_rules *rules, const char *text,
                                    struct bm_error *err) BM_MUST_USE;

/*
 * Adds the rules of a rules file, one JSON object of at most 1 MiB:
 *   {"rules": [{"ns": "DB.COLLECTION", "fill": {FIELD: TOKEN}, "empty": ["missing", …],
 *               "unset": [FIELD], "unique": [[FIELD, …]], "keep": WHICH,
 *               "duplicates": {INDEX: ACTION}, "indexes": {NAME: ACTION}, "require": [FIELD]}]}
 * All but "ns" may be left out; "empty" is for the fills and unsets beside it; TOKEN may be "auto".
 * BM_ERROR_USAGE names the place, "rules[0].fill.token": an unknown key, one that comes twice, a
 * wrong type or value, no JSON (with its offset). Some rules may have been added by then.
 */
enum bm_status bm_rules_parse(struct bm_rules *rules, struct bm_view text,
                              struct bm_error *err) BM_MUST_USE;
/* The same from a file; also BM_ERROR_IO. Errors carry the path. */
enum bm_status bm_rules_read(struct bm_rules *rules, const char *path,
                             struct bm_error *err) BM_MUST_USE;

/*
 * Whether a namespace is judged and mended: matched by an include (or there is none) and by no
 * exclude. Patterns as in mongorestore: `*` any run of characters, `\` takes the next one
 * literally.
 */
int bm_rules_select(const struct bm_rules *rules, const char *ns);

#endif
