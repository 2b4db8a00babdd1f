/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/document.h"

#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

#include "base/bytes.h"

#define BYTES(text) ((struct bm_view){(const uint8_t *)(text), sizeof(text) - 1})

/* ---- good documents ---- */

/* One element of every type, nested ones among them. */
static bson_t *every_type(void)
{
    bson_t *all = bson_new();
    bson_t child;
    bson_oid_t oid;
    bson_decimal128_t decimal = {.high = 0x3040000000000000ull, .low = 1};
    bson_oid_init_from_string(&oid, "0123456789abcdef01234567");
    bson_append_oid(all, "_id", -1, &oid);
    bson_append_double(all, "double", -1, 1.5);
    bson_append_utf8(all, "string", -1, "caf\xc3\xa9", -1);
    bson_append_document_begin(all, "object", -1, &child);
    bson_append_int32(&child, "a", -1, 7);
    bson_append_utf8(&child, "b", -1, "", -1);
    bson_append_document_end(all, &child);
    bson_append_array_begin(all, "array", -1, &child);
    bson_append_int32(&child, "0", -1, 1);
    bson_append_null(&child, "1", -1);
    bson_append_array_end(all, &child);
    bson_append_binary(all, "binary", -1, BSON_SUBTYPE_BINARY, (const uint8_t *)"\0\1\2", 3);
    bson_append_binary(all, "old", -1, BSON_SUBTYPE_UUID, (const uint8_t *)"xy", 2);
    bson_append_undefined(all, "undefined", -1);
    bson_append_bool(all, "bool", -1, true);
    bson_append_date_time(all, "date", -1, -1);
    bson_append_null(all, "null", -1);
    bson_append_regex(all, "regex", -1, "^a.*", "im");
    bson_append_dbpointer(all, "pointer", -1, "db.c", &oid);
    bson_append_code(all, "code", -1, "f()");
    bson_append_symbol(all, "symbol", -1, "sym", -1);
    bson_t *scope = BCON_NEW("x", BCON_INT32(1), "y", "{", "z", BCON_NULL, "}");
    bson_append_code_with_scope(all, "scoped", -1, "g()", scope);
    bson_destroy(scope);
    bson_append_int32(all, "int32", -1, -1);
    bson_append_timestamp(all, "timestamp", -1, 5, 6);
    bson_append_int64(all, "int64", -1, INT64_MIN);
    bson_append_decimal128(all, "decimal", -1, &decimal);
    bson_append_minkey(all, "min", -1);
    bson_append_maxkey(all, "max", -1);
    return all;
}

static struct bm_view view_of(const bson_t *bson)
{
    return (struct bm_view){bson_get_data(bson), bson->len};
}

Test(document, walks_every_type)
{
    static const struct {
        const char *name;
        uint8_t type;
        size_t value;
    } expected[] = {
        {"_id", 0x07, 12},     {"double", 0x01, 8},    {"string", 0x02, 10}, {"object", 0x03, 20},
        {"array", 0x04, 15},   {"binary", 0x05, 8},    {"old", 0x05, 7},     {"undefined", 0x06, 0},
        {"bool", 0x08, 1},     {"date", 0x09, 8},      {"null", 0x0a, 0},    {"regex", 0x0b, 8},
        {"pointer", 0x0c, 21}, {"code", 0x0d, 8},      {"symbol", 0x0e, 8},  {"scoped", 0x0f, 35},
        {"int32", 0x10, 4},    {"timestamp", 0x11, 8}, {"int64", 0x12, 8},   {"decimal", 0x13, 16},
        {"min", 0xff, 0},      {"max", 0x7f, 0},
    };
    bson_t *all = every_type();
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    cr_assert_eq(bm_elements_open(&elements, view_of(all), &err), BM_OK);
    size_t at = 4;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        cr_assert_eq(bm_elements_next(&elements, &element, &err), BM_OK, "%s", err.text);
        cr_expect_eq(element.type, expected[i].type, "%s", expected[i].name);
        cr_expect(bm_view_equal(element.name, bm_view_text(expected[i].name)));
        cr_expect_eq(element.value.len, expected[i].value, "%s: %zu", expected[i].name,
                     element.value.len);
        cr_expect_eq(element.raw.data, bson_get_data(all) + at);
        cr_expect_eq(element.raw.len, 2 + strlen(expected[i].name) + expected[i].value);
        at += element.raw.len;
        cr_expect_eq(elements.at, at);
    }
    cr_expect_eq(bm_elements_next(&elements, &element, &err), BM_END);
    cr_expect_eq(bm_elements_next(&elements, &element, &err), BM_END, "the end stays the end");
    size_t sound = 0;
    cr_expect_eq(bm_document_check(view_of(all), &sound, &err), BM_OK);
    cr_expect_eq(sound, all->len);
    bson_destroy(all);
}

Test(document, opens_what_is_longer_than_the_document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    cr_assert_eq(bm_elements_open(&elements,
                                  BYTES("\x08\0\0\0\x0a"
                                        "a\0\0behind"),
                                  &err),
                 BM_OK);
    cr_expect_eq(elements.document.len, 8);
    cr_expect_eq(bm_elements_next(&elements, &element, &err), BM_OK);
    cr_expect_eq(bm_elements_next(&elements, &element, &err), BM_END);
}

Test(document, finds_the_first_of_a_name)
{
    bson_t *bson = BCON_NEW("a", BCON_INT32(1), "b", BCON_INT32(2), "b", BCON_INT32(3));
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element element;
    cr_assert_eq(bm_document_find(view_of(bson), bm_view_text("b"), &element, &err), BM_OK);
    cr_expect_eq(bm_le32(element.value.data), 2);
    cr_expect_eq(bm_document_find(view_of(bson), bm_view_text("c"), &element, &err), BM_END);
    cr_expect_eq(bm_document_find(view_of(bson), bm_view_text(""), &element, &err), BM_END);
    bson_destroy(bson);
}

/* ---- damage ---- */

static const struct {
    const char *label;
    struct bm_view bytes;
    uint64_t offset; /* of the innermost element at fault */
    size_t sound;
    const char *text;
} damaged[] = {
#define CASE(label, bytes, offset, sound, text)                                                    \
    {                                                                                              \
        label, {(const uint8_t *)(bytes), sizeof(bytes) - 1}, offset, sound, text                  \
    }
    CASE("nothing", "", 0, 0, "a document has fewer than 5 bytes"),
    CASE("four bytes", "\x05\0\0\0", 0, 0, "a document has fewer than 5 bytes"),
    CASE("length 4", "\x04\0\0\0\0", 0, 0, "a document's length does not fit its bytes"),
    CASE("length past the end", "\x06\0\0\0\0", 0, 0, "a document's length does not fit its bytes"),
    CASE("length -1", "\xff\xff\xff\xff\0", 0, 0, "a document's length does not fit its bytes"),
    CASE("last byte", "\x05\0\0\0\1", 0, 0, "a document does not end in a zero byte"),
    CASE("zero before the end",
         "\x09\0\0\0\x0a"
         "a\0\0\0",
         7, 7, "the document ends before its length says"),
    CASE("type 0x14",
         "\x08\0\0\0\x14"
         "a\0\0",
         4, 4, "unknown element type 0x14"),
    CASE("type 0xaa second",
         "\x0b\0\0\0\x0a"
         "a\0\xaa"
         "b\0\0",
         7, 7, "unknown element type 0xaa"),
    CASE("name without end",
         "\x07\0\0\0\x0a"
         "a\0",
         4, 4, "an element's name has no end"),
    CASE("int32 of three bytes",
         "\x0b\0\0\0\x10"
         "a\0\1\2\3\0",
         4, 4, "a value reaches past its document"),
    CASE("string of no length",
         "\x0b\0\0\0\x02"
         "a\0\0\0\0\0",
         4, 4, "a string reaches past its document"),
    CASE("string of length 0",
         "\x0d\0\0\0\x02"
         "a\0\0\0\0\0x\0",
         4, 4, "a string's length does not fit its document"),
    CASE("string too long by one",
         "\x0d\0\0\0\x02"
         "a\0\3\0\0\0x\0",
         4, 4, "a string's length does not fit its document"),
    CASE("string without its zero",
         "\x0e\0\0\0\x02"
         "a\0\2\0\0\0xy\0",
         4, 4, "a string does not end in a zero byte"),
    CASE("sub-document too long",
         "\x0d\0\0\0\x03"
         "a\0\6\0\0\0\0\0",
         4, 4, "a sub-document's length does not fit its document"),
    CASE("sub-document too short",
         "\x0d\0\0\0\x03"
         "a\0\4\0\0\0\0\0",
         4, 4, "a sub-document's length does not fit its document"),
    CASE("sub-document's last byte",
         "\x0d\0\0\0\x03"
         "a\0\5\0\0\0\1\0",
         4, 4, "a sub-document does not end in a zero byte"),
    CASE("binary too long",
         "\x0e\0\0\0\x05"
         "a\0\2\0\0\0\0x\0",
         4, 4, "a binary value's length does not fit its document"),
    CASE("regex without end",
         "\x0a\0\0\0\x0b"
         "a\0xy\0",
         4, 4, "a regular expression has no end"),
    CASE("regex without options",
         "\x0a\0\0\0\x0b"
         "a\0x\0\0",
         4, 4, "a regular expression's options have no end"),
    CASE("pointer of 11 bytes",
         "\x18\0\0\0\x0c"
         "a\0\1\0\0\0\0"
         "0123456789a\0",
         4, 4, "a database pointer reaches past its document"),
    CASE("code whose lengths disagree",
         "\x17\0\0\0\x0f"
         "a\0\x0f\0\0\0\1\0\0\0\0\5\0\0\0\0\0\0",
         4, 4, "the lengths inside code with scope do not add up"),
#undef CASE
};

Test(document, tells_damage_and_its_place)
{
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        size_t sound = 99;
        cr_expect_eq(bm_document_check(damaged[i].bytes, &sound, &err), BM_FAIL, "%s",
                     damaged[i].label);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT, "%s", damaged[i].label);
        cr_expect_eq(err.offset, damaged[i].offset, "%s: %llu", damaged[i].label,
                     (unsigned long long)err.offset);
        cr_expect_eq(sound, damaged[i].sound, "%s: %zu", damaged[i].label, sound);
        cr_expect_str_eq(err.text, damaged[i].text, "%s", damaged[i].label);
    }
}

Test(document, tells_the_innermost_place_and_what_is_sound_before_it)
{
    /* {a: 1, b: {c: {d: <type 0x20>}}} */
    static const uint8_t bytes[] = "\x20\0\0\0\x10"
                                   "a\0\1\0\0\0"
                                   "\x03"
                                   "b\0\x11\0\0\0"
                                   "\x03"
                                   "c\0\x09\0\0\0"
                                   "\x20"
                                   "d\0\0\0"
                                   "\0\0";
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view view = {bytes, 0x20};
    size_t sound = 0;
    cr_assert_eq(bm_document_check(view, &sound, &err), BM_FAIL);
    cr_expect_eq(err.offset, 25, "%llu: %s", (unsigned long long)err.offset, err.text);
    cr_expect_eq(sound, 11);
    cr_expect_str_eq(err.text, "unknown element type 0x20");
}

/* A walk of all levels through the iterator; whatever the bytes, it must stay inside them. *odd
 * counts what libbson refuses and we do not judge: bools but 0 and 1, the old binary subtype. */
static enum bm_status walk(struct bm_view document, int levels, int *odd)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status status = bm_elements_open(&elements, document, &err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &element, &err);
        if (status == BM_OK && levels > 0 &&
            (element.type == BM_TYPE_OBJECT || element.type == BM_TYPE_ARRAY)) {
            status = walk(element.value, levels - 1, odd);
        } else if (status == BM_OK && element.type == BM_TYPE_CODE_WITH_SCOPE) {
            size_t scope = 8 + (size_t)bm_le32(element.value.data + 4);
            status = walk((struct bm_view){element.value.data + scope, element.value.len - scope},
                          levels - 1, odd);
        }
        *odd += status == BM_OK && element.type == BM_TYPE_BOOL && element.value.data[0] > 1;
        *odd += status == BM_OK && element.type == BM_TYPE_BINARY && element.value.data[4] == 2;
    }
    return status == BM_END ? BM_OK : status;
}

/* libbson's walk over all levels. */
static int libbson_walks(const uint8_t *data, size_t len, int levels)
{
    bson_t bson;
    bson_iter_t at;
    if (!bson_init_static(&bson, data, len) || !bson_iter_init(&at, &bson)) {
        return 0;
    }
    while (bson_iter_next(&at)) {
        uint32_t size = 0;
        const uint8_t *inner = NULL;
        if (BSON_ITER_HOLDS_DOCUMENT(&at)) {
            bson_iter_document(&at, &size, &inner);
        } else if (BSON_ITER_HOLDS_ARRAY(&at)) {
            bson_iter_array(&at, &size, &inner);
        } else if (BSON_ITER_HOLDS_CODEWSCOPE(&at)) {
            uint32_t code;
            (void)bson_iter_codewscope(&at, &code, &size, &inner);
        }
        if (inner != NULL && levels > 0 && !libbson_walks(inner, size, levels - 1)) {
            return 0;
        }
    }
    return at.err_off == 0;
}

/* Check and walk agree, and what we take libbson takes too. */
static void judge_bytes(const uint8_t *bytes, size_t len, const char *what, size_t at)
{
    uint8_t *exact = malloc(len);
    memcpy(exact, bytes, len);
    struct bm_view view = {exact, len};
    struct bm_error err = BM_ERROR_INIT;
    size_t sound = 0;
    enum bm_status status = bm_document_check(view, &sound, &err);
    int odd = 0;
    cr_expect_eq(walk(view, 50, &odd), status, "%s at %zu", what, at);
    if (status == BM_FAIL) {
        cr_expect(sound <= len && err.offset < len && err.offset >= sound, "%s at %zu", what, at);
    }
    if (status == BM_OK && odd == 0) {
        cr_expect(libbson_walks(exact, len, 50), "%s at %zu", what, at);
    }
    free(exact);
}

Test(document, every_byte_altered_and_every_cut)
{
    static const uint8_t values[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x0b, 0x0c,
                                     0x0f, 0x13, 0x14, 0x20, 0x41, 0x7f, 0x80, 0xfe, 0xff};
    bson_t *all = every_type();
    size_t len = all->len;
    uint8_t *bytes = malloc(len);
    memcpy(bytes, bson_get_data(all), len);
    for (size_t i = 0; i < len; i++) {
        uint8_t kept = bytes[i];
        for (size_t j = 0; j < sizeof values; j++) {
            bytes[i] = values[j];
            judge_bytes(bytes, len, "byte", i);
        }
        bytes[i] = (uint8_t)(kept + 1);
        judge_bytes(bytes, len, "byte + 1", i);
        bytes[i] = (uint8_t)(kept - 1);
        judge_bytes(bytes, len, "byte - 1", i);
        bytes[i] = kept;
    }
    for (size_t cut = 5; cut < len; cut++) {
        uint8_t kept = bytes[cut - 1];
        bytes[cut - 1] = 0;
        bm_put_le32(bytes, (uint32_t)cut);
        judge_bytes(bytes, cut, "cut", cut);
        bytes[cut - 1] = kept;
    }
    free(bytes);
    bson_destroy(all);
}

/* {"": {"": … {} … }}: seven bytes a level. */
static uint8_t *nested(size_t levels, size_t *len)
{
    *len = levels * 7 + 5;
    uint8_t *bytes = calloc(*len, 1);
    for (size_t i = 0; i <= levels; i++) {
        bm_put_le32(bytes + 6 * i, (uint32_t)((levels - i) * 7 + 5));
        if (i < levels) {
            bytes[6 * i + 4] = BM_TYPE_OBJECT;
        }
    }
    return bytes;
}

Test(document, nests_two_million_deep)
{
    size_t len;
    size_t levels = (BM_DOCUMENT_MAX - 5) / 7;
    uint8_t *bytes = nested(levels, &len);
    struct bm_error err = BM_ERROR_INIT;
    size_t sound = 0;
    cr_assert_gt(levels, 2000000);
    cr_expect_eq(bm_document_check((struct bm_view){bytes, len}, &sound, &err), BM_OK, "%s",
                 err.text);
    cr_expect_eq(sound, len);
    /* A wrong type right at the bottom. */
    bytes[6 * (levels - 1) + 4] = 0x20;
    cr_expect_eq(bm_document_check((struct bm_view){bytes, len}, &sound, &err), BM_FAIL);
    cr_expect_eq(err.offset, 6 * (levels - 1) + 4);
    cr_expect_eq(sound, 4);
    free(bytes);
}

Test(document, nests_across_the_levels_kept)
{
    for (size_t levels = 60; levels < 140; levels++) {
        size_t len;
        uint8_t *bytes = nested(levels, &len);
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(bm_document_check((struct bm_view){bytes, len}, NULL, &err), BM_OK);
        free(bytes);
    }
}

/* nested() ends in an empty document, which is no level to the server. */
Test(document, counts_levels_as_the_server_does)
{
    static const uint8_t types[] = {BM_TYPE_OBJECT, BM_TYPE_ARRAY};
    for (size_t deeper = 1; deeper <= BM_LEVELS_MOST + 1; deeper++) {
        size_t len;
        struct bm_outline outline;
        uint8_t *bytes = nested(deeper, &len);
        struct bm_view document = {bytes, len};
        struct bm_error err = BM_ERROR_INIT;
        for (size_t i = 0; i < deeper; i++) {
            bytes[6 * i + 4] = types[i % 2];
        }
        cr_expect_eq(bm_document_outline(document, &outline, &err), BM_OK);
        cr_expect_eq(outline.levels, deeper + 1);
        cr_expect_eq(bm_document_is_too_deep(document), deeper > BM_LEVELS_MOST, "%zu", deeper);
        free(bytes);
    }
}

/* Documents side by side do not add up, and what is in the scope of code does not count. */
Test(document, counts_levels_of_one_path_only)
{
    size_t len;
    struct bm_outline outline;
    struct bm_error err = BM_ERROR_INIT;
    uint8_t *deep = nested(BM_LEVELS_MOST + 1, &len);
    uint8_t head[] = "\0\0\0\0\x0f\0\0\0\0\0\1\0\0\0"; /* a code with scope, of no code */
    size_t all = sizeof head + len + 1;
    uint8_t *bytes = calloc(all, 1);
    bm_put_le32(head, (uint32_t)all);
    bm_put_le32(head + 6, (uint32_t)(4 + 5 + len));
    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, deep, len);
    cr_expect_eq(bm_document_outline((struct bm_view){bytes, all}, &outline, &err), BM_OK, "%s",
                 err.text);
    cr_expect_eq(outline.levels, BM_LEVELS_MOST + 3, "an upper bound");
    cr_expect_eq(bm_document_is_too_deep((struct bm_view){bytes, all}), 0);
    free(bytes);
    free(deep);
    deep = nested(BM_LEVELS_MOST - 1, &len);
    all = 4 + 2 * (2 + len) + 1;
    bytes = calloc(all, 1);
    bm_put_le32(bytes, (uint32_t)all);
    for (size_t i = 0; i < 2; i++) {
        bytes[4 + i * (2 + len)] = BM_TYPE_OBJECT;
        memcpy(bytes + 4 + i * (2 + len) + 2, deep, len);
    }
    cr_expect_eq(bm_document_is_too_deep((struct bm_view){bytes, all}), 0);
    free(bytes);
    free(deep);
}

/* ---- emptiness ---- */

Test(document, tells_what_is_empty)
{
    static const struct {
        struct bm_view document;
        enum bm_emptiness expected;
    } cases[] = {
        {BYTES("\x08\0\0\0\x0a"
               "a\0\0"),
         BM_EMPTY_NULL},
        {BYTES("\x08\0\0\0\x06"
               "a\0\0"),
         BM_EMPTY_UNDEFINED},
        {BYTES("\x0d\0\0\0\x02"
               "a\0\1\0\0\0\0\0"),
         BM_EMPTY_BLANK},
        {BYTES("\x13\0\0\0\x02"
               "a\0\7\0\0\0 \t\n\v\f\r\0\0"),
         BM_EMPTY_BLANK},
        {BYTES("\x0e\0\0\0\x02"
               "a\0\2\0\0\0x\0\0"),
         BM_NOT_EMPTY},
        {BYTES("\x0f\0\0\0\x02"
               "a\0\3\0\0\0 \0\0\0"),
         BM_NOT_EMPTY}, /* a zero byte is no space */
        {BYTES("\x0f\0\0\0\x02"
               "a\0\3\0\0\0\xc2\xa0\0\0"),
         BM_NOT_EMPTY}, /* U+00A0 */
        {BYTES("\x0d\0\0\0\x0e"
               "a\0\1\0\0\0\0\0"),
         BM_NOT_EMPTY}, /* a symbol */
        {BYTES("\x0c\0\0\0\x10"
               "a\0\0\0\0\0\0"),
         BM_NOT_EMPTY},
        {BYTES("\x0d\0\0\0\x03"
               "a\0\5\0\0\0\0\0"),
         BM_NOT_EMPTY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_element element;
        cr_assert_eq(bm_document_find(cases[i].document, bm_view_text("a"), &element, &err), BM_OK,
                     "%zu: %s", i, err.text);
        cr_expect_eq(bm_emptiness_of(&element), cases[i].expected, "%zu", i);
    }
}
