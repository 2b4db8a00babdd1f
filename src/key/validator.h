/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_VALIDATOR_H
#define BM_KEY_VALIDATOR_H

#include "base/buffer.h"
#include "key/filter.h"
#include "key/values.h"

/*
 * A validator as a list of demands, each in front of its parts. What compares values is left to
 * filters of one condition, so that both mean the same, but for the lists of a schema. Facts:
 * mongod expression_tree.cpp ($and, $or, $nor, $not), json_schema_parser.cpp (what a schema asks of
 * which values), expression_internal_schema_*.cpp (what that means).
 */

enum bm_demand_kind {
    BM_DEMAND_ALL,      /* all parts */
    BM_DEMAND_ANY,      /* one of the parts */
    BM_DEMAND_NONE,     /* none of the parts */
    BM_DEMAND_ONE,      /* exactly one of the parts */
    BM_DEMAND_FILTER,   /* the document meets a filter */
    BM_DEMAND_VALUE,    /* the value meets the only condition of a filter */
    BM_DEMAND_TYPE,     /* the value is of one of the types */
    BM_DEMAND_LISTED,   /* the value is one of those listed */
    BM_DEMAND_UNIQUE,   /* the entries of the array differ */
    BM_DEMAND_LENGTH,   /* the value has so many characters, entries or fields */
    BM_DEMAND_MULTIPLE, /* the number is a multiple of another */
    BM_DEMAND_ITEMS,    /* the entries of the array that stand at these places meet all parts */
    BM_DEMAND_PRESENT,  /* the object has a field of that name */
    BM_DEMAND_FIELD,    /* the field of that name, if the object has it, meets all parts */
    BM_DEMAND_OTHERS,   /* the fields of the object that are not named meet all parts */
    BM_DEMAND_UNKNOWN   /* what this program does not judge */
};

/* Of which values a demand speaks: all others meet it. */
enum bm_demand_scope {
    BM_SCOPE_ALL,
    BM_SCOPE_STRINGS,
    BM_SCOPE_NUMBERS,
    BM_SCOPE_ARRAYS,
    BM_SCOPE_OBJECTS
};

struct bm_demand {
    enum bm_demand_kind kind;
    enum bm_demand_scope scope;
    size_t end; /* number of the first demand that is no part of it */
    struct bm_filter *filter;
    uint8_t *bytes;           /* the filter's document, owned */
    uint8_t types[32];        /* BM_DEMAND_TYPE: a bit for each type byte */
    struct bm_values *listed; /* BM_DEMAND_LISTED, sorted, owned */
    uint64_t least, most;     /* BM_DEMAND_LENGTH; BM_DEMAND_ITEMS: the first place, the last */
    uint64_t divisor;         /* BM_DEMAND_MULTIPLE */
    struct bm_view name;      /* borrows from the validator, as does: */
    struct bm_view named;     /* BM_DEMAND_OTHERS: a document with the names; len 0: none */
    char *words;              /* BM_DEMAND_UNKNOWN: what is not judged, owned */
};

struct bm_validator {
    struct bm_demand *demands; /* the first holds all others */
    size_t count, capacity;
    char *doubt;         /* what the server may not take at all, NULL: nothing of it */
    const char *unknown; /* why the last answer is unknown; a demand's, or static */
    struct bm_collation *collation;
    struct bm_element *tops; /* of one filter in the current document */
    const struct bm_element **found;
    size_t top_capacity;
    struct bm_units units;
    struct bm_values values; /* of the current document, held against lists */
};

/* Demands are nested no deeper: matching follows them. */
#define BM_DEMAND_DEPTH_MOST 60u

#endif
