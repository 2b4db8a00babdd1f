/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

#include "doc/extjson.h"
#include "doc/json_grammar.h"

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define LIMIT ((size_t)2 * BM_DOCUMENT_MAX)

/* ---- grammar ---- */

static const char *const good_texts[] = {
    "{}",
    " \t\r\n{ } \n",
    "{\"a\":1}",
    "{ \"a\" : [ ] , \"b\" : { } }",
    "{\"a\":[1,2,[3]],\"b\":\"\"}",
    "{\"a\":-0,\"b\":0,\"c\":10,\"d\":1.5,\"e\":1e5,\"f\":1E+05,\"g\":-0.0e-0}",
    "{\"a\":true,\"b\":false,\"c\":null}",
    "{\"\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
    "{\"caf\xc3\xa9\":\"raw \xff bytes\"}",
    "{\"a\":\"raw \t control \x01 bytes\"}", /* mongorestore takes them */
    "{\"a\":1,\"a\":2}",
};

Test(json_parse, takes_json)
{
    for (size_t i = 0; i < sizeof good_texts / sizeof good_texts[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_expect_eq(bm_json_parse(bm_view_text(good_texts[i]), &out, &err), BM_OK, "%s: %s",
                     good_texts[i], err.text);
        cr_expect_eq(bm_document_check(bm_buffer_view(&out), NULL, &err), BM_OK, "%s: %s",
                     good_texts[i], err.text);
        bm_buffer_free(&out);
    }
}

static const struct {
    struct bm_view text;
    uint64_t offset;
} bad_texts[] = {
    {BYTES(""), 0},
    {BYTES("  "), 2},
    {BYTES("XXX\n"), 0},
    {BYTES("[]"), 0},
    {BYTES("1"), 0},
    {BYTES("\"a\""), 0},
    {BYTES("{"), 1},
    {BYTES("{}}"), 2},
    {BYTES("{}{}"), 2},
    {BYTES("{}x"), 2},
    {BYTES("{} \0"), 3},
    {BYTES("{,}"), 1},
    {BYTES("{\"a\"}"), 4},
    {BYTES("{\"a\":}"), 5},
    {BYTES("{\"a\" 1}"), 5},
    {BYTES("{\"a\":1,}"), 7},
    {BYTES("{\"a\":1 \"b\":2}"), 7},
    {BYTES("{\"a\":1,,\"b\":2}"), 7},
    {BYTES("{\"a\":1:2}"), 6},
    {BYTES("{a:1}"), 1},
    {BYTES("{'a':1}"), 1},
    {BYTES("{1:1}"), 1},
    {BYTES("{null:1}"), 1},
    {BYTES("{\"a\":[1,]}"), 8},
    {BYTES("{\"a\":[,1]}"), 6},
    {BYTES("{\"a\":[1 2]}"), 8},
    {BYTES("{\"a\":[\"b\":1]}"), 9},
    {BYTES("{\"a\":[1}"), 7},
    {BYTES("{\"a\":{]}"), 6},
    {BYTES("{\"a\":tru}"), 5},
    {BYTES("{\"a\":True}"), 5},
    {BYTES("{\"a\":truex}"), 9},
    {BYTES("{\"a\":nul"), 5},
    {BYTES("{\"a\":NaN}"), 5},
    {BYTES("{\"a\":Infinity}"), 5},
    {BYTES("{\"a\":+Infinity}"), 5},
    {BYTES("{\"a\":-Infinity}"), 6},
    {BYTES("{\"a\":+1}"), 5},
    {BYTES("{\"a\":01}"), 6},
    {BYTES("{\"a\":-}"), 6},
    {BYTES("{\"a\":1.}"), 7},
    {BYTES("{\"a\":.5}"), 5},
    {BYTES("{\"a\":1e}"), 7},
    {BYTES("{\"a\":1e+}"), 8},
    {BYTES("{\"a\":0x10}"), 6},
    {BYTES("{\"a\":1 2}"), 7},
    {BYTES("{\"a\":1e999}"), 5},
    {BYTES("{\"a\":\"b}"), 8},
    {BYTES("{\"a\":\"\\x\"}"), 7},
    {BYTES("{\"a\":\"\\u12g4\"}"), 10},
    {BYTES("{\"a\":\"\\u12"), 10},
    {BYTES("{\"a\":\"\\"), 7},
    {BYTES("{\"a\":\"\0\"}"), 6},
    {BYTES("{\"a\\u0000b\":1}"), 2}, /* a BSON name ends at a zero byte */
    {BYTES("{\"a\":ObjectId(\"0123456789abcdef01234567\")}"), 5},
    {BYTES("{\"a\":1}/* */"), 7},
    {BYTES("\xef\xbb\xbf{}"), 0},
};

Test(json_parse, refuses_what_is_no_json)
{
    for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_expect_eq(bm_json_parse(bad_texts[i].text, &out, &err), BM_FAIL, "%s",
                     (const char *)bad_texts[i].text.data);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT, "%s: %s", (const char *)bad_texts[i].text.data,
                     err.text);
        cr_expect_eq(err.offset, bad_texts[i].offset, "%s: %llu: %s",
                     (const char *)bad_texts[i].text.data, (unsigned long long)err.offset,
                     err.text);
        cr_expect_eq(out.len, 0, "nothing is left of what failed");
        bm_buffer_free(&out);
    }
}

/* {"a":{"a": … 1 … }} or {"a":[[ … 1 … ]]} */
static char *nested(size_t levels, const char *open, const char *close)
{
    char *text = malloc(levels * (strlen(open) + strlen(close)) + 16);
    char *at = text + sprintf(text, "%s", "{\"a\":");
    for (size_t i = 1; i < levels; i++) {
        at += sprintf(at, "%s", open);
    }
    at += sprintf(at, "1");
    for (size_t i = 1; i < levels; i++) {
        at += sprintf(at, "%s", close);
    }
    (void)sprintf(at, "}");
    return text;
}

Test(json_parse, nests_200_levels_and_no_more)
{
    static const char *const brackets[][2] = {{"{\"a\":", "}"}, {"[", "]"}};
    for (size_t i = 0; i < 2; i++) {
        for (size_t levels = 199; levels <= 202; levels++) {
            struct bm_error err = BM_ERROR_INIT;
            struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
            char *text = nested(levels, brackets[i][0], brackets[i][1]);
            enum bm_status expected = levels <= 200 ? BM_OK : BM_FAIL;
            cr_expect_eq(bm_json_parse(bm_view_text(text), &out, &err), expected, "%zu", levels);
            free(text);
            bm_buffer_free(&out);
        }
    }
}

Test(json_parse, eight_million_brackets_fail_at_once, .timeout = 10)
{
    size_t len = BM_DOCUMENT_MAX;
    uint8_t *text = malloc(len);
    memcpy(text, "{\"a\":", 5);
    memset(text + 5, '[', len - 5);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    cr_expect_eq(bm_json_parse((struct bm_view){text, len}, &out, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_eq(err.offset, 5 + 199);
    free(text);
    bm_buffer_free(&out);
}

/* So many numbers that the text fits its limit and the BSON, at up to 13 bytes each, does not. */
Test(json_parse, refuses_a_document_over_16_mib, .timeout = 20)
{
    size_t count = 1500000;
    char *text = malloc(count * 2 + 16);
    size_t at = (size_t)sprintf(text, "{\"a\":[");
    for (size_t i = 0; i < count; i++) {
        text[at++] = '7';
        text[at++] = i + 1 < count ? ',' : ']';
    }
    text[at++] = '}';
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    cr_expect_eq(bm_json_parse((struct bm_view){(uint8_t *)text, at}, &out, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT, "%s", err.text);
    free(text);
    bm_buffer_free(&out);
}

/* ---- values ---- */

static const struct {
    const char *text;
    uint8_t type;
    struct bm_view value;
} values[] = {
    {"1", BM_TYPE_INT32, BYTES("\1\0\0\0")},
    {"-0", BM_TYPE_INT32, BYTES("\0\0\0\0")},
    {"2147483647", BM_TYPE_INT32, BYTES("\xff\xff\xff\x7f")},
    {"2147483648", BM_TYPE_INT64, BYTES("\0\0\0\x80\0\0\0\0")},
    {"-2147483648", BM_TYPE_INT32, BYTES("\0\0\0\x80")},
    {"-2147483649", BM_TYPE_INT64, BYTES("\xff\xff\xff\x7f\xff\xff\xff\xff")},
    {"9223372036854775807", BM_TYPE_INT64, BYTES("\xff\xff\xff\xff\xff\xff\xff\x7f")},
    {"9223372036854775808", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xe0\x43")},
    {"1.0", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\x3f")},
    {"1e0", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\x3f")},
    {"-0.0", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\0\x80")},
    {"1e-400", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\0\0")},
    {"true", BM_TYPE_BOOL, BYTES("\1")},
    {"false", BM_TYPE_BOOL, BYTES("\0")},
    {"null", BM_TYPE_NULL, BYTES("")},
    {"\"\"", BM_TYPE_STRING, BYTES("\1\0\0\0\0")},
    {"\"a\\u0000b\"", BM_TYPE_STRING, BYTES("\4\0\0\0a\0b\0")},
    {"\"\\u00e9\\u20ac\"", BM_TYPE_STRING, BYTES("\6\0\0\0\xc3\xa9\xe2\x82\xac\0")},
    {"\"\\ud83d\\ude00\"", BM_TYPE_STRING, BYTES("\5\0\0\0\xf0\x9f\x98\x80\0")},
    {"\"\\ud83dx\"", BM_TYPE_STRING, BYTES("\5\0\0\0\xef\xbf\xbdx\0")},
    {"\"\\ud83d\\u0041\"", BM_TYPE_STRING,
     BYTES("\5\0\0\0\xef\xbf\xbd"
           "A\0")},
    {"\"\\ude00\\ud83d\"", BM_TYPE_STRING, BYTES("\7\0\0\0\xef\xbf\xbd\xef\xbf\xbd\0")},
    {"\"\\ud83d\\n\"", BM_TYPE_STRING, BYTES("\5\0\0\0\xef\xbf\xbd\n\0")},
    {"[]", BM_TYPE_ARRAY, BYTES("\5\0\0\0\0")},
    {"[null,true]", BM_TYPE_ARRAY,
     BYTES("\x0c\0\0\0\x0a"
           "0\0\x08"
           "1\0\1\0")},
    {"{}", BM_TYPE_OBJECT, BYTES("\5\0\0\0\0")},
    {"{\"b\":null,\"b\":null}", BM_TYPE_OBJECT,
     BYTES("\x0b\0\0\0\x0a"
           "b\0\x0a"
           "b\0\0")},
    /* canonical Extended JSON */
    {"{\"$numberInt\":\"-5\"}", BM_TYPE_INT32, BYTES("\xfb\xff\xff\xff")},
    {"{\"\\u0024numberInt\":\"5\"}", BM_TYPE_INT32, BYTES("\5\0\0\0")},
    {"{\"$numberLong\":\"5\"}", BM_TYPE_INT64, BYTES("\5\0\0\0\0\0\0\0")},
    {"{\"$numberDouble\":\"1.5\"}", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf8\x3f")},
    {"{\"$numberDouble\":\"-0.0\"}", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\0\x80")},
    {"{\"$numberDouble\":\"Infinity\"}", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\x7f")},
    {"{\"$numberDouble\":\"-Infinity\"}", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf0\xff")},
    {"{\"$numberDouble\":\"NaN\"}", BM_TYPE_DOUBLE, BYTES("\0\0\0\0\0\0\xf8\x7f")},
    {"{\"$numberDecimal\":\"0\"}", BM_TYPE_DECIMAL128,
     BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\x30")},
    {"{\"$numberDecimal\":\"-1.0\"}", BM_TYPE_DECIMAL128,
     BYTES("\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\x3e\xb0")},
    {"{\"$oid\":\"0123456789abCDEF01234567\"}", BM_TYPE_OBJECT_ID,
     BYTES("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67")},
    {"{\"$date\":{\"$numberLong\":\"-1\"}}", BM_TYPE_DATE,
     BYTES("\xff\xff\xff\xff\xff\xff\xff\xff")},
    {"{\"$timestamp\":{\"t\":4294967295,\"i\":2}}", BM_TYPE_TIMESTAMP,
     BYTES("\2\0\0\0\xff\xff\xff\xff")},
    {"{\"$timestamp\":{\"i\":2,\"t\":1}}", BM_TYPE_TIMESTAMP, BYTES("\2\0\0\0\1\0\0\0")},
    {"{\"$binary\":{\"base64\":\"AAEC\",\"subType\":\"00\"}}", BM_TYPE_BINARY,
     BYTES("\3\0\0\0\0\0\1\2")},
    {"{\"$binary\":{\"subType\":\"80\",\"base64\":\"AA==\"}}", BM_TYPE_BINARY,
     BYTES("\1\0\0\0\x80\0")},
    {"{\"$binary\":{\"base64\":\"\",\"subType\":\"5\"}}", BM_TYPE_BINARY, BYTES("\0\0\0\0\5")},
    {"{\"$binary\":{\"base64\":\"AAE=\",\"subType\":\"02\"}}", BM_TYPE_BINARY,
     BYTES("\6\0\0\0\2\2\0\0\0\0\1")},
    {"{\"$binary\":\"AAEC\",\"$type\":\"00\"}", BM_TYPE_BINARY, BYTES("\3\0\0\0\0\0\1\2")},
    {"{\"$uuid\":\"00112233-4455-6677-8899-aAbBcCdDeEfF\"}", BM_TYPE_BINARY,
     BYTES("\x10\0\0\0\4\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")},
    {"{\"$symbol\":\"s\"}", BM_TYPE_SYMBOL, BYTES("\2\0\0\0s\0")},
    {"{\"$code\":\"f\"}", BM_TYPE_CODE, BYTES("\2\0\0\0f\0")},
    {"{\"$code\":\"f\",\"$scope\":{}}", BM_TYPE_CODE_WITH_SCOPE,
     BYTES("\x0f\0\0\0\2\0\0\0f\0\5\0\0\0\0")},
    {"{\"$code\":\"\",\"$scope\":{\"$oid\":null}}", BM_TYPE_CODE_WITH_SCOPE,
     BYTES("\x14\0\0\0\1\0\0\0\0\x0b\0\0\0\x0a$oid\0\0")},
    {"{\"$regularExpression\":{\"pattern\":\"^a\",\"options\":\"im\"}}", BM_TYPE_REGEX,
     BYTES("^a\0im\0")},
    {"{\"$regularExpression\":{\"options\":\"\",\"pattern\":\"\"}}", BM_TYPE_REGEX, BYTES("\0\0")},
    {"{\"$dbPointer\":{\"$ref\":\"d.c\",\"$id\":{\"$oid\":\"0123456789abcdef01234567\"}}}",
     BM_TYPE_DB_POINTER, BYTES("\4\0\0\0d.c\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67")},
    {"{\"$dbPointer\":{\"$id\":{\"$oid\":\"0123456789abcdef01234567\"},\"$ref\":\"\"}}",
     BM_TYPE_DB_POINTER, BYTES("\1\0\0\0\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67")},
    {"{\"$minKey\":1}", BM_TYPE_MIN_KEY, BYTES("")},
    {"{\"$maxKey\":1}", BM_TYPE_MAX_KEY, BYTES("")},
    {"{\"$undefined\":true}", BM_TYPE_UNDEFINED, BYTES("")},
    /* query operators and the like stay what they are */
    {"{\"$type\":2}", BM_TYPE_OBJECT, BYTES("\x10\0\0\0\x10$type\0\2\0\0\0\0")},
    {"{\"$type\":[]}", BM_TYPE_OBJECT, BYTES("\x11\0\0\0\4$type\0\5\0\0\0\0\0")},
    {"{\"$gt\":1}", BM_TYPE_OBJECT, BYTES("\x0e\0\0\0\x10$gt\0\1\0\0\0\0")},
    {"{\"$exists\":true}", BM_TYPE_OBJECT, BYTES("\x0f\0\0\0\x08$exists\0\1\0")},
    {"{\"$regex\":\"a\",\"$options\":\"\"}", BM_TYPE_OBJECT,
     BYTES("\x22\0\0\0\2$regex\0\2\0\0\0a\0\2$options\0\1\0\0\0\0\0")},
    {"{\"$ref\":null,\"$id\":null}", BM_TYPE_OBJECT, BYTES("\x10\0\0\0\x0a$ref\0\x0a$id\0\0")},
    {"{\"$type\":\"00\",\"$binary\":\"\"}", BM_TYPE_OBJECT,
     BYTES("\x21\0\0\0\2$type\0\3\0\0\0"
           "00\0\2$binary\0\1\0\0\0\0\0")},
    {"{\"a\":null,\"$oid\":null}", BM_TYPE_OBJECT,
     BYTES("\x0e\0\0\0\x0a"
           "a\0\x0a$oid\0\0")},
};

static void expect_value(size_t i)
{
    char *text = malloc(strlen(values[i].text) + 16);
    (void)sprintf(text, "{\"v\":%s}", values[i].text);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    struct bm_element element;
    cr_expect_eq(bm_json_parse(bm_view_text(text), &out, &err), BM_OK, "%s: %s", text, err.text);
    if (out.len > 0) {
        cr_expect_eq(bm_document_check(bm_buffer_view(&out), NULL, &err), BM_OK, "%s: %s", text,
                     err.text);
        cr_assert_eq(bm_document_find(bm_buffer_view(&out), bm_view_text("v"), &element, &err),
                     BM_OK);
        cr_expect_eq(element.type, values[i].type, "%s: type 0x%02x", text, element.type);
        cr_expect(bm_view_equal(element.value, values[i].value), "%s: %zu bytes", text,
                  element.value.len);
    }
    free(text);
    bm_buffer_free(&out);
}

Test(json_parse, makes_every_type)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        expect_value(i);
    }
}

static const struct {
    const char *value;
    const char *text;
} broken_promises[] = {
    {"{\"$numberInt\":5}", "not what $numberInt promises"},
    {"{\"$numberInt\":\"2147483648\"}", "not what $numberInt promises"},
    {"{\"$numberInt\":\" 5\"}", "not what $numberInt promises"},
    {"{\"$numberInt\":\"5 \"}", "not what $numberInt promises"},
    {"{\"$numberInt\":\"\"}", "not what $numberInt promises"},
    {"{\"$numberInt\":\"+\"}", "not what $numberInt promises"},
    {"{\"$numberInt\":\"5\",\"a\":1}", "not what $numberInt promises"},
    {"{\"$numberLong\":\"9223372036854775808\"}", "not what $numberLong promises"},
    {"{\"$numberLong\":\"1.5\"}", "not what $numberLong promises"},
    {"{\"$numberDouble\":\"\"}", "not what $numberDouble promises"},
    {"{\"$numberDouble\":\"1.5x\"}", "not what $numberDouble promises"},
    {"{\"$numberDouble\":\"1e999\"}", "not what $numberDouble promises"},
    {"{\"$numberDouble\":\"1,5\"}", "not what $numberDouble promises"},
    {"{\"$numberDecimal\":\"x\"}", "not what $numberDecimal promises"},
    {"{\"$numberDecimal\":1}", "not what $numberDecimal promises"},
    {"{\"$oid\":\"0123456789abcdef0123456\"}", "not what $oid promises"},
    {"{\"$oid\":\"0123456789abcdef0123456g\"}", "not what $oid promises"},
    {"{\"$oid\":\"0123456789ab-def01234567\"}", "not what $oid promises"},
    {"{\"$oid\":{}}", "not what $oid promises"},
    {"{\"$date\":\"2020-01-01T00:00:00Z\"}", "a relaxed $date, which mongorestore refuses"},
    {"{\"$date\":0}", "a relaxed $date, which mongorestore refuses"},
    {"{\"$date\":{}}", "not what $date promises"},
    {"{\"$date\":{\"$numberLong\":1}}", "not what $date promises"},
    {"{\"$date\":{\"$numberInt\":\"1\"}}", "not what $date promises"},
    {"{\"$date\":{\"$numberLong\":\"x\"}}", "not what $date promises"},
    {"{\"$timestamp\":{\"t\":1}}", "not what $timestamp promises"},
    {"{\"$timestamp\":{\"t\":1,\"t\":1}}", "not what $timestamp promises"},
    {"{\"$timestamp\":{\"t\":-1,\"i\":1}}", "not what $timestamp promises"},
    {"{\"$timestamp\":{\"t\":1.5,\"i\":1}}", "not what $timestamp promises"},
    {"{\"$timestamp\":{\"t\":\"1\",\"i\":1}}", "not what $timestamp promises"},
    {"{\"$timestamp\":{\"t\":4294967296,\"i\":1}}", "not what $timestamp promises"},
    {"{\"$timestamp\":5}", "not what $timestamp promises"},
    {"{\"$binary\":{\"base64\":\"AA=A\",\"subType\":\"00\"}}",
     "base64 with a character of no meaning"},
    {"{\"$binary\":{\"base64\":\"AAA\",\"subType\":\"00\"}}", "base64 of 3 characters"},
    {"{\"$binary\":{\"base64\":\"AAAA\",\"subType\":\"0x\"}}", "not what $binary promises"},
    {"{\"$binary\":{\"base64\":\"AAAA\",\"subType\":\"\"}}", "not what $binary promises"},
    {"{\"$binary\":{\"base64\":\"AAAA\",\"subType\":0}}", "not what $binary promises"},
    {"{\"$binary\":{\"base64\":\"AAAA\"}}", "not what $binary promises"},
    {"{\"$binary\":\"AAAA\"}", "not what $binary promises"},
    {"{\"$binary\":\"AAAA\",\"$type\":0}", "not what $binary promises"},
    {"{\"$binary\":\"AAAA\",\"type\":\"00\"}", "not what $binary promises"},
    {"{\"$uuid\":\"00112233445566778899aabbccddeeff\"}", "not what $uuid promises"},
    {"{\"$uuid\":\"00112233-4455-6677-8899-aabbccddee-f\"}", "not what $uuid promises"},
    {"{\"$symbol\":1}", "not what $symbol promises"},
    {"{\"$code\":1}", "not what $code promises"},
    {"{\"$code\":\"f\",\"$scope\":1}", "not what $code promises"},
    {"{\"$code\":\"f\",\"x\":{}}", "not what $code promises"},
    {"{\"$code\":\"f\",\"$scope\":{},\"x\":1}", "not what $code promises"},
    {"{\"$scope\":{},\"$code\":\"f\"}", "$scope without $code before it"},
    {"{\"$regularExpression\":{\"pattern\":\"a\"}}", "not what $regularExpression promises"},
    {"{\"$regularExpression\":{\"pattern\":\"a\\u0000\",\"options\":\"\"}}",
     "not what $regularExpression promises"},
    {"{\"$regularExpression\":{\"pattern\":\"a\",\"options\":1}}",
     "not what $regularExpression promises"},
    {"{\"$dbPointer\":{\"$ref\":\"a\",\"$id\":\"0123456789abcdef01234567\"}}",
     "not what $dbPointer promises"},
    {"{\"$dbPointer\":{\"$ref\":\"a\",\"$id\":{\"x\":\"0123456789abcdef01234567\"}}}",
     "not what $dbPointer promises"},
    {"{\"$dbPointer\":{\"$ref\":\"a\",\"$id\":{\"$oid\":\"01\"}}}", "not what $dbPointer promises"},
    {"{\"$dbPointer\":{\"$ref\":\"a\",\"$id\":[]}}", "not what $dbPointer promises"},
    {"{\"$minKey\":2}", "not what $minKey promises"},
    {"{\"$maxKey\":true}", "not what $maxKey promises"},
    {"{\"$undefined\":false}", "not what $undefined promises"},
};

Test(json_parse, refuses_broken_promises)
{
    for (size_t i = 0; i < sizeof broken_promises / sizeof broken_promises[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"v\":%s}", broken_promises[i].value);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        cr_expect_eq(bm_json_parse(bm_view_text(text), &out, &err), BM_FAIL, "%s", text);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT, "%s", text);
        cr_expect_str_eq(err.text, broken_promises[i].text, "%s", text);
        cr_expect(err.offset >= 5 && err.offset < strlen(text), "%s", text);
        bm_buffer_free(&out);
    }
}

Test(json_parse, the_outermost_object_is_always_a_document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    cr_assert_eq(bm_json_parse(bm_view_text("{\"$oid\":null}"), &out, &err), BM_OK);
    cr_expect(bm_view_equal(bm_buffer_view(&out), (struct bm_view)BYTES("\x0b\0\0\0\x0a$oid\0\0")));
    bm_buffer_free(&out);
}

/* Every cut of a text with everything in it fails, and stays inside it (run under a sanitizer). */
Test(json_parse, fails_on_every_cut)
{
    size_t room = 8192;
    char *whole = malloc(room);
    size_t len = (size_t)sprintf(whole, "{\"x\":0");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        len += (size_t)sprintf(whole + len, ",\"v\":%s", values[i].text);
    }
    len += (size_t)sprintf(whole + len, "}");
    cr_assert_lt(len, room);
    for (size_t cut = 0; cut <= len; cut++) {
        uint8_t *exact = malloc(cut + (cut == 0));
        memcpy(exact, whole, cut);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        enum bm_status expected = cut == len ? BM_OK : BM_FAIL;
        cr_expect_eq(bm_json_parse((struct bm_view){exact, cut}, &out, &err), expected, "%zu", cut);
        bm_buffer_free(&out);
        free(exact);
    }
    free(whole);
}

/* What we make of canonical text, libbson makes of it too, where it can read it. */
Test(json_parse, agrees_with_libbson_on_canonical_text)
{
    static const char text[] =
        "{\"a\":{\"$numberInt\":\"1\"},\"b\":[{\"$numberLong\":\"5\"},{\"c\":\"d\"}],"
        "\"e\":{\"$numberDouble\":\"1.25\"},\"f\":{\"$oid\":\"0123456789abcdef01234567\"},"
        "\"g\":{\"$date\":{\"$numberLong\":\"12345\"}},\"h\":{\"$minKey\":1},"
        "\"i\":{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"i\"}},"
        "\"j\":{\"$binary\":{\"base64\":\"AQID\",\"subType\":\"04\"}},"
        "\"k\":{\"$timestamp\":{\"t\":1,\"i\":2}},\"l\":{\"$numberDecimal\":\"1.5E+10\"}}";
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    bson_t *theirs = bson_new_from_json((const uint8_t *)text, -1, NULL);
    cr_assert_not_null(theirs);
    cr_assert_eq(bm_json_parse(bm_view_text(text), &out, &err), BM_OK, "%s", err.text);
    cr_expect(
        bm_view_equal(bm_buffer_view(&out), (struct bm_view){bson_get_data(theirs), theirs->len}));
    bson_destroy(theirs);
    bm_buffer_free(&out);
}

Test(json_parse, appends_and_keeps_to_the_buffers_limit)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(16);
    cr_assert_eq(bm_buffer_append_text(&out, "abc", &err), BM_OK);
    cr_expect_eq(bm_json_parse(bm_view_text("{}"), &out, &err), BM_OK);
    cr_expect_eq(out.len, 8);
    cr_expect_eq(bm_json_parse(bm_view_text("{\"a\":\"bcdef\"}"), &out, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    cr_expect_eq(out.len, 8);
    bm_buffer_free(&out);
}
