/* SPDX-License-Identifier: Apache-2.0 */
#include <bson/bson.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bsonmend/bsonmend.h"
#include "support/outcome.h"
#include "support/scratch.h"

/*
 * One small dump as raw BSON and as archive, plain, gzip and zstd: cut at every byte, and with
 * every bit flipped. A run over it must end in damage, or give what the changed input deserves as a
 * dump of its own: its decoded bytes again, or a verdict without output. No cut may look whole.
 */

static const struct {
    enum bm_container container;
    enum bm_codec codec;
    const char *name; /* of the file under the scratch folder */
} forms[] = {
    {BM_CONTAINER_BSON, BM_CODEC_NONE, "d/c.bson"},
    {BM_CONTAINER_BSON, BM_CODEC_GZIP, "d/c.bson.gz"},
    {BM_CONTAINER_BSON, BM_CODEC_ZSTD, "d/c.bson.zst"},
    {BM_CONTAINER_ARCHIVE, BM_CODEC_NONE, "dump.archive"},
    {BM_CONTAINER_ARCHIVE, BM_CODEC_GZIP, "dump.archive.gz"},
    {BM_CONTAINER_ARCHIVE, BM_CODEC_ZSTD, "dump.archive.zst"},
};

static struct test_outcome run_fix(const char *input, const char *output,
                                   enum bm_container container, enum bm_codec codec)
{
    int fd = open(output, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    cr_assert_geq(fd, 0);
    const struct bm_packer_options options = {
        .fd = fd, .container = container, .compression = {.codec = codec}};
    struct test_outcome outcome = test_fix(input, &options);
    close(fd);
    return outcome;
}

/* Decoded bytes of a file; 0 when they cannot be decoded whole. */
static int decode(const char *path, struct bm_buffer *out)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *upstream = bm_reader_file_new(path, NULL, &err);
    struct bm_reader *reader = upstream != NULL ? bm_decode_new(upstream, NULL, &err) : NULL;
    cr_assert_not_null(upstream);
    if (reader == NULL) {
        bm_reader_free(upstream);
        return 0;
    }
    enum bm_status status;
    struct bm_view view;
    bm_buffer_clear(out);
    while ((status = bm_reader_peek(reader, 1, &view, &err)) == BM_OK) {
        cr_assert_eq(bm_buffer_append(out, view, &err), BM_OK);
        bm_reader_consume(reader, view.len);
    }
    bm_reader_free(reader);
    return status == BM_END;
}

static void make_dump(struct test_scratch *scratch, size_t form)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    for (int32_t i = 0; i < 3; i++) {
        bson_t document = BSON_INITIALIZER;
        BSON_APPEND_INT32(&document, "_id", i);
        BSON_APPEND_UTF8(&document, "t", i == 1 ? "ab" : "c");
        struct bm_view bytes = {bson_get_data(&document), document.len};
        cr_assert_eq(bm_buffer_append(&dump, bytes, &err), BM_OK);
        bson_destroy(&document);
    }
    test_scratch_make(scratch);
    test_scratch_write(scratch, "d/c.bson", bm_buffer_view(&dump));
    test_scratch_write(scratch, "d/c.metadata.json", bm_view_text("{\"indexes\":[]}"));
    bm_buffer_free(&dump);
    if (form > 0) {
        struct test_outcome outcome = run_fix(test_scratch_path(scratch, "d/c.bson"),
                                              test_scratch_path(scratch, forms[form].name),
                                              forms[form].container, forms[form].codec);
        cr_assert_eq(outcome.exit_status, 0);
        cr_assert_eq(unlink(test_scratch_path(scratch, "d/c.bson")), 0);
    }
}

static struct test_outcome run_changed(struct test_scratch *scratch, size_t form,
                                       struct bm_view bytes)
{
    test_scratch_write(scratch, forms[form].name, bytes);
    const char *input = test_scratch_path(scratch, forms[form].name);
    const char *output = test_scratch_path(scratch, "output");
    struct test_outcome outcome = run_fix(input, output, BM_CONTAINER_KEEP, BM_CODEC_KEEP);
    if (outcome.written) {
        struct bm_buffer before = BM_BUFFER_INIT(1 << 24);
        struct bm_buffer after = BM_BUFFER_INIT(1 << 24);
        cr_assert(decode(input, &before), "an output from an input that does not decode");
        cr_assert(decode(output, &after));
        cr_assert(bm_view_equal(bm_buffer_view(&before), bm_buffer_view(&after)));
        bm_buffer_free(&before);
        bm_buffer_free(&after);
    } else {
        cr_assert_neq(outcome.exit_status, 0, "no output and exit 0");
    }
    return outcome;
}

static int is_document_boundary(struct bm_view bytes, size_t cut)
{
    size_t at = 0;
    while (at < cut) {
        uint32_t len;
        memcpy(&len, bytes.data + at, 4);
        at += len;
    }
    return at == cut;
}

static void cut_everywhere(size_t form)
{
    struct test_scratch scratch;
    make_dump(&scratch, form);
    struct bm_buffer whole = test_scratch_read(&scratch, forms[form].name);
    for (size_t cut = 0; cut < whole.len; cut++) {
        struct test_outcome outcome =
            run_changed(&scratch, form, (struct bm_view){whole.data, cut});
        if (form == 0 && is_document_boundary(bm_buffer_view(&whole), cut)) {
            /* Nobody can see that one; the manual says so. */
            cr_assert_eq(outcome.exit_status, 0);
            continue;
        }
        cr_assert_eq(outcome.exit_status, 3, "%s cut at %zu: exit %d", forms[form].name, cut,
                     outcome.exit_status);
        cr_assert(!outcome.written, "%s cut at %zu looks whole", forms[form].name, cut);
    }
    cr_assert_eq(run_changed(&scratch, form, bm_buffer_view(&whole)).exit_status, 0);
    bm_buffer_free(&whole);
    test_scratch_remove(&scratch);
}

static void flip_everywhere(size_t form)
{
    struct test_scratch scratch;
    make_dump(&scratch, form);
    struct bm_buffer whole = test_scratch_read(&scratch, forms[form].name);
    for (size_t bit = 0; bit < whole.len * 8; bit++) {
        whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)run_changed(&scratch, form, bm_buffer_view(&whole));
        whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    bm_buffer_free(&whole);
    test_scratch_remove(&scratch);
}

Test(damage, raw_cut_everywhere)
{
    cut_everywhere(0);
}

Test(damage, raw_gzip_cut_everywhere)
{
    cut_everywhere(1);
}

Test(damage, raw_zstd_cut_everywhere)
{
    cut_everywhere(2);
}

Test(damage, archive_cut_everywhere)
{
    cut_everywhere(3);
}

Test(damage, archive_gzip_cut_everywhere)
{
    cut_everywhere(4);
}

Test(damage, archive_zstd_cut_everywhere)
{
    cut_everywhere(5);
}

Test(damage, raw_flipped_everywhere)
{
    flip_everywhere(0);
}

Test(damage, raw_gzip_flipped_everywhere)
{
    flip_everywhere(1);
}

Test(damage, raw_zstd_flipped_everywhere)
{
    flip_everywhere(2);
}

Test(damage, archive_flipped_everywhere)
{
    flip_everywhere(3);
}

Test(damage, archive_gzip_flipped_everywhere)
{
    flip_everywhere(4);
}

Test(damage, archive_zstd_flipped_everywhere)
{
    flip_everywhere(5);
}
