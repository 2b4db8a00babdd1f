/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <stdio.h>
#include <string.h>

#define LENGTH_MAX 1048576u
#define UUID4_BITS 122.0
#define OBJECT_ID_BITS 64.0 /* its time is not drawn */

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

struct kind_name {
    const char *name;
    enum bm_token_kind kind;
    const char *alphabet;    /* NULL: a fixed form that takes no length */
    uint32_t default_length; /* 0: a length must be said */
};

static const struct kind_name kinds[] = {
    {"hex", BM_TOKEN_TEXT, DIGITS "abcdef", 0},
    {"base62", BM_TOKEN_TEXT, DIGITS UPPER LOWER, 0},
    {"base64url", BM_TOKEN_TEXT, UPPER LOWER DIGITS "-_", 0},
    {"nanoid", BM_TOKEN_TEXT, UPPER LOWER DIGITS "_-", 21},
    {"uuid4", BM_TOKEN_UUID4, NULL, 0},
    {"uuid4-binary", BM_TOKEN_UUID4_BINARY, NULL, 0},
    {"objectid", BM_TOKEN_OBJECT_ID, NULL, 0},
};

static enum bm_status refuse(const char *text, const char *why, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "token '%.*s' %s: write auto, hex:N, base62:N, base64url:N, nanoid[:N], uuid4, "
                   "uuid4-binary, objectid, or a template such as R-{base62:22}",
                   60, text, why);
}

static int parse_length(struct bm_view digits, uint32_t *out)
{
    uint32_t value = 0;
    if (digits.len == 0 || digits.len > 7) {
        return 0;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return 0;
        }
        value = value * 10 + (uint32_t)(digits.data[i] - '0');
    }
    *out = value;
    return value >= 1 && value <= LENGTH_MAX;
}

/* Decoding as RFC 3629 has it: a BSON string must be UTF-8. */
static int is_utf8(struct bm_view text)
{
    size_t at = 0;
    while (at < text.len) {
        uint8_t lead = text.data[at];
        size_t more = lead < 0x80 ? 0 : lead < 0xc2 ? 4 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if (more == 4 || lead > 0xf4 || text.len - at <= more) {
            return 0;
        }
        uint32_t code = more == 0 ? lead : lead & (0x3fu >> more);
        for (size_t i = 1; i <= more; i++) {
            if ((text.data[at + i] & 0xc0) != 0x80) {
                return 0;
            }
            code = code << 6 | (text.data[at + i] & 0x3fu);
        }
        if ((more == 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
            (more == 3 && (code < 0x10000 || code > 0x10ffff))) {
            return 0;
        }
        at += more + 1;
    }
    return 1;
}

/* The kind itself: a name, with ":N" where it takes a length. */
static enum bm_status parse_kind(const char *text, struct bm_view body, struct bm_token_shape *out,
                                 struct bm_error *err)
{
    const uint8_t *colon = body.len > 0 ? memchr(body.data, ':', body.len) : NULL;
    struct bm_view name = {body.data, colon != NULL ? (size_t)(colon - body.data) : body.len};
    struct bm_view digits = {NULL, 0};
    if (colon != NULL) {
        digits = (struct bm_view){colon + 1, body.len - name.len - 1};
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct kind_name *kind = &kinds[i];
        if (!bm_view_equal(name, bm_view_text(kind->name))) {
            continue;
        }
        out->kind = kind->kind;
        if (kind->alphabet == NULL) {
            return colon == NULL ? BM_OK : refuse(text, "takes no length", err);
        }
        (void)snprintf(out->alphabet, sizeof out->alphabet, "%s", kind->alphabet);
        out->length = kind->default_length;
        if (colon == NULL && kind->default_length > 0) {
            return BM_OK;
        }
        return parse_length(digits, &out->length)
                   ? BM_OK
                   : refuse(text, "needs a length N of 1 to 1048576 characters", err);
    }
    return refuse(text, "is of no known kind", err);
}

static enum bm_status copy_literal(const char *text, struct bm_view literal, char *out, size_t size,
                                   struct bm_error *err)
{
    if (literal.len >= size) {
        return refuse(text, "has over 63 bytes before or after its braces", err);
    }
    if (!is_utf8(literal)) {
        return refuse(text, "is not valid UTF-8", err);
    }
    if (literal.len > 0) {
        memcpy(out, literal.data, literal.len);
    }
    out[literal.len] = '\0';
    return BM_OK;
}

static enum bm_status parse_template(const char *text, struct bm_token_shape *out,
                                     struct bm_error *err)
{
    const char *open = strchr(text, '{');
    const char *close = strchr(text, '}');
    if (open == NULL || close == NULL || close < open || strchr(open + 1, '{') != NULL ||
        strchr(close + 1, '}') != NULL) {
        return refuse(text, "needs exactly one pair of braces", err);
    }
    struct bm_view before = {(const uint8_t *)text, (size_t)(open - text)};
    struct bm_view body = {(const uint8_t *)open + 1, (size_t)(close - open - 1)};
    struct bm_view after = bm_view_text(close + 1);
    if (copy_literal(text, before, out->prefix, sizeof out->prefix, err) != BM_OK ||
        copy_literal(text, after, out->suffix, sizeof out->suffix, err) != BM_OK ||
        parse_kind(text, body, out, err) != BM_OK) {
        return BM_FAIL;
    }
    if (out->kind != BM_TOKEN_TEXT && out->kind != BM_TOKEN_UUID4) {
        return refuse(text, "is no text, so it cannot stand in a template", err);
    }
    return BM_OK;
}

enum bm_status bm_token_shape_parse(const char *text, struct bm_token_shape *out,
                                    struct bm_error *err)
{
    struct bm_token_shape shape = {.kind = BM_TOKEN_UNSAID};
    size_t len = strlen(text);
    if (len >= sizeof shape.text) {
        return refuse(text, "is over 127 bytes long", err);
    }
    memcpy(shape.text, text, len + 1);
    if (strcmp(text, "auto") == 0) {
        *out = shape;
        return BM_OK;
    }
    enum bm_status status = strpbrk(text, "{}") != NULL
                                ? parse_template(text, &shape, err)
                                : parse_kind(text, bm_view_text(text), &shape, err);
    if (status == BM_OK) {
        *out = shape;
    }
    return status;
}

/* log2 by repeated squaring; exact for powers of two, and libm is not needed for one number. */
static double log2_of(double value)
{
    double result = 0.0;
    while (value >= 2.0) {
        value /= 2.0;
        result += 1.0;
    }
    for (double digit = 0.5; digit > 1e-15; digit /= 2.0) {
        value *= value;
        if (value >= 2.0) {
            value /= 2.0;
            result += digit;
        }
    }
    return result;
}

double bm_token_shape_bits(const struct bm_token_shape *shape)
{
    switch (shape->kind) {
    case BM_TOKEN_TEXT:
        return (double)shape->length * log2_of((double)strlen(shape->alphabet));
    case BM_TOKEN_UUID4:
    case BM_TOKEN_UUID4_UPPER:
    case BM_TOKEN_UUID4_BINARY:
        return UUID4_BITS;
    case BM_TOKEN_OBJECT_ID:
        return OBJECT_ID_BITS;
    case BM_TOKEN_UNSAID:
        break;
    }
    return 0.0;
}
