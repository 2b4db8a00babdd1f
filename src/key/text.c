/* SPDX-License-Identifier: Apache-2.0 */
#include "key/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "doc/c_locale.h"
#include "key/canonical.h"
#include "key/number.h"

struct bm_text bm_text_start(struct bm_buffer *out, size_t most)
{
    return (struct bm_text){out, most < SIZE_MAX - out->len ? out->len + most : SIZE_MAX};
}

static int is_full(const struct bm_text *text)
{
    return text->out->len > text->end;
}

enum bm_status bm_text_bytes(struct bm_text *text, struct bm_view bytes, struct bm_error *err)
{
    if (is_full(text)) {
        return BM_OK;
    }
    /* One byte too many is how finish knows that something is missing. */
    size_t left = text->end - text->out->len;
    bytes.len = bytes.len > left ? left + 1 : bytes.len;
    return bm_buffer_append(text->out, bytes, err);
}

enum bm_status bm_text_finish(struct bm_text *text, struct bm_error *err)
{
    if (!is_full(text)) {
        return BM_OK;
    }
    text->out->len = text->end;
    return bm_buffer_append_text(text->out, "...", err);
}

static enum bm_status put(struct bm_text *text, const char *words, struct bm_error *err)
{
    return bm_text_bytes(text, bm_view_text(words), err);
}

static enum bm_status put_number(struct bm_text *text, const char *before, int64_t number,
                                 const char *after, struct bm_error *err)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRId64, number);
    if (put(text, before, err) != BM_OK || put(text, digits, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, after, err);
}

static enum bm_status put_hex(struct bm_text *text, struct bm_view bytes, const char *digits,
                              struct bm_error *err)
{
    for (size_t i = 0; i < bytes.len && !is_full(text); i++) {
        char pair[3] = {digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15], 0};
        if (put(text, pair, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

static enum bm_status put_double(struct bm_text *text, uint64_t bits, struct bm_error *err)
{
    char digits[40];
    double number;
    memcpy(&number, &bits, sizeof number);
    if ((bits & INT64_MAX) > UINT64_C(0x7ff0000000000000)) {
        return put(text, "nan.0", err); /* keys do not keep the sign of a NaN */
    }
    struct bm_c_locale locale;
    if (bm_c_locale_enter(&locale, err) != BM_OK) {
        return BM_FAIL;
    }
    (void)snprintf(digits, sizeof digits, "%.16g", number);
    bm_c_locale_leave(&locale);
    if (put(text, digits, err) != BM_OK) {
        return BM_FAIL;
    }
    return strpbrk(digits, ".EN") == NULL ? put(text, ".0", err) : BM_OK;
}

/* Digits as the decimal128 specification has them; returns how many. */
static int digits_of(bm_u128 coefficient, char *digits)
{
    char reversed[40];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + (int)(coefficient % 10));
        coefficient /= 10;
    } while (coefficient != 0);
    for (int i = 0; i < count; i++) {
        digits[i] = reversed[count - 1 - i];
    }
    digits[count] = '\0';
    return count;
}

static enum bm_status put_decimal(struct bm_text *text, const uint8_t *value, struct bm_error *err)
{
    struct bm_decimal decimal = bm_decimal_read(value);
    char digits[40];
    char shown[64];
    if (decimal.kind == BM_DECIMAL_NAN) {
        return put(text, "NaN", err);
    }
    if (decimal.negative && put(text, "-", err) != BM_OK) {
        return BM_FAIL;
    }
    if (decimal.kind == BM_DECIMAL_INFINITE) {
        return put(text, "Infinity", err);
    }
    int count = digits_of(decimal.coefficient, digits);
    int leading = decimal.exponent + count - 1; /* power of ten of the first digit */
    if (decimal.exponent > 0 || leading < -6) {
        (void)snprintf(shown, sizeof shown, "%.1s%s%sE%+d", digits, count > 1 ? "." : "",
                       digits + 1, leading);
    } else if (decimal.exponent == 0) {
        (void)snprintf(shown, sizeof shown, "%s", digits);
    } else if (leading >= 0) {
        (void)snprintf(shown, sizeof shown, "%.*s.%s", leading + 1, digits, digits + leading + 1);
    } else {
        (void)snprintf(shown, sizeof shown, "0.%.*s%s", -leading - 1, "000000", digits);
    }
    return put(text, shown, err);
}

static enum bm_status put_quoted(struct bm_text *text, struct bm_view content, struct bm_error *err)
{
    enum { LONG = 160, SHOWN = 150 };
    int cut = content.len >= LONG;
    content.len = cut ? SHOWN : content.len;
    if (put(text, "\"", err) != BM_OK || bm_text_bytes(text, content, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, cut ? "...\"" : "\"", err);
}

enum bm_status bm_text_string(struct bm_text *text, struct bm_view content, struct bm_error *err)
{
    if (bm_utf8_all_text(content)) {
        return put_quoted(text, content, err);
    }
    enum { LONG = 79, SHOWN = 74 }; /* 160 and 150 characters of "0x…" */
    int cut = content.len >= LONG;
    content.len = cut ? SHOWN : content.len;
    if (put(text, "\"0x", err) != BM_OK || put_hex(text, content, lower, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, cut ? "...\"" : "\"", err);
}

/* The bytes of a length-prefixed string value without its final zero byte. */
static struct bm_view content_of(const uint8_t *string)
{
    return (struct bm_view){string + 4, bm_le32(string) - 1};
}

static enum bm_status put_code(struct bm_text *text, struct bm_view code, struct bm_error *err)
{
    enum { LONG = 80, SHOWN = 70 };
    int cut = code.len >= LONG;
    code.len = cut ? SHOWN : code.len;
    if (bm_text_bytes(text, code, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, cut ? "..." : "", err);
}

static enum bm_status put_uuid(struct bm_text *text, const uint8_t *bytes, struct bm_error *err)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    if (put(text, "UUID(\"", err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < 5; i++) {
        if ((i > 0 && put(text, "-", err) != BM_OK) ||
            put_hex(text, (struct bm_view){bytes, groups[i]}, lower, err) != BM_OK) {
            return BM_FAIL;
        }
        bytes += groups[i];
    }
    return put(text, "\")", err);
}

static enum bm_status put_binary(struct bm_text *text, struct bm_view value, struct bm_error *err)
{
    enum { UUID = 4, UUID_BYTES = 16, LONG = 80, SHOWN = 70 };
    struct bm_view bytes = {value.data + 5, value.len - 5};
    uint8_t subtype = value.data[4];
    if (subtype == UUID && bytes.len == UUID_BYTES) {
        return put_uuid(text, bytes.data, err);
    }
    int cut = bytes.len > LONG;
    bytes.len = cut ? SHOWN : bytes.len;
    if (put_number(text, "BinData(", subtype, ", ", err) != BM_OK ||
        put_hex(text, bytes, upper, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, cut ? "...)" : ")", err);
}

static enum bm_status put_object_id(struct bm_text *text, const char *before, const uint8_t *bytes,
                                    const char *after, struct bm_error *err)
{
    if (put(text, before, err) != BM_OK ||
        put_hex(text, (struct bm_view){bytes, 12}, lower, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, after, err);
}

static enum bm_status put_pointer(struct bm_text *text, struct bm_view value, struct bm_error *err)
{
    struct bm_view ns = content_of(value.data);
    if (put(text, "DBRef('", err) != BM_OK || bm_text_bytes(text, ns, err) != BM_OK) {
        return BM_FAIL;
    }
    return put_object_id(text, "',", value.data + value.len - 12, ")", err);
}

static enum bm_status put_regex(struct bm_text *text, struct bm_view value, struct bm_error *err)
{
    struct bm_view pattern = {value.data, strlen((const char *)value.data)};
    struct bm_view options = {value.data + pattern.len + 1, value.len - pattern.len - 2};
    if (put(text, "/", err) != BM_OK || bm_text_bytes(text, pattern, err) != BM_OK ||
        put(text, "/", err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_text_bytes(text, options, err);
}

static enum bm_status put_document(struct bm_text *text, uint8_t type, struct bm_view document,
                                   unsigned depth, struct bm_error *err);

static enum bm_status put_scoped(struct bm_text *text, struct bm_view value, unsigned depth,
                                 struct bm_error *err)
{
    struct bm_view code = content_of(value.data + 4);
    struct bm_view scope = {code.data + code.len + 1, value.len - 9 - code.len};
    if (put(text, "CodeWScope( ", err) != BM_OK || bm_text_bytes(text, code, err) != BM_OK ||
        put(text, ", ", err) != BM_OK ||
        put_document(text, BM_TYPE_OBJECT, scope, depth, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, ")", err);
}

static enum bm_status put_value(struct bm_text *text, uint8_t type, struct bm_view value,
                                unsigned depth, struct bm_error *err)
{
    const uint8_t *at = value.data;
    switch (type) {
    case BM_TYPE_DOUBLE:
        return put_double(text, bm_le64(at), err);
    case BM_TYPE_STRING:
    case BM_TYPE_SYMBOL:
        return put_quoted(text, content_of(at), err);
    case BM_TYPE_OBJECT:
    case BM_TYPE_ARRAY:
        return put_document(text, type, value, depth, err);
    case BM_TYPE_BINARY:
        return put_binary(text, value, err);
    case BM_TYPE_UNDEFINED:
        return put(text, "undefined", err);
    case BM_TYPE_OBJECT_ID:
        return put_object_id(text, "ObjectId('", at, "')", err);
    case BM_TYPE_BOOL:
        return put(text, at[0] != 0 ? "true" : "false", err);
    case BM_TYPE_DATE:
        return put_number(text, "new Date(", (int64_t)bm_le64(at), ")", err);
    case BM_TYPE_NULL:
        return put(text, "null", err);
    case BM_TYPE_REGEX:
        return put_regex(text, value, err);
    case BM_TYPE_DB_POINTER:
        return put_pointer(text, value, err);
    case BM_TYPE_CODE:
        return put_code(text, content_of(at), err);
    case BM_TYPE_CODE_WITH_SCOPE:
        return put_scoped(text, value, depth, err);
    case BM_TYPE_INT32:
        return put_number(text, "", (int32_t)bm_le32(at), "", err);
    case BM_TYPE_TIMESTAMP:
        return put_number(text, "Timestamp(", bm_le32(at + 4), ", ", err) == BM_OK
                   ? put_number(text, "", bm_le32(at), ")", err)
                   : BM_FAIL;
    case BM_TYPE_INT64:
        return put_number(text, "", (int64_t)bm_le64(at), "", err);
    case BM_TYPE_DECIMAL128:
        return put_decimal(text, at, err);
    case BM_TYPE_MIN_KEY:
        return put(text, "MinKey", err);
    default:
        return put(text, "MaxKey", err);
    }
}

static enum bm_status put_element(struct bm_text *text, uint8_t type,
                                  const struct bm_element *element, const char *before,
                                  unsigned depth, struct bm_error *err)
{
    if (put(text, before, err) != BM_OK) {
        return BM_FAIL;
    }
    if (type != BM_TYPE_ARRAY &&
        (bm_text_bytes(text, element->name, err) != BM_OK || put(text, ": ", err) != BM_OK)) {
        return BM_FAIL;
    }
    return put_value(text, element->type, element->value, depth + 1, err);
}

static enum bm_status put_document(struct bm_text *text, uint8_t type, struct bm_view document,
                                   unsigned depth, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    if (depth >= BM_DEPTH_MOST || bm_elements_open(&elements, document, &damage) != BM_OK) {
        return put(text, "...", err);
    }
    int array = type == BM_TYPE_ARRAY;
    const char *before = array ? "[ " : "{ ";
    enum bm_status status = BM_OK;
    int count = 0;
    while (!is_full(text)) {
        status = bm_elements_next(&elements, &element, &damage);
        if (status != BM_OK) {
            break;
        }
        if (put_element(text, type, &element, before, depth, err) != BM_OK) {
            return BM_FAIL;
        }
        before = ", ";
        count = 1;
    }
    if (status == BM_FAIL && (put(text, before, err) != BM_OK || put(text, "...", err) != BM_OK)) {
        return BM_FAIL;
    }
    if (count == 0 && status != BM_FAIL) {
        return put(text, array ? "[]" : "{}", err);
    }
    return put(text, array ? " ]" : " }", err);
}

enum bm_status bm_text_value(struct bm_text *text, uint8_t type, struct bm_view value,
                             struct bm_error *err)
{
    return put_value(text, type, value, 0, err);
}

enum bm_status bm_text_document(struct bm_text *text, enum bm_type type, struct bm_view document,
                                struct bm_error *err)
{
    return put_document(text, (uint8_t)type, document, 0, err);
}
