/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "bsonmend/codec.h"

struct parse_case {
    const char *text;
    enum bm_status status;
    struct bm_compression compression;
};

static const struct parse_case cases[] = {
    {"none", BM_OK, {BM_CODEC_NONE, 0}},
    {"gzip", BM_OK, {BM_CODEC_GZIP, 0}},
    {"gzip:1", BM_OK, {BM_CODEC_GZIP, 1}},
    {"gzip:2", BM_OK, {BM_CODEC_GZIP, 2}},
    {"zstd", BM_OK, {BM_CODEC_ZSTD, 0}},
    {"zstd:1", BM_OK, {BM_CODEC_ZSTD, 1}},
    {"zstd:19", BM_OK, {BM_CODEC_ZSTD, 19}},
    {"", BM_FAIL, {0}},
    {"keep", BM_FAIL, {0}},
    {"GZIP", BM_FAIL, {0}},
    {"gzip ", BM_FAIL, {0}},
    {"gz", BM_FAIL, {0}},
    {"none:", BM_FAIL, {0}},
    {"none:1", BM_FAIL, {0}},
    {"gzip:", BM_FAIL, {0}},
    {"gzip:0", BM_FAIL, {0}},
    {"gzip:3", BM_FAIL, {0}},
    {"gzip:01", BM_FAIL, {0}},
    {"gzip:1x", BM_FAIL, {0}},
    {"gzip:+1", BM_FAIL, {0}},
    {"gzip:-1", BM_FAIL, {0}},
    {"gzip:1:1", BM_FAIL, {0}},
    {"zstd:20", BM_FAIL, {0}},
    {"zstd:4294967297", BM_FAIL, {0}},
    {":1", BM_FAIL, {0}},
};

Test(codec, compressions_are_parsed)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_compression out = {BM_CODEC_KEEP, 99};
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(bm_compression_parse(cases[i].text, &out, &err), cases[i].status, "\"%s\"",
                     cases[i].text);
        if (cases[i].status == BM_OK) {
            cr_expect_eq(out.codec, cases[i].compression.codec, "\"%s\"", cases[i].text);
            cr_expect_eq(out.level, cases[i].compression.level, "\"%s\"", cases[i].text);
        } else {
            cr_expect_eq(err.code, BM_ERROR_USAGE);
            cr_expect_not_null(strstr(err.text, cases[i].text), "%s", err.text);
        }
    }
}

Test(codec, names_and_suffixes)
{
    cr_expect_str_eq(bm_codec_name(BM_CODEC_NONE), "none");
    cr_expect_str_eq(bm_codec_name(BM_CODEC_GZIP), "gzip");
    cr_expect_str_eq(bm_codec_name(BM_CODEC_ZSTD), "zstd");
    cr_expect_str_eq(bm_codec_name(BM_CODEC_KEEP), "keep");
    cr_expect_str_eq(bm_codec_suffix(BM_CODEC_NONE), "");
    cr_expect_str_eq(bm_codec_suffix(BM_CODEC_GZIP), ".gz");
    cr_expect_str_eq(bm_codec_suffix(BM_CODEC_ZSTD), ".zst");
    cr_expect_str_eq(bm_codec_suffix(BM_CODEC_KEEP), "");
}
