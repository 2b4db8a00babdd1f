/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_INDEX_H
#define BM_KEY_INDEX_H

#include "base/buffer.h"
#include "bsonmend/key.h"

#define BM_FIELDS_MOST 32u /* in a key pattern; more the server refuses */

/* One field of a key pattern. */
struct bm_field {
    char *path;                 /* dotted */
    struct bm_view *components; /* views into path */
    size_t count;
};

/* How the keys of an index come from a document. */
enum bm_key_rule {
    BM_RULE_BTREE, /* paths, arrays expanded */
    BM_RULE_WHOLE  /* the one field is _id: its element as it is, arrays refused */
};

struct bm_index {
    char *name;
    char *reason; /* NULL: judged */
    enum bm_index_kind kind;
    enum bm_key_rule rule;
    struct bm_view pattern;
    struct bm_buffer own_pattern; /* of an index that is in no metadata */
    struct bm_field *fields;
    size_t field_count;
};

#endif
