/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "container/record.h"
#include "support/archive_builder.h"
#include "support/bson_text.h"
#include "support/running.h"

/* An archive with many namespaces open at once, whose keys memory holds and does not: what comes
 * out is the same. */

enum { NAMESPACES = 100, SEGMENTS = 8, DOCUMENTS = 50 /* of a segment */ };

TestSuite(memory, .init = running_start, .fini = running_stop);

/* One in fifty has no token, one in ninety-seven that of another, one in two hundred another's _id.
 */
static void add_documents(struct bm_buffer *out, size_t ns, size_t segment)
{
    for (size_t i = 0; i < DOCUMENTS; i++) {
        size_t number = segment * DOCUMENTS + i;
        size_t all = ns * SEGMENTS * DOCUMENTS + number;
        char token[32];
        (void)snprintf(token, sizeof token, "token-%zu", all % 97 == 1 ? 3 : number);
        size_t id = all % 200 == 7 ? number / 2 : number * 7919 % 400;
        test_bson_append_token(out, (int32_t)id, number % 50 == 0 ? NULL : token);
    }
}

static void make_archive(void)
{
    struct bm_buffer archive = TEST_ARCHIVE_INIT;
    uint64_t crcs[NAMESPACES] = {0};
    char name[16];
    test_build_start(&archive, "7.0.16");
    for (size_t ns = 0; ns < NAMESPACES; ns++) {
        (void)snprintf(name, sizeof name, "c%02zu", ns);
        test_build_entry(&archive, "d", name, running_unique_token, "collection");
    }
    test_build_terminator(&archive);
    for (size_t segment = 0; segment <= SEGMENTS; segment++) {
        for (size_t ns = 0; ns < NAMESPACES; ns++) {
            (void)snprintf(name, sizeof name, "c%02zu", ns);
            if (segment == SEGMENTS) {
                test_build_eof(&archive, "d", name, crcs[ns]);
                continue;
            }
            test_build_segment(&archive, "d", name);
            size_t start = archive.len;
            add_documents(&archive, ns, segment);
            crcs[ns] = bm_record_crc(crcs[ns],
                                     (struct bm_view){archive.data + start, archive.len - start});
            test_build_terminator(&archive);
        }
    }
    test_scratch_write(&running.scratch, "in.archive", bm_buffer_view(&archive));
    bm_buffer_free(&archive);
}

/* What a run says, but for what its memory shows in: how often it read. */
static struct bm_buffer report(void)
{
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 26);
    struct bm_error err = BM_ERROR_INIT;
    running.result.passes = 0;
    running.result.recorded = 0;
    struct bm_writer *writer = bm_writer_buffer_new(&out, &err);
    cr_assert_not_null(writer);
    cr_assert_eq(bm_report_json(&running.result, BM_SHOW_VALUES, writer, &err), BM_OK);
    cr_assert_eq(bm_writer_finish(writer, &err), BM_OK);
    bm_writer_free(writer);
    return out;
}

/* The tiny memory makes key files: that is asserted, lest it were none. */
static void expect_alike(const char *rules)
{
    static const uint64_t memories[] = {UINT64_C(1) << 30, UINT64_C(1) << 20};
    struct bm_buffer reports[2];
    struct bm_buffer outputs[2];
    char rejects[256];
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(rejects, sizeof rejects, "%s/rejects-%zu", running.scratch.folder, i);
        running.options.rejects = strstr(rules, "reject") != NULL ? rejects : NULL;
        running.options.memory = memories[i];
        cr_assert_eq(running_run(), BM_OK, "%s: %s", rules, running.err.text);
        cr_expect_eq(running.result.recorded > 0, i == 1, "%s: %d", rules, (int)i);
        cr_assert_not_null(running.result.output.path, "%s", rules);
        reports[i] = report();
        outputs[i] = test_scratch_read(&running.scratch, "out.archive");
        cr_assert_eq(unlink(running.output), 0);
    }
    cr_expect(bm_view_equal(bm_buffer_view(&reports[0]), bm_buffer_view(&reports[1])), "%s: %s\n%s",
              rules, (char *)reports[0].data, (char *)reports[1].data);
    cr_expect(bm_view_equal(bm_buffer_view(&outputs[0]), bm_buffer_view(&outputs[1])),
              "%s: another output", rules);
    for (size_t i = 0; i < 2; i++) {
        bm_buffer_free(&reports[i]);
        bm_buffer_free(&outputs[i]);
    }
}

static void ask(const char *duplicates, const char *keep)
{
    struct bm_error err = BM_ERROR_INIT;
    char text[64];
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(text, sizeof text, "%s=%s", i == 0 ? "_id_" : "t_1", duplicates);
        cr_assert_eq(bm_rules_add_duplicate(&running.rules, text, &err), BM_OK, "%s", err.text);
    }
    if (keep != NULL) {
        cr_assert_eq(bm_rules_add_keep(&running.rules, keep, &err), BM_OK, "%s", err.text);
    }
}

static void start_archive(void)
{
    make_archive();
    (void)snprintf(running.input, sizeof running.input, "%s/in.archive", running.scratch.folder);
    (void)snprintf(running.output, sizeof running.output, "%s/out.archive", running.scratch.folder);
    running.options.input = (struct bm_source_options){.path = running.input};
    running.options.output.path = running.output;
    running.options.output.container = BM_CONTAINER_KEEP;
    running.options.folder = running.scratch.folder;
    bm_rules_free(&running.rules);
    bm_rules_init(&running.rules);
}

Test(memory, many_namespaces_that_are_filled)
{
    struct bm_error err = BM_ERROR_INIT;
    start_archive();
    char key[256];
    (void)snprintf(key, sizeof key, "%s/key", running.scratch.folder);
    running.options.token_key = key;
    cr_assert_eq(bm_rules_add_fill(&running.rules, "t=hex:32", &err), BM_OK);
    ask("leave", NULL);
    expect_alike("fill, leave");
}

Test(memory, many_namespaces_with_documents_set_aside)
{
    start_archive();
    ask("reject", NULL);
    expect_alike("reject, the first");
}

Test(memory, many_namespaces_that_are_looked_ahead_at)
{
    start_archive();
    ask("reject", "last");
    expect_alike("reject, the last");
}
