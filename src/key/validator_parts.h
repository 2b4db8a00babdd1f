/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_VALIDATOR_PARTS_H
#define BM_KEY_VALIDATOR_PARTS_H

#include "key/validator.h"

#define BM_NOT_JUDGED " is not judged"

/* A validator on its way. BM_FAIL of what follows: memory, or damage in the validator. */
struct bm_asking {
    struct bm_validator *validator;
    struct bm_server server;
};

/* Adds a demand, whose parts are those added until it is closed. */
enum bm_status bm_asking_add(const struct bm_asking *asking, enum bm_demand_kind kind,
                             size_t *number, struct bm_error *err) BM_MUST_USE;
void bm_asking_close(const struct bm_asking *asking, size_t number);
/* The demand that was added last; lent until the next. */
struct bm_demand *bm_asking_last(const struct bm_asking *asking);

/* Adds what is not judged: the name of the element, and `where` behind it. */
enum bm_status bm_asking_add_unknown(const struct bm_asking *asking,
                                     const struct bm_element *element, const char *where,
                                     enum bm_demand_scope scope, struct bm_error *err) BM_MUST_USE;
/* The same, and the server may not even make a collection with it. */
enum bm_status bm_asking_add_doubt(const struct bm_asking *asking, const struct bm_element *element,
                                   const char *where, struct bm_error *err) BM_MUST_USE;

/* What a filter of one condition asks: {FIELD: VALUE} or, with an operator, {FIELD: {OPERATOR:
 * VALUE}}. */
struct bm_asked {
    struct bm_view field;
    const char *operation;          /* NULL: none */
    const struct bm_element *value; /* only type and value count */
    const struct bm_element *said;  /* what the user wrote, for the reason */
};
/* Adds a demand that holds the filter; where that is not judged, one of what is unknown. */
enum bm_status bm_asking_add_filter(const struct bm_asking *asking, enum bm_demand_kind kind,
                                    const struct bm_asked *asked, struct bm_error *err) BM_MUST_USE;

/* Adds what a $jsonSchema asks. */
enum bm_status bm_asking_add_schema(const struct bm_asking *asking, struct bm_view schema,
                                    unsigned depth, struct bm_error *err) BM_MUST_USE;

#endif
