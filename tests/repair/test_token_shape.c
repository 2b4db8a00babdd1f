/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bsonmend/rules.h"

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

static const struct {
    const char *text;
    enum bm_token_kind kind;
    const char *prefix, *suffix, *alphabet;
    uint32_t length;
    double bits;
} good[] = {
    {"hex:32", BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 32, 128.0},
    {"hex:1", BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 1, 4.0},
    {"hex:1048576", BM_TOKEN_TEXT, "", "", DIGITS "abcdef", 1048576, 4194304.0},
    {"base62:22", BM_TOKEN_TEXT, "", "", DIGITS UPPER LOWER, 22, 130.9923},
    {"base64url:43", BM_TOKEN_TEXT, "", "", UPPER LOWER DIGITS "-_", 43, 258.0},
    {"nanoid", BM_TOKEN_TEXT, "", "", UPPER LOWER DIGITS "_-", 21, 126.0},
    {"nanoid:10", BM_TOKEN_TEXT, "", "", UPPER LOWER DIGITS "_-", 10, 60.0},
    {"uuid4", BM_TOKEN_UUID4, "", "", "", 0, 122.0},
    {"uuid4-binary", BM_TOKEN_UUID4_BINARY, "", "", "", 0, 122.0},
    {"objectid", BM_TOKEN_OBJECT_ID, "", "", "", 0, 64.0},
    {"R-{base62:10}", BM_TOKEN_TEXT, "R-", "", DIGITS UPPER LOWER, 10, 59.5420},
    {"{hex:8}.x", BM_TOKEN_TEXT, "", ".x", DIGITS "abcdef", 8, 32.0},
    {"urn:uuid:{uuid4}", BM_TOKEN_UUID4, "urn:uuid:", "", "", 0, 122.0},
    {"\xd0\x96\xe2\x82\xac\xf0\x9f\x98\x80{nanoid}", BM_TOKEN_TEXT,
     "\xd0\x96\xe2\x82\xac\xf0\x9f\x98\x80", "", UPPER LOWER DIGITS "_-", 21, 126.0},
};

Test(token_shape, good_texts)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_token_shape shape;
        cr_assert_eq(bm_token_shape_parse(good[i].text, &shape, &err), BM_OK, "%s: %s",
                     good[i].text, err.text);
        cr_assert_eq(shape.kind, good[i].kind, "%s", good[i].text);
        cr_assert_str_eq(shape.text, good[i].text);
        cr_assert_str_eq(shape.prefix, good[i].prefix);
        cr_assert_str_eq(shape.suffix, good[i].suffix);
        cr_assert_str_eq(shape.alphabet, good[i].alphabet);
        cr_assert_eq(shape.length, good[i].length);
        double bits = bm_token_shape_bits(&shape);
        cr_assert(bits - good[i].bits < 0.0001 && good[i].bits - bits < 0.0001, "%s: %f",
                  good[i].text, bits);
    }
}

static const char *const bad[] = {
    "",
    "hex",
    "hex:",
    "hex:0",
    "hex:1048577",
    "hex:-1",
    "hex:+3",
    "hex: 3",
    "hex:3x",
    "hex:99999999999",
    "HEX:3",
    "uuid4:3",
    "objectid:12",
    "uuid",
    "nanoid:",
    "{hex:8",
    "hex:8}",
    "}hex:8{",
    "{hex:8}{a}",
    "{{hex:8}",
    "{}",
    "x{uuid4-binary}",
    "x{objectid}",
    "\xff{hex:8}",
    "\xc0\x80{hex:8}",
    "{hex:8}\xed\xa0\x80",
    "{hex:8}\xf4\x90\x80\x80",
    "{hex:8}\xe2\x82",
};

Test(token_shape, bad_texts_say_what_may_be_written)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_token_shape shape = {.kind = BM_TOKEN_UNSAID};
        cr_assert_eq(bm_token_shape_parse(bad[i], &shape, &err), BM_FAIL, "'%s'", bad[i]);
        cr_assert_eq(err.code, BM_ERROR_USAGE);
        cr_assert_not_null(strstr(err.text, "hex:N, base62:N, base64url:N"), "%s", err.text);
        cr_assert_eq(shape.kind, BM_TOKEN_UNSAID);
    }
}

/* What a message recommends is not refused for its size by the plan, which asks for 64 bits. */
Test(token_shape, the_recommended_template_may_be_used)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_token_shape shape;
    cr_assert_eq(bm_token_shape_parse("foo", &shape, &err), BM_FAIL);
    const char *example = strstr(err.text, "such as ");
    cr_assert_not_null(example, "%s", err.text);
    struct bm_error again = BM_ERROR_INIT;
    cr_assert_eq(bm_token_shape_parse(example + strlen("such as "), &shape, &again), BM_OK, "%s",
                 again.text);
    cr_assert_geq(bm_token_shape_bits(&shape), 64.0);
}

Test(token_shape, literal_text_has_a_bound)
{
    char text[128];
    struct bm_token_shape shape;
    struct bm_error err = BM_ERROR_INIT;
    (void)snprintf(text, sizeof text, "%063d{hex:8}%050d", 0, 0);
    cr_assert_eq(bm_token_shape_parse(text, &shape, &err), BM_OK, "%s", err.text);
    cr_assert_eq(strlen(shape.prefix), 63);
    (void)snprintf(text, sizeof text, "%064d{hex:8}", 0);
    cr_assert_eq(bm_token_shape_parse(text, &shape, &err), BM_FAIL);
    err = BM_ERROR_INIT;
    (void)snprintf(text, sizeof text, "{hex:8}%064d", 0);
    cr_assert_eq(bm_token_shape_parse(text, &shape, &err), BM_FAIL);
}

Test(token_shape, a_text_too_long_to_keep_is_refused)
{
    char text[200];
    struct bm_token_shape shape;
    struct bm_error err = BM_ERROR_INIT;
    (void)snprintf(text, sizeof text, "%0128d", 0);
    cr_assert_eq(bm_token_shape_parse(text, &shape, &err), BM_FAIL);
    cr_assert_not_null(strstr(err.text, "127 bytes"));
}
