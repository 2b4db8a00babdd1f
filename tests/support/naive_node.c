/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_node.h"

#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>

struct naive_block {
    struct naive_block *before;
};

void *naive_take(struct naive_pool *pool, size_t size)
{
    struct naive_block *block = calloc(1, sizeof *block + size);
    if (block == NULL) {
        abort();
    }
    block->before = pool->last;
    pool->last = block;
    return block + 1;
}

void naive_pool_free(struct naive_pool *pool)
{
    while (pool->last != NULL) {
        struct naive_block *before = pool->last->before;
        free(pool->last);
        pool->last = before;
    }
}

const struct naive_node *naive_entry(const struct naive_node *parent, const char *name, size_t len)
{
    for (const struct naive_node *node = parent->first; node != NULL; node = node->next) {
        if (node->name_len == len && memcmp(node->name, name, len) == 0) {
            return node;
        }
    }
    return NULL;
}

const struct naive_node *naive_field(const struct naive_node *parent, const char *name)
{
    return naive_entry(parent, name, strlen(name));
}

int naive_is_number(const struct naive_node *node)
{
    return node->type == BM_TYPE_DOUBLE || node->type == BM_TYPE_INT32 ||
           node->type == BM_TYPE_INT64 || node->type == BM_TYPE_DECIMAL128;
}

int naive_is_true(const struct naive_node *node)
{
    if (node->type == BM_TYPE_BOOL) {
        return node->integer != 0;
    }
    return naive_is_number(node) && (node->number.kind != NAIVE_FINITE || node->number.count != 0);
}

static struct bm_view view_of(const void *data, size_t len)
{
    return (struct bm_view){data, len};
}

static struct naive_node *read_entries(struct naive_pool *pool, struct bm_view document,
                                       int *damaged);

static void read_number(struct naive_pool *pool, const bson_iter_t *at, struct naive_number *out)
{
    bson_decimal128_t decimal;
    if (bson_iter_type(at) == BSON_TYPE_DOUBLE) {
        naive_number_of_double(pool, bson_iter_double(at), out);
    } else if (bson_iter_decimal128(at, &decimal)) {
        naive_number_of_decimal(pool, decimal.high, decimal.low, out);
    } else {
        naive_number_of_integer(pool, bson_iter_as_int64(at), out);
    }
}

/* Types whose value is text, or bytes that one looks at as such. */
static int read_bytes(const bson_iter_t *at, const uint8_t *value, struct naive_node *node)
{
    uint32_t len = 0;
    const char *text = NULL;
    const bson_oid_t *id;
    switch ((int)node->type) {
    case BM_TYPE_STRING:
        text = bson_iter_utf8(at, &len);
        break;
    case BM_TYPE_SYMBOL:
        text = bson_iter_symbol(at, &len);
        break;
    case BM_TYPE_CODE:
        text = bson_iter_code(at, &len);
        break;
    case BM_TYPE_OBJECT_ID:
        node->bytes = view_of(bson_iter_oid(at), 12);
        return 1;
    case BM_TYPE_REGEX: {
        const char *options = NULL;
        text = bson_iter_regex(at, &options);
        node->more = view_of(options, strlen(options));
        len = (uint32_t)strlen(text);
        break;
    }
    case BM_TYPE_DB_POINTER:
        bson_iter_dbpointer(at, &len, &text, &id);
        node->more = view_of(id, 12);
        break;
    case BM_TYPE_BINARY:
        /* libbson hides the inner length of subtype 2, which the server compares. */
        len = (uint32_t)value[0] | (uint32_t)value[1] << 8 | (uint32_t)value[2] << 16 |
              (uint32_t)value[3] << 24;
        node->subtype = value[4];
        text = (const char *)value + 5;
        break;
    default:
        return 0;
    }
    node->bytes = view_of(text, len);
    return 1;
}

static void read_value(struct naive_pool *pool, const bson_iter_t *at, const uint8_t *value,
                       struct naive_node *node, int *damaged)
{
    uint32_t len, code_len, seconds, increment;
    const uint8_t *inner;
    if (read_bytes(at, value, node)) {
        return;
    }
    switch ((int)node->type) {
    case BM_TYPE_DOUBLE:
    case BM_TYPE_INT32:
    case BM_TYPE_INT64:
    case BM_TYPE_DECIMAL128:
        read_number(pool, at, &node->number);
        break;
    case BM_TYPE_OBJECT:
        bson_iter_document(at, &len, &inner);
        node->first = read_entries(pool, view_of(inner, len), damaged);
        break;
    case BM_TYPE_ARRAY:
        bson_iter_array(at, &len, &inner);
        node->first = read_entries(pool, view_of(inner, len), damaged);
        break;
    case BM_TYPE_CODE_WITH_SCOPE:
        node->bytes.data = (const uint8_t *)bson_iter_codewscope(at, &code_len, &len, &inner);
        node->bytes.len = code_len;
        node->first = read_entries(pool, view_of(inner, len), damaged);
        break;
    case BM_TYPE_BOOL:
        node->integer = bson_iter_bool(at);
        break;
    case BM_TYPE_DATE:
        node->integer = bson_iter_date_time(at);
        break;
    case BM_TYPE_TIMESTAMP:
        bson_iter_timestamp(at, &seconds, &increment);
        node->timestamp = (uint64_t)seconds << 32 | increment;
        break;
    default:
        break; /* undefined, null, the two ends: nothing but the type */
    }
}

static struct naive_node *read_entries(struct naive_pool *pool, struct bm_view document,
                                       int *damaged)
{
    struct naive_node *first = NULL, **link = &first, *last = NULL;
    size_t value_at = 0;
    bson_t bson;
    bson_iter_t at;
    if (!bson_init_static(&bson, document.data, document.len) || !bson_iter_init(&at, &bson)) {
        *damaged = 1;
        return NULL;
    }
    while (bson_iter_next(&at)) {
        struct naive_node *node = naive_take(pool, sizeof *node);
        if (last != NULL) {
            last->encoded = bson_iter_offset(&at) - value_at;
        }
        node->type = (uint8_t)bson_iter_type(&at);
        node->name = bson_iter_key(&at);
        node->name_len = bson_iter_key_len(&at);
        value_at = bson_iter_offset(&at) + 1 + node->name_len + 1;
        read_value(pool, &at, document.data + value_at, node, damaged);
        *link = last = node;
        link = &node->next;
    }
    if (last != NULL) {
        last->encoded = document.len - 1 - value_at;
    }
    if (at.err_off != 0) {
        *damaged = 1;
    }
    return first;
}

struct naive_node *naive_read(struct naive_pool *pool, struct bm_view document)
{
    int damaged = 0;
    struct naive_node *node = naive_take(pool, sizeof *node);
    node->type = BM_TYPE_OBJECT;
    node->name = "";
    node->encoded = document.len;
    node->first = read_entries(pool, document, &damaged);
    return damaged ? NULL : node;
}
