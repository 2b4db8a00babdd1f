/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "bsonmend/key.h"
#include "key/text.h"
#include "support/bson_text.h"
#include "support/index_of.h"

static const struct {
    const char *value, *text;
} values[] = {
    {"{'$numberDouble': '1.0'}", "1.0"},
    {"{'$numberDouble': '0.1'}", "0.1"},
    {"{'$numberDouble': '-0.0'}", "-0.0"},
    {"{'$numberDouble': '1e100'}", "1e+100.0"},
    {"{'$numberDouble': '1.5e-9'}", "1.5e-09"},
    {"{'$numberDouble': 'NaN'}", "nan.0"},
    {"{'$numberDouble': 'Infinity'}", "inf.0"},
    {"{'$numberDouble': '-Infinity'}", "-inf.0"},
    {"-5", "-5"},
    {"{'$numberLong': '-9223372036854775808'}", "-9223372036854775808"},
    {"{'$numberDecimal': '42.00'}", "42.00"},
    {"{'$numberDecimal': '1E+3'}", "1E+3"},
    {"{'$numberDecimal': '-1.23E-10'}", "-1.23E-10"},
    {"{'$numberDecimal': '0.000001'}", "0.000001"},
    {"{'$numberDecimal': '0.0000001'}", "1E-7"},
    {"{'$numberDecimal': '0E+5000'}", "0E+5000"},
    {"{'$numberDecimal': '-0'}", "-0"},
    {"{'$numberDecimal': '0.00'}", "0.00"},
    {"{'$numberDecimal': '9999999999999999999999999999999999E+6111'}",
     "9.999999999999999999999999999999999E+6144"},
    {"{'$numberDecimal': 'NaN'}", "NaN"},
    {"{'$numberDecimal': '-Infinity'}", "-Infinity"},
    {"'x \\\" y'", "\"x \" y\""},
    {"{'$symbol': 's'}", "\"s\""},
    {"{'$code': 'f()'}", "f()"},
    {"{'$code': 'f()', '$scope': {'a': 1}}", "CodeWScope( f(), { a: 1 })"},
    {"{'a': 1, 'b': {'c': 'x'}}", "{ a: 1, b: { c: \"x\" } }"},
    {"[1, [2], {}]", "[ 1, [ 2 ], {} ]"},
    {"[]", "[]"},
    {"{'$binary': {'base64': 'AQL/', 'subType': '80'}}", "BinData(128, 0102FF)"},
    {"{'$binary': {'base64': 'AAECAwQFBgcICQoLDA0ODw==', 'subType': '04'}}",
     "UUID(\"00010203-0405-0607-0809-0a0b0c0d0e0f\")"},
    {"{'$binary': {'base64': 'AAE=', 'subType': '04'}}", "BinData(4, 0001)"},
    {"{'$oid': '65000000000000000000AAff'}", "ObjectId('65000000000000000000aaff')"},
    {"{'$dbPointer': {'$ref': 'db.c', '$id': {'$oid': '650000000000000000000001'}}}",
     "DBRef('db.c',650000000000000000000001)"},
    {"{'$date': {'$numberLong': '-1'}}", "new Date(-1)"},
    {"{'$timestamp': {'t': 4294967295, 'i': 2}}", "Timestamp(4294967295, 2)"},
    {"true", "true"},
    {"false", "false"},
    {"null", "null"},
    {"{'$undefined': true}", "undefined"},
    {"{'$regularExpression': {'pattern': 'a.b', 'options': 'im'}}", "/a.b/im"},
    {"{'$minKey': 1}", "MinKey"},
    {"{'$maxKey': 1}", "MaxKey"},
};

static void expect(const char *json, const char *text)
{
    char document[2048];
    (void)snprintf(document, sizeof document, "{'v': %s}", json);
    struct bm_buffer bson = test_bson(document);
    struct bm_element element = test_element(&bson, "v");
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_text writer = bm_text_start(&out, 4096);
    cr_assert_eq(bm_text_value(&writer, element.type, element.value, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&out, 0, &err), BM_OK);
    cr_assert_str_eq((const char *)out.data, text);
    bm_buffer_free(&out);
    bm_buffer_free(&bson);
}

Test(text, values_are_worded_as_by_the_server)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        expect(values[i].value, values[i].text);
    }
}

static void repeat(char *out, size_t size, const char *before, size_t count, const char *after)
{
    char middle[512];
    memset(middle, 'x', count);
    middle[count] = '\0';
    (void)snprintf(out, size, "%s%s%s", before, middle, after);
}

Test(text, long_strings_and_code_are_cut)
{
    char json[600], text[600];
    repeat(json, sizeof json, "'", 159, "'");
    repeat(text, sizeof text, "\"", 159, "\"");
    expect(json, text);
    repeat(json, sizeof json, "'", 160, "'");
    repeat(text, sizeof text, "\"", 150, "...\"");
    expect(json, text);
    repeat(json, sizeof json, "{'$code': '", 79, "'}");
    repeat(text, sizeof text, "", 79, "");
    expect(json, text);
    repeat(json, sizeof json, "{'$code': '", 80, "'}");
    repeat(text, sizeof text, "", 70, "...");
    expect(json, text);
}

Test(text, long_binaries_are_cut)
{
    uint8_t value[5 + 81] = {80, 0, 0, 0, 0};
    for (size_t len = 80; len <= 81; len++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        struct bm_text text = bm_text_start(&out, 4096);
        value[0] = (uint8_t)len;
        struct bm_view view = {value, 5 + len};
        cr_assert_eq(bm_text_value(&text, BM_TYPE_BINARY, view, &err), BM_OK);
        cr_assert_eq(out.len, len == 80 ? 11 + 160 + 1 : 11 + 140 + 4);
        cr_assert_eq(memcmp(out.data + out.len - 4, len == 80 ? "000)" : "...)", 4), 0);
        bm_buffer_free(&out);
    }
}

static const struct {
    const char *bytes;
    const char *text;
} strings[] = {
    {"ok", "\"ok\""},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"\xff", "\"0xff\""},
    {"a\x80", "\"0x6180\""},
    {"\xc3", "\"0xc3\""},
    {"\xc0\x80", "\"0xc080\""},
    {"\xe0\x80\x80", "\"0xe08080\""},
    {"\xed\xa0\x80", "\"0xeda080\""},
    {"\xf4\x90\x80\x80", "\"0xf4908080\""},
    {"\xf8\x88\x80\x80\x80", "\"0xf888808080\""},
    {"\xc3(", "\"0xc328\""},
};

Test(text, strings_that_are_no_utf8_show_as_hexadecimal)
{
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        struct bm_text text = bm_text_start(&out, 4096);
        cr_assert_eq(bm_text_string(&text, bm_view_text(strings[i].bytes), &err), BM_OK);
        cr_assert(bm_view_equal(bm_buffer_view(&out), bm_view_text(strings[i].text)), "case %zu",
                  i);
        bm_buffer_free(&out);
    }
}

Test(text, ends_early_where_there_is_no_room)
{
    struct bm_buffer document = test_bson("{'abc': [1, 2, 3], 'def': 'ghi'}");
    struct bm_buffer full = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_text text = bm_text_start(&full, SIZE_MAX);
    struct bm_view bytes = bm_buffer_view(&document);
    cr_assert_eq(bm_text_document(&text, BM_TYPE_OBJECT, bytes, &err), BM_OK);
    cr_assert_eq(bm_text_finish(&text, &err), BM_OK);
    for (size_t most = 0; most <= full.len; most++) {
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        text = bm_text_start(&out, most);
        cr_assert_eq(bm_text_document(&text, BM_TYPE_OBJECT, bytes, &err), BM_OK);
        cr_assert_eq(bm_text_finish(&text, &err), BM_OK);
        cr_assert_eq(out.len, most < full.len ? most + 3 : most);
        cr_assert_eq(memcmp(out.data, full.data, most), 0);
        bm_buffer_free(&out);
    }
    bm_buffer_free(&full);
    bm_buffer_free(&document);
}

Test(text, damage_shows_as_dots)
{
    struct bm_buffer document = test_bson("{'a': 1, 'b': 2}");
    document.data[11] = 0x55;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_text text = bm_text_start(&out, 4096);
    struct bm_view bytes = bm_buffer_view(&document);
    cr_assert_eq(bm_text_document(&text, BM_TYPE_OBJECT, bytes, &err), BM_OK);
    cr_assert(bm_view_equal(bm_buffer_view(&out), bm_view_text("{ a: 1, ... }")));
    bm_buffer_free(&out);
    bm_buffer_free(&document);
}
