/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include "container/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/memory.h"
#include "support/archive_builder.h"
#include "support/doubles.h"
#include "support/streams.h"
#include "support/threads.h"
#include "support/trial.h"

/* Many data files at once, as an archive asks for them. */

TestSuite(outputs, .init = test_trial_start, .fini = test_trial_stop);

static void name_output(struct bm_outputs *outputs, size_t number, enum bm_codec codec)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_output *output = &outputs->list[number];
    output->path = bm_format_text(&err, "%s/%zu", test_trial_path("d"), number);
    output->shown = bm_format_text(&err, "shown/%zu", number);
    output->mode = 0640;
    output->compression = (struct bm_compression){codec, 0};
    cr_assert(output->path != NULL && output->shown != NULL);
}

static void open_output(struct bm_outputs *outputs, size_t number)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_outputs_open(outputs, number, test_trial_path("d"), &err), BM_OK, "%s",
                 err.text);
}

/* Twice as many as encode at once: all end as the same bytes, and nothing else is left. */
Test(outputs, all_end_as_one_alone_would)
{
    enum { COUNT = 2 * BM_OUTPUTS_ENCODERS };
    static const enum bm_codec codecs[] = {BM_CODEC_NONE, BM_CODEC_GZIP, BM_CODEC_ZSTD};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view text = TEST_TEXT("abcabcabcabcabcabcabcabcabcabcabcabc");
    for (size_t k = 0; k < 3; k++) {
        test_trial_write("d/x", TEST_TEXT(""));
        struct bm_buffer alone = BM_BUFFER_INIT(1 << 20);
        test_stream_encode(text, (struct bm_compression){codecs[k], 0}, 0, &alone);
        struct bm_outputs outputs;
        cr_assert_eq(bm_outputs_init(&outputs, COUNT, NULL, &err), BM_OK);
        for (size_t i = 0; i < COUNT; i++) {
            name_output(&outputs, i, codecs[k]);
            open_output(&outputs, i);
            enum bm_output_way way = codecs[k] == BM_CODEC_NONE ? BM_OUTPUT_DIRECT
                                     : i < BM_OUTPUTS_ENCODERS  ? BM_OUTPUT_ENCODED
                                                                : BM_OUTPUT_WAITING;
            cr_expect_eq(outputs.list[i].way, way, "%zu", i);
        }
        for (size_t half = 0; half < 2; half++) {
            const struct bm_view part = {text.data + half * 18, 18};
            for (size_t i = 0; i < COUNT; i++) {
                cr_assert_eq(bm_sink_write(&outputs.list[i].sink, part, &err), BM_OK);
            }
        }
        for (size_t i = 0; i < COUNT; i++) {
            char name[32];
            cr_assert_eq(bm_outputs_close(&outputs, i, &err), BM_OK, "%s", err.text);
            (void)snprintf(name, sizeof name, "d/%zu", i);
            struct bm_buffer found = test_trial_read(name);
            cr_expect(bm_view_equal(bm_buffer_view(&found), bm_buffer_view(&alone)), "%zu", i);
            bm_buffer_free(&found);
            cr_assert_eq(unlink(test_trial_path(name)), 0);
        }
        cr_expect_eq(outputs.open, 0);
        cr_expect_eq(outputs.encoders, 0);
        cr_expect_eq(test_trial_count("d"), 1, "what waited is gone");
        bm_outputs_free(&outputs);
        bm_buffer_free(&alone);
    }
}

/* An encoder that is free again is used again. */
Test(outputs, an_encoder_is_for_whoever_is_open)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_outputs outputs;
    test_trial_write("d/x", TEST_TEXT(""));
    cr_assert_eq(bm_outputs_init(&outputs, BM_OUTPUTS_ENCODERS + 1, NULL, &err), BM_OK);
    for (size_t i = 0; i <= BM_OUTPUTS_ENCODERS; i++) {
        if (i == BM_OUTPUTS_ENCODERS) {
            cr_assert_eq(bm_outputs_close(&outputs, 0, &err), BM_OK, "%s", err.text);
        }
        name_output(&outputs, i, BM_CODEC_GZIP);
        open_output(&outputs, i);
        cr_expect_eq(outputs.list[i].way, BM_OUTPUT_ENCODED);
    }
    bm_outputs_free(&outputs);
}

static void write_output(struct bm_outputs *outputs, size_t number, struct bm_view bytes)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_writer_write(outputs->list[number].sink.writer, bytes, &err), BM_OK, "%s",
                 err.text);
}

/* Threads are for one large file at a time; others that are open beside it do without. */
Test(outputs, no_two_that_are_open_have_threads)
{
    enum { FILES = 3 };
    struct bm_error err = BM_ERROR_INIT;
    struct bm_outputs outputs;
    struct bm_buffer bytes = test_bytes(2 * BM_OVERLAP_START, 1);
    test_trial_write("d/x", TEST_TEXT(""));
    cr_assert_eq(bm_outputs_init(&outputs, FILES, NULL, &err), BM_OK);
    outputs.threads = 2;
    size_t before = test_threads();
    for (size_t i = 0; i < FILES; i++) {
        name_output(&outputs, i, BM_CODEC_NONE);
        open_output(&outputs, i);
        for (int again = 0; again < 2; again++) {
            write_output(&outputs, i, bm_buffer_view(&bytes));
        }
        cr_expect_eq(test_threads(), before + 1, "%zu files", i + 1);
    }
    bm_outputs_free(&outputs);
    bm_buffer_free(&bytes);
}

Test(outputs, more_than_a_stated_number_are_refused)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_outputs outputs;
    cr_assert_eq(bm_outputs_init(&outputs, 1, NULL, &err), BM_OK);
    outputs.open = BM_OUTPUTS_OPEN_MAX;
    name_output(&outputs, 0, BM_CODEC_NONE);
    cr_expect_eq(bm_outputs_open(&outputs, 0, test_trial_path(""), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_not_null(strstr(err.text, "more than 1000 namespaces with documents are open"), "%s",
                       err.text);
    bm_outputs_free(&outputs);
}

Test(outputs, the_limit_of_descriptors_is_told_by_its_name)
{
    enum { COUNT = 16, LIMIT = 12 };
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit low = {LIMIT, limit.rlim_max};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_outputs outputs;
    test_trial_write("d/x", TEST_TEXT(""));
    cr_assert_eq(bm_outputs_init(&outputs, COUNT, NULL, &err), BM_OK);
    for (size_t i = 0; i < COUNT; i++) {
        name_output(&outputs, i, BM_CODEC_NONE);
    }
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < COUNT && status == BM_OK; i++) {
        status = bm_outputs_open(&outputs, i, test_trial_path("d"), &err);
    }
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_expect_eq(status, BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, EMFILE);
    cr_expect_not_null(strstr(err.text, "ulimit -n"), "%s", err.text);
    bm_outputs_free(&outputs);
}

/* A file is made when its first byte comes: an archive may open as many as it has in its prelude.
 */
Test(outputs, an_open_namespace_without_documents_takes_no_descriptor)
{
    enum { COUNT = 64, LIMIT = 24 };
    struct bm_buffer archive = TEST_ARCHIVE_INIT;
    char name[16];
    test_build_start(&archive, "7.0.0");
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "c%d", i);
        test_build_entry(&archive, "d", name, "", "collection");
    }
    test_build_terminator(&archive);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "c%d", i);
        test_build_segment(&archive, "d", name);
        test_build_terminator(&archive);
    }
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "c%d", i);
        test_build_eof(&archive, "d", name, 0);
    }
    test_trial_put("a", &archive);
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit low = {LIMIT, limit.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
    test_trial_pass("a", "out", BM_CONTAINER_DIRECTORY, NULL);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_expect_eq(test_trial_count("out/d"), COUNT);
}
