/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "doc/extjson.h"
#include "doc/json_grammar.h"

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define LIMIT ((size_t)64 << 20)

/* A buffer's bytes as a C string. */
static const char *text_of(struct bm_buffer *buffer)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append_byte(buffer, 0, &err), BM_OK);
    return (const char *)buffer->data;
}

static const struct {
    uint8_t type;
    struct bm_view value;
    const char *shown;
} values[] = {
    {BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf8\x3f"), "1.5"},
    {BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\x3f"), "1.0"},
    {BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\x7f"), "{ \"$numberDouble\" : \"Infinity\" }"},
    {BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\xff"), "{ \"$numberDouble\" : \"-Infinity\" }"},
    {BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf8\x7f"), "{ \"$numberDouble\" : \"NaN\" }"},
    {BM_TYPE_STRING, BYTES("\1\0\0\0\0"), "\"\""},
    {BM_TYPE_STRING, BYTES("\6\0\0\0\"\\\n\x01/\0"), "\"\\\"\\\\\\n\\u0001/\""},
    {BM_TYPE_STRING, BYTES("\4\0\0\0a\0b\0"), "\"a\\u0000b\""},
    {BM_TYPE_STRING, BYTES("\3\0\0\0\xc3\xa9\0"), "\"\xc3\xa9\""},
    {BM_TYPE_OBJECT,
     BYTES("\x0c\0\0\0\x10"
           "a\0\1\0\0\0\0"),
     "{ \"a\" : 1 }"},
    {BM_TYPE_OBJECT, BYTES("\5\0\0\0\0"), "{  }"},
    {BM_TYPE_ARRAY,
     BYTES("\x0b\0\0\0\x0a"
           "0\0\x0a"
           "1\0\0"),
     "[ null, null ]"},
    {BM_TYPE_BINARY, BYTES("\3\0\0\0\4\0\1\2"),
     "{ \"$binary\" : { \"base64\" : \"AAEC\", \"subType\" : \"04\" } }"},
    {BM_TYPE_UNDEFINED, BYTES(""), "{ \"$undefined\" : true }"},
    {BM_TYPE_OBJECT_ID, BYTES("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67"),
     "{ \"$oid\" : \"0123456789abcdef01234567\" }"},
    {BM_TYPE_BOOL, BYTES("\1"), "true"},
    {BM_TYPE_DATE, BYTES("\0\0\0\0\0\0\0\0"), "{ \"$date\" : \"1970-01-01T00:00:00Z\" }"},
    {BM_TYPE_DATE, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"),
     "{ \"$date\" : { \"$numberLong\" : \"-1\" } }"},
    {BM_TYPE_DATE, BYTES("\xff\xff\xff\xff\xff\xff\xff\x7f"),
     "{ \"$date\" : { \"$numberLong\" : \"9223372036854775807\" } }"},
    {BM_TYPE_DATE, BYTES("\xff\xdb\x1f\xd2\x77\xe6\0\0"),
     "{ \"$date\" : \"9999-12-31T23:59:59.999Z\" }"},
    {BM_TYPE_DATE, BYTES("\x00\xdc\x1f\xd2\x77\xe6\0\0"),
     "{ \"$date\" : { \"$numberLong\" : \"253402300800000\" } }"},
    {BM_TYPE_NULL, BYTES(""), "null"},
    {BM_TYPE_REGEX, BYTES("a\"b\0im\0"),
     "{ \"$regularExpression\" : { \"pattern\" : \"a\\\"b\", \"options\" : \"im\" } }"},
    {BM_TYPE_DB_POINTER, BYTES("\4\0\0\0d.c\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67"),
     "{ \"$dbPointer\" : { \"$ref\" : \"d.c\", \"$id\" : { \"$oid\" : "
     "\"0123456789abcdef01234567\" } } }"},
    {BM_TYPE_CODE, BYTES("\2\0\0\0f\0"), "{ \"$code\" : \"f\" }"},
    {BM_TYPE_SYMBOL, BYTES("\2\0\0\0s\0"), "{ \"$symbol\" : \"s\" }"},
    {BM_TYPE_CODE_WITH_SCOPE, BYTES("\x0f\0\0\0\2\0\0\0f\0\5\0\0\0\0"),
     "{ \"$code\" : \"f\", \"$scope\" : { } }"},
    {BM_TYPE_INT32, BYTES("\xff\xff\xff\xff"), "-1"},
    {BM_TYPE_TIMESTAMP, BYTES("\2\0\0\0\1\0\0\0"), "{ \"$timestamp\" : { \"t\" : 1, \"i\" : 2 } }"},
    {BM_TYPE_INT64, BYTES("\0\0\0\0\0\0\0\x80"), "-9223372036854775808"},
    {BM_TYPE_DECIMAL128, BYTES("\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\x3e\xb0"),
     "{ \"$numberDecimal\" : \"-1.0\" }"},
    {BM_TYPE_MIN_KEY, BYTES(""), "{ \"$minKey\" : 1 }"},
    {BM_TYPE_MAX_KEY, BYTES(""), "{ \"$maxKey\" : 1 }"},
    /* what cannot be shown: type, name "n", zero byte, value in base64 */
    {BM_TYPE_STRING, BYTES("\2\0\0\0\xff\0"), "{ \"$bson\" : \"Am4AAgAAAP8A\" }"},
    {BM_TYPE_STRING, BYTES("\4\0\0\0\xed\xa0\x80\0"), "{ \"$bson\" : \"Am4ABAAAAO2ggAA=\" }"},
    {BM_TYPE_OBJECT, BYTES("\x08\0\0\0\x0a\xff\0\0"), "{ \"$bson\" : \"A24ACAAAAAr/AAA=\" }"},
    {BM_TYPE_OBJECT,
     BYTES("\x08\0\0\0\x20"
           "a\0\0"),
     "{ \"$bson\" : \"A24ACAAAACBhAAA=\" }"},
};

/* The element as it would lie in a document, under the name "n". */
static struct bm_element element_of(uint8_t type, struct bm_view value, uint8_t *room)
{
    room[0] = type;
    room[1] = 'n';
    room[2] = 0;
    memcpy(room + 3, value.data, value.len);
    return (struct bm_element){
        .type = type,
        .name = {room + 1, 1},
        .value = {room + 3, value.len},
        .raw = {room, 3 + value.len},
    };
}

Test(json_print, shows_every_type)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        uint8_t room[64];
        struct bm_element element = element_of(values[i].type, values[i].value, room);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_assert_eq(bm_json_value(&element, &out, &err), BM_OK, "%s", err.text);
        const char *text = text_of(&out);
        cr_expect_str_eq(text, values[i].shown, "%zu: %s", i, text);
        bm_buffer_free(&out);
    }
}

Test(json_print, odd_values_are_json_all_the_same)
{
    /* A quote where libbson might forget to escape, options out of order. */
    static const struct {
        uint8_t type;
        struct bm_view value;
    } odd[] = {
        {BM_TYPE_DB_POINTER,
         BYTES("\4\0\0\0\"\\c\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67")},
        {BM_TYPE_REGEX, BYTES("\\\0zzxim\"\0")},
        {BM_TYPE_SYMBOL, BYTES("\4\0\0\0\"\0\"\0")},
        {BM_TYPE_CODE, BYTES("\4\0\0\0\"\0\"\0")},
        {BM_TYPE_BOOL, BYTES("\7")},
        {BM_TYPE_BINARY, BYTES("\3\0\0\0\2\0\1\2")},
        {BM_TYPE_DOUBLE, BYTES("\1\2\3\4\5\6\7\x08")},
        {BM_TYPE_DECIMAL128, BYTES("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff")},
        {BM_TYPE_OBJECT, BYTES("\x0b\0\0\0\x0a"
                               "\"\0\x0a"
                               "\\\0\0")},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        uint8_t room[64];
        struct bm_element element = element_of(odd[i].type, odd[i].value, room);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        size_t tokens;
        cr_assert_eq(bm_buffer_append_text(&out, "{\"v\":", &err), BM_OK);
        cr_assert_eq(bm_json_value(&element, &out, &err), BM_OK);
        cr_assert_eq(bm_buffer_append_text(&out, "}", &err), BM_OK);
        cr_expect_eq(bm_json_grammar_check(bm_buffer_view(&out), &tokens, &err), BM_OK, "%s",
                     text_of(&out));
        bm_buffer_free(&out);
    }
}

Test(json_print, shows_documents)
{
    static const struct {
        struct bm_view document;
        const char *shown;
    } cases[] = {
        {BYTES("\5\0\0\0\0"), "{ }"},
        {BYTES("\x0c\0\0\0\x10"
               "a\0\1\0\0\0\0"),
         "{ \"a\" : 1 }"},
        {BYTES("\x08\0\0\0\x20"
               "a\0\0"),
         "{ \"$bson\" : \"CAAAACBhAAA=\" }"},
        {BYTES("\x09\0\0\0\x0a"
               "a\0\0"),
         "{ \"$bson\" : \"CQAAAAphAAA=\" }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_assert_eq(bm_json_document(cases[i].document, &out, &err), BM_OK);
        const char *text = text_of(&out);
        cr_expect_str_eq(text, cases[i].shown, "%s", text);
        bm_buffer_free(&out);
    }
}

/* {"": {"": … }}, levels deep, as the value of an element. */
static struct bm_element nested(size_t levels, uint8_t *room)
{
    size_t len = levels * 7 + 5;
    memset(room, 0, len + 2);
    room[0] = BM_TYPE_OBJECT;
    uint8_t *value = room + 2;
    for (size_t i = 0; i <= levels; i++) {
        bm_put_le32(value + 6 * i, (uint32_t)((levels - i) * 7 + 5));
        if (i < levels) {
            value[6 * i + 4] = BM_TYPE_OBJECT;
        }
    }
    return (struct bm_element){.type = BM_TYPE_OBJECT,
                               .name = {room + 1, 0},
                               .value = {value, len},
                               .raw = {room, len + 2}};
}

Test(json_print, deep_values_are_shown_raw)
{
    static const size_t levels[] = {50, 98, 99, 150, 250, 100000};
    uint8_t *room = malloc(1 << 20);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        struct bm_element element = nested(levels[i], room);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_assert_eq(bm_json_value(&element, &out, &err), BM_OK);
        const char *text = text_of(&out);
        int raw = strncmp(text, "{ \"$bson\" : ", 12) == 0;
        cr_expect_eq(raw, levels[i] > 98, "%zu levels", levels[i]);
        bm_buffer_free(&out);
    }
    free(room);
}

Test(json_print, escapes_strings)
{
    static const struct {
        struct bm_view text;
        const char *shown;
    } cases[] = {
        {BYTES(""), "\"\""},
        {BYTES("plain caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
         "\"plain caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
        {BYTES("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {BYTES("\0\x1b\x1f\x7f"), "\"\\u0000\\u001b\\u001f\\u007f\""},
        {BYTES("a\xff"
               "b"),
         "\"a\xef\xbf\xbd"
         "b\""},
        {BYTES("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\""}, /* overlong */
        {BYTES("\xc3"), "\"\xef\xbf\xbd\""},                 /* cut */
        {BYTES("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\""}, /* cut */
        {BYTES("\xf4\x90\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {BYTES("\xe0\x9f\xbf"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* overlong */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_assert_eq(bm_json_string(cases[i].text, &out, &err), BM_OK);
        const char *text = text_of(&out);
        cr_expect_str_eq(text, cases[i].shown, "%zu: %s", i, text);
        bm_buffer_free(&out);
    }
}

Test(json_print, base64_both_ways)
{
    static const struct {
        struct bm_view bytes;
        const char *text;
    } cases[] = {
        {BYTES(""), ""},
        {BYTES("f"), "Zg=="},
        {BYTES("fo"), "Zm8="},
        {BYTES("foo"), "Zm9v"},
        {BYTES("foob"), "Zm9vYg=="},
        {BYTES("\xff\xfe\xfd\xfb\xef\xbe"), "//79++++"},
        {BYTES("\0\0\0"), "AAAA"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        struct bm_buffer back = BM_BUFFER_INIT(LIMIT);
        cr_assert_eq(bm_base64(cases[i].bytes, &out, &err), BM_OK);
        cr_assert_eq(bm_base64_decode(bm_buffer_view(&out), &back, &err), BM_OK);
        cr_expect(bm_view_equal(bm_buffer_view(&back), cases[i].bytes), "%zu", i);
        const char *text = text_of(&out);
        cr_expect_str_eq(text, cases[i].text, "%s", text);
        bm_buffer_free(&out);
        bm_buffer_free(&back);
    }
    static const char *const bad[] = {"A", "AA", "AAA", "A===", "====", "AA=A", "AAA*", "AA A"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer back = BM_BUFFER_INIT(LIMIT);
        cr_expect_eq(bm_base64_decode(bm_view_text(bad[i]), &back, &err), BM_FAIL, "%s", bad[i]);
        bm_buffer_free(&back);
    }
}

Test(json_print, keeps_to_the_buffers_limit)
{
    uint8_t room[64];
    struct bm_element element =
        element_of(BM_TYPE_INT64, (struct bm_view)BYTES("\0\0\0\0\0\0\0\x80"), room);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(8);
    cr_expect_eq(bm_json_value(&element, &out, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    bm_buffer_free(&out);
}
