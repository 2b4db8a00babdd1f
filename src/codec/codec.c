/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/codec.h"

#include <assert.h>
#include <string.h>

enum { ROWS = BM_CODEC_KEEP };

static const struct bm_codec_row rows[ROWS] = {
    {.codec = BM_CODEC_NONE, .name = "none", .suffix = ""},
    {.codec = BM_CODEC_GZIP,
     .name = "gzip",
     .suffix = ".gz",
     .least_level = 1,
     .default_level = 1,
     .highest_level = 2,
     .probe = bm_gzip_probe,
     .decoder_new = bm_gzip_decoder_new,
     .encoder_new = bm_gzip_encoder_new},
    {.codec = BM_CODEC_ZSTD,
     .name = "zstd",
     .suffix = ".zst",
     .least_level = 1,
     .default_level = 3,
     .highest_level = 19,
     .probe = bm_zstd_probe,
     .decoder_new = bm_zstd_decoder_new,
     .encoder_new = bm_zstd_encoder_new},
};

const struct bm_codec_row *bm_codec_find(enum bm_codec codec)
{
    assert(codec < BM_CODEC_KEEP && rows[codec].codec == codec);
    return &rows[codec];
}

const struct bm_codec_row *bm_codec_detect(struct bm_reader *upstream, struct bm_error *err)
{
    for (size_t i = 0; i < ROWS; i++) {
        enum bm_status status = rows[i].probe != NULL ? rows[i].probe(upstream, err) : BM_END;
        if (status != BM_END) {
            return status == BM_OK ? &rows[i] : NULL;
        }
    }
    return bm_codec_find(BM_CODEC_NONE);
}

const char *bm_codec_name(enum bm_codec codec)
{
    return codec == BM_CODEC_KEEP ? "keep" : bm_codec_find(codec)->name;
}

const char *bm_codec_suffix(enum bm_codec codec)
{
    return codec == BM_CODEC_KEEP ? "" : bm_codec_find(codec)->suffix;
}

/* One or two digits without a leading zero; 0 when it is none of that. */
static int parse_level(struct bm_view text)
{
    if (text.len < 1 || text.len > 2 || text.data[0] == '0') {
        return 0;
    }
    int level = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }
        level = 10 * level + (text.data[i] - '0');
    }
    return level;
}

enum bm_status bm_compression_parse(const char *text, struct bm_compression *out,
                                    struct bm_error *err)
{
    const char *colon = strchr(text, ':');
    struct bm_view name = {(const uint8_t *)text,
                           colon != NULL ? (size_t)(colon - text) : strlen(text)};
    const struct bm_codec_row *row = NULL;
    for (size_t i = 0; i < ROWS; i++) {
        if (bm_view_equal(name, bm_view_text(rows[i].name))) {
            row = &rows[i];
        }
    }
    if (row == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "\"%s\" is no compression: none, gzip[:LEVEL] or zstd[:LEVEL]", text);
    }
    *out = (struct bm_compression){.codec = row->codec};
    if (colon == NULL) {
        return BM_OK;
    }
    if (row->least_level == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "\"%s\": none has no level", text);
    }
    out->level = parse_level(bm_view_text(colon + 1));
    if (out->level < row->least_level || out->level > row->highest_level) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "\"%s\": the level of %s is %d to %d", text,
                       row->name, row->least_level, row->highest_level);
    }
    return BM_OK;
}
