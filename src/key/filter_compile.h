/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_FILTER_COMPILE_H
#define BM_KEY_FILTER_COMPILE_H

#include "key/filter.h"

/* A filter on its way from a document that was checked. Every function that returns a status says
 * BM_END when the filter cannot be judged, with the reason noted. */
struct bm_compiling {
    struct bm_filter *filter;
    struct bm_server server;
    enum bm_filter_use use;
    struct bm_filter_refusal *refusal; /* the server's takes the place of a giving up */
};

/* The server refuses it: `before`, then up to 200 bytes of `name`. Returns BM_END. */
enum bm_status bm_compiling_refuse(const struct bm_compiling *compiling, const char *before,
                                   const char *name, struct bm_error *err);
/* No partial index of this server takes this operator. Returns BM_END. */
enum bm_status bm_compiling_refuse_operator(const struct bm_compiling *compiling, const char *name,
                                            struct bm_error *err);
/*
 * The server may take it, but nothing is known of its meaning here: the filter will not be judged.
 * Compiling goes on (BM_OK), because what the server refuses further on comes before that.
 */
enum bm_status bm_compiling_give_up(const struct bm_compiling *compiling, const char *what,
                                    struct bm_error *err);

/* Whether the server takes $or, $in and nesting. */
int bm_compiling_takes_or(const struct bm_compiling *compiling);
/* Whether an element is of that name. */
int bm_compiling_is_called(const struct bm_element *element, const char *name);
/* A value that is a document whose first name is an operator, and no reference. */
int bm_compiling_is_operators(const struct bm_element *element);

/* Adds a condition that the server takes at this level of $and and $or. */
enum bm_status bm_compiling_add(struct bm_compiling *compiling, enum bm_filter_kind kind,
                                unsigned level, size_t *number, struct bm_error *err) BM_MUST_USE;
/* Adds {field: value}, where value is no document of operators. */
enum bm_status bm_compiling_add_equal(struct bm_compiling *compiling,
                                      const struct bm_element *element, unsigned level,
                                      struct bm_error *err) BM_MUST_USE;
/* Adds one operator of {field: {$operator: value, …}}. */
enum bm_status bm_compiling_add_operator(struct bm_compiling *compiling,
                                         const struct bm_element *field,
                                         const struct bm_element *operation, unsigned level,
                                         struct bm_error *err) BM_MUST_USE;

#endif
