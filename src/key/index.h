/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_INDEX_H
#define BM_KEY_INDEX_H

#include "base/buffer.h"
#include "bsonmend/key.h"
#include "key/field.h"
#include "key/filter.h"

#define BM_FIELDS_MOST 32u /* in a key pattern; more the server refuses */

/* How the keys of an index come from a document. */
enum bm_key_rule {
    BM_RULE_BTREE, /* paths, arrays expanded */
    BM_RULE_WHOLE  /* the one field is _id: its element as it is, arrays refused */
};

/* Whether the server builds an index, whatever the documents. */
enum bm_standing {
    BM_STANDING_SOUND, /* it does; a reason is this program's alone */
    BM_STANDING_DOUBTFUL,
    BM_STANDING_REFUSED
};

struct bm_index {
    char *name;
    char *reason; /* NULL: judged */
    enum bm_standing standing;
    enum bm_index_kind kind;
    enum bm_key_rule rule;
    struct bm_server server;
    int limits_keys;  /* the server refuses keys of 1024 bytes and more */
    int bans_dollars; /* the server refuses documents with a name at the top that starts with $ */
    int sparse;
    int clustered;
    struct bm_filter *filter;          /* NULL: it holds all documents */
    struct bm_collation *collation;    /* NULL: strings are their bytes */
    struct bm_view collation_document; /* borrowed from the specification */
    struct bm_view spec;               /* borrowed, len 0: none */
    struct bm_view pattern;
    struct bm_buffer own_pattern; /* of an index that is in no metadata */
    struct bm_field *fields;
    size_t field_count;
    size_t field_capacity; /* a dump has indexes by the hundred thousand, of one field mostly */
};

#endif
