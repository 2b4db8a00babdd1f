/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_VALIDATOR_KEYWORDS_H
#define BM_KEY_VALIDATOR_KEYWORDS_H

#include "key/validator_parts.h"

#define BM_OF_SCHEMA " of $jsonSchema is not judged"

/* A keyword of a $jsonSchema. */
struct bm_keyword {
    const struct bm_element *element; /* its name and what it says */
    struct bm_view schema;            /* the document it stands in */
    unsigned depth;                   /* of that one */
    enum bm_demand_scope scope;       /* of which values it speaks */
};

/*
 * Each adds what one keyword asks of a value alone; what the server would refuse is a doubt. The
 * parts of schemas in schemas are left to validator_schema.c. Facts: mongod json_schema_parser.cpp,
 * matcher_type_set.cpp (the types of JSON), bsonelement.cpp (what counts as a whole number).
 */
enum bm_status bm_keyword_bson_type(const struct bm_asking *asking,
                                    const struct bm_keyword *keyword,
                                    struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_type(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_enum(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_unique(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err) BM_MUST_USE;
/* minimum and maximum, with their exclusive forms, which add nothing by themselves. */
enum bm_status bm_keyword_minimum(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                  struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_maximum(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                  struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_exclusive(const struct bm_asking *asking,
                                    const struct bm_keyword *keyword,
                                    struct bm_error *err) BM_MUST_USE;
/* multipleOf, when that is a whole number. */
enum bm_status bm_keyword_multiple(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                   struct bm_error *err) BM_MUST_USE;
/* The least and the greatest length, number of entries or of fields, by the scope. */
enum bm_status bm_keyword_least(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_most(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               struct bm_error *err) BM_MUST_USE;

/* What the server would refuse; and what is not judged, of the values the keyword speaks of. */
enum bm_status bm_keyword_doubt(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                struct bm_error *err) BM_MUST_USE;
enum bm_status bm_keyword_leave_open(const struct bm_asking *asking,
                                     const struct bm_keyword *keyword,
                                     struct bm_error *err) BM_MUST_USE;

/* Whether it is an array of one string or more, no two of which are equal. */
int bm_keyword_lists_texts(const struct bm_element *element);
/* Another keyword of the same schema. */
int bm_keyword_sibling(const struct bm_keyword *keyword, const char *name,
                       struct bm_element *sibling);

#endif
