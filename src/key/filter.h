/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_FILTER_H
#define BM_KEY_FILTER_H

#include "bsonmend/key.h"
#include "key/compare.h"
#include "key/field.h"
#include "key/refusal.h"

/*
 * Which documents a partial index holds: its filter, compiled once. Facts: mongod
 * index_catalog_impl.cpp (what a filter may say), path.cpp (which elements it sees),
 * matcher_single_element_match.cpp (when one of them meets it).
 */

enum bm_filter_kind {
    BM_FILTER_AND,
    BM_FILTER_OR,
    BM_FILTER_EQUAL,
    BM_FILTER_LESS,
    BM_FILTER_LESS_OR_EQUAL,
    BM_FILTER_GREATER,
    BM_FILTER_GREATER_OR_EQUAL,
    BM_FILTER_EXISTS,
    BM_FILTER_TYPE,
    BM_FILTER_IN
};

/* A condition; the filter has them in one array, each in front of its parts. */
struct bm_condition {
    enum bm_filter_kind kind;
    size_t end;                /* number of the first condition that is no part of it */
    struct bm_field field;     /* not of and, or */
    struct bm_element operand; /* comparisons, and the array of $in; borrows from the filter */
    uint8_t types[32];         /* BM_FILTER_TYPE: a bit for each type byte */
};

struct bm_filter {
    struct bm_condition *conditions; /* the first holds all others */
    size_t count;
    size_t capacity;
    int takes_undefined; /* a server to which undefined is as good as null */
    const struct bm_collation *collation;
};

/* What a filter is for decides what it may say, and not what it means. */
enum bm_filter_use {
    BM_FILTER_OF_INDEX,    /* only what the server admits in a partial index */
    BM_FILTER_OF_VALIDATOR /* all that is known here */
};

struct bm_filter_options {
    struct bm_server server;
    const struct bm_collation *collation; /* of the index, NULL: none; must outlive the filter */
    enum bm_filter_use use;
};

/* Why a filter is not judged. */
struct bm_filter_refusal {
    char *words;    /* malloc'd */
    int is_servers; /* 1: the server would refuse it; 0: this program does not judge it */
};

/* Compiles a filter document, which must outlive it. BM_END: it cannot be judged, *refusal (empty
 * before) says why. */
enum bm_status bm_filter_new(struct bm_view document, const struct bm_filter_options *options,
                             struct bm_filter **out, struct bm_filter_refusal *refusal,
                             struct bm_error *err) BM_MUST_USE;
void bm_filter_free(struct bm_filter *filter); /* NULL is fine */

/* A document held against a filter. */
struct bm_matching {
    /* By condition: the first top-level element of the name its path starts with, or NULL. */
    const struct bm_element *const *tops;
    const uint8_t *origin; /* start of the document */
    struct bm_units *units;
    enum bm_refusal refusal;
};

/*
 * *matches: whether the filter holds the document. BM_END: the server would not take the document,
 * the refusal says why. BM_FAIL: memory, or damage on the way.
 */
enum bm_status bm_filter_match(const struct bm_filter *filter, struct bm_matching *matching,
                               int *matches, struct bm_error *err) BM_MUST_USE;

#endif
