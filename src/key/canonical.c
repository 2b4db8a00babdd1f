/* SPDX-License-Identifier: Apache-2.0 */
#include "key/canonical.h"

#include <string.h>

#include "base/bytes.h"
#include "key/number.h"

/* Classes of values that never equal one another; 0 ends an object or array. */
enum value_class {
    CLASS_END = 0,
    CLASS_MIN_KEY,
    CLASS_UNDEFINED,
    CLASS_NULL,
    CLASS_NUMBER,
    CLASS_STRING,
    CLASS_OBJECT,
    CLASS_ARRAY,
    CLASS_BINARY,
    CLASS_OBJECT_ID,
    CLASS_BOOL,
    CLASS_DATE,
    CLASS_TIMESTAMP,
    CLASS_REGEX,
    CLASS_DB_POINTER,
    CLASS_CODE,
    CLASS_CODE_WITH_SCOPE,
    CLASS_MAX_KEY
};

static const uint8_t classes[256] = {
    [BM_TYPE_MIN_KEY] = CLASS_MIN_KEY,     [BM_TYPE_UNDEFINED] = CLASS_UNDEFINED,
    [BM_TYPE_NULL] = CLASS_NULL,           [BM_TYPE_DOUBLE] = CLASS_NUMBER,
    [BM_TYPE_INT32] = CLASS_NUMBER,        [BM_TYPE_INT64] = CLASS_NUMBER,
    [BM_TYPE_DECIMAL128] = CLASS_NUMBER,   [BM_TYPE_STRING] = CLASS_STRING,
    [BM_TYPE_SYMBOL] = CLASS_STRING,       [BM_TYPE_OBJECT] = CLASS_OBJECT,
    [BM_TYPE_ARRAY] = CLASS_ARRAY,         [BM_TYPE_BINARY] = CLASS_BINARY,
    [BM_TYPE_OBJECT_ID] = CLASS_OBJECT_ID, [BM_TYPE_BOOL] = CLASS_BOOL,
    [BM_TYPE_DATE] = CLASS_DATE,           [BM_TYPE_TIMESTAMP] = CLASS_TIMESTAMP,
    [BM_TYPE_REGEX] = CLASS_REGEX,         [BM_TYPE_DB_POINTER] = CLASS_DB_POINTER,
    [BM_TYPE_CODE] = CLASS_CODE,           [BM_TYPE_CODE_WITH_SCOPE] = CLASS_CODE_WITH_SCOPE,
    [BM_TYPE_MAX_KEY] = CLASS_MAX_KEY};

enum bm_status bm_offset_from(struct bm_error *err, struct bm_view part, const uint8_t *origin)
{
    if (err->code == BM_ERROR_CORRUPT && err->offset != BM_NO_OFFSET) {
        err->offset += (uint64_t)(part.data - origin);
    }
    return BM_FAIL;
}

static enum bm_status room(struct bm_canonical *writing, size_t extra, struct bm_error *err)
{
    struct bm_buffer *out = writing->out;
    if (out->len <= BM_KEY_BYTES_MOST && extra <= out->capacity - out->len &&
        extra <= BM_KEY_BYTES_MOST - out->len) {
        return BM_OK; /* nearly always, and for every value of every key */
    }
    if (out->len > BM_KEY_BYTES_MOST || extra > BM_KEY_BYTES_MOST - out->len) {
        writing->refusal = BM_REFUSAL_BYTES;
        return BM_END;
    }
    return bm_buffer_reserve(out, extra, err);
}

/* Only where room() was asked. */
static void put(struct bm_canonical *writing, const void *bytes, size_t len)
{
    struct bm_buffer *out = writing->out;
    if (len > 0) {
        memcpy(out->data + out->len, bytes, len);
        out->len += len;
    }
}

static void put_byte(struct bm_canonical *writing, uint8_t byte)
{
    writing->out->data[writing->out->len++] = byte;
}

/* The recursion goes down at most BM_DEPTH_MOST levels. */
static enum bm_status write_value(struct bm_canonical *writing, uint8_t type, struct bm_view value,
                                  unsigned depth, struct bm_error *err);

/* The elements of an object or array, each as its class, its name (objects only), its value. */
static enum bm_status write_elements(struct bm_canonical *writing, uint8_t type,
                                     struct bm_view document, unsigned depth, struct bm_error *err)
{
    if (depth == BM_DEPTH_MOST) {
        writing->refusal = BM_REFUSAL_DEPTH;
        return BM_END;
    }
    struct bm_elements elements;
    struct bm_element element;
    if (bm_elements_open(&elements, document, err) != BM_OK) {
        return bm_offset_from(err, document, writing->origin);
    }
    enum bm_status status;
    while ((status = bm_elements_next(&elements, &element, err)) == BM_OK) {
        struct bm_view name = element.name;
        if (type != BM_TYPE_ARRAY) {
            status = room(writing, name.len + 2, err);
            if (status != BM_OK) {
                return status;
            }
            put_byte(writing, classes[element.type]);
            put(writing, name.data, name.len);
            put_byte(writing, 0);
        }
        status = write_value(writing, element.type, element.value, depth + 1, err);
        if (status != BM_OK) {
            return status;
        }
    }
    if (status == BM_FAIL) {
        return bm_offset_from(err, document, writing->origin);
    }
    status = room(writing, 1, err);
    if (status == BM_OK) {
        put_byte(writing, CLASS_END);
    }
    return status;
}

/* Code with scope: its length, the code as a string, the scope as an object. */
static enum bm_status write_scoped(struct bm_canonical *writing, struct bm_view value,
                                   unsigned depth, struct bm_error *err)
{
    size_t code = 4 + (size_t)bm_le32(value.data + 4);
    enum bm_status status = room(writing, code, err);
    if (status != BM_OK) {
        return status;
    }
    put(writing, value.data + 4, code);
    struct bm_view scope = {value.data + 4 + code, value.len - 4 - code};
    const struct bm_collation *collation = writing->collation;
    writing->collation = NULL; /* which stops at code */
    status = write_elements(writing, BM_TYPE_OBJECT, scope, depth, err);
    writing->collation = collation;
    return status;
}

/* A string under a collation: its sort key, behind the length of that. */
static enum bm_status write_collated(struct bm_canonical *writing, uint8_t type,
                                     struct bm_view value, struct bm_error *err)
{
    struct bm_buffer *out = writing->out;
    struct bm_view text = {value.data + 4, value.len - 5};
    if (type == BM_TYPE_SYMBOL) {
        writing->refusal = BM_REFUSAL_SYMBOL;
        return BM_END;
    }
    if (bm_collation_is_slow(text)) {
        writing->refusal = BM_REFUSAL_MARKS;
        return BM_END;
    }
    size_t at = out->len;
    out->len += 4; /* there is room, see write_value */
    enum bm_status status =
        bm_collation_key(writing->collation, text, writing->units, BM_KEY_BYTES_MOST, out, err);
    if (status != BM_OK) {
        writing->refusal = BM_REFUSAL_BYTES;
        return status;
    }
    size_t len = out->len - at - 4;
    bm_put_le32(out->data + at, (uint32_t)len);
    writing->grown += len > text.len ? len - text.len : 0;
    writing->shrunk += len < text.len ? text.len - len : 0;
    return BM_OK;
}

static enum bm_status write_value(struct bm_canonical *writing, uint8_t type, struct bm_view value,
                                  unsigned depth, struct bm_error *err)
{
    enum value_class kind = classes[type];
    size_t plain = kind == CLASS_OBJECT || kind == CLASS_ARRAY ? 0 : value.len;
    enum bm_status status = room(writing, 1 + BM_NUMBER_MOST + plain, err);
    if (status != BM_OK) {
        return status;
    }
    put_byte(writing, (uint8_t)kind);
    if (kind == CLASS_NUMBER) {
        struct bm_buffer *out = writing->out;
        out->len += bm_number_write(type, value.data, out->data + out->len);
    } else if (kind == CLASS_OBJECT || kind == CLASS_ARRAY) {
        status = write_elements(writing, type, value, depth, err);
    } else if (kind == CLASS_CODE_WITH_SCOPE) {
        status = write_scoped(writing, value, depth, err);
    } else if (kind == CLASS_STRING && writing->collation != NULL) {
        status = write_collated(writing, type, value, err);
    } else if (kind == CLASS_BOOL) {
        put_byte(writing, value.data[0] != 0);
    } else {
        /* Of fixed length, or told by a length or a zero byte inside. */
        put(writing, value.data, value.len);
    }
    return status;
}

enum bm_status bm_canonical_append(struct bm_canonical *canonical, uint8_t type,
                                   struct bm_view value, struct bm_error *err)
{
    return write_value(canonical, type, value, 0, err);
}
