/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bsonmend/bsonmend.h"
#include "support/fixtures.h"
#include "support/running.h"

/* BEFORE is d/c, AFTER after/d/c; what is wrong with AFTER is found and named. */

static void start(void)
{
    running_start();
    running.options.command = BM_COMMAND_VERIFY;
    running.options.after = test_scratch_path(&running.scratch, "after");
    running.options.input.path = test_scratch_path(&running.scratch, "before");
    test_scratch_write(&running.scratch, "before/d/c.metadata.json",
                       bm_view_text(running_unique_token));
    test_scratch_write(&running.scratch, "after/d/c.metadata.json",
                       bm_view_text(running_unique_token));
}

TestSuite(verify, .init = start, .fini = running_stop);

/* {_id: id, t: "t<id>"} */
static void add(int32_t id)
{
    char token[16];
    snprintf(token, sizeof token, "t%d", id);
    running_add(id, token);
}

static void put_before(int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        add(i);
    }
    running_put("before/d/c.bson");
}

/* The only difference. */
static const struct bm_difference *difference(void)
{
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.difference_count, 1);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_VIOLATIONS);
    cr_assert_eq(bm_result_exit(&running.result), 1);
    return &running.result.differences[0];
}

/* ---- documents, of few and of more than one block each ---- */

enum tampering { CHANGED, DROPPED, DOUBLED, SWAPPED };

static const struct {
    const char *name;
    int32_t count, at;
    enum tampering tampering;
    enum bm_difference_kind kind;
    int32_t before, after; /* the ordinals that are named, -1: none */
} tamperings[] = {
    {"first changed", 10, 0, CHANGED, BM_DIFFERENCE_CHANGED, 0, 0},
    {"one changed", 10, 7, CHANGED, BM_DIFFERENCE_CHANGED, 7, 7},
    {"last changed", 10, 9, CHANGED, BM_DIFFERENCE_CHANGED, 9, 9},
    {"first dropped", 10, 0, DROPPED, BM_DIFFERENCE_MISSING, 0, -1},
    {"one dropped", 10, 5, DROPPED, BM_DIFFERENCE_MISSING, 5, -1},
    {"last dropped", 10, 9, DROPPED, BM_DIFFERENCE_MISSING, 9, -1},
    {"one doubled", 10, 5, DOUBLED, BM_DIFFERENCE_EXTRA, -1, 5},
    {"last doubled", 10, 9, DOUBLED, BM_DIFFERENCE_EXTRA, -1, 9},
    {"two swapped", 10, 5, SWAPPED, BM_DIFFERENCE_MOVED, 5, 5},
    {"the only one dropped", 1, 0, DROPPED, BM_DIFFERENCE_MISSING, 0, -1},
    {"last of a block changed", 4096, 4095, CHANGED, BM_DIFFERENCE_CHANGED, 4095, 4095},
    {"behind one block", 4097, 4096, CHANGED, BM_DIFFERENCE_CHANGED, 4096, 4096},
    {"the odd one dropped", 4097, 4096, DROPPED, BM_DIFFERENCE_MISSING, 4096, -1},
    {"many, one changed", 20000, 13579, CHANGED, BM_DIFFERENCE_CHANGED, 13579, 13579},
    {"many, one dropped", 20000, 8191, DROPPED, BM_DIFFERENCE_MISSING, 8191, -1},
    {"many, two swapped", 20000, 16383, SWAPPED, BM_DIFFERENCE_MOVED, 16383, 16383},
    {"many, two of a block swapped", 20000, 16385, SWAPPED, BM_DIFFERENCE_MOVED, 16385, 16385},
};

static void put_after(int32_t count, int32_t at, enum tampering tampering)
{
    for (int32_t i = 0; i < count; i++) {
        if (i != at || tampering == DOUBLED) {
            add(i);
        }
        if (i == at && tampering == CHANGED) {
            running_add(i, "another");
        }
        if (i == at && tampering == DOUBLED) {
            add(-1 - i); /* a further _id, so that nothing but the document is at fault */
        }
        if (i == at && tampering == SWAPPED) {
            add(++i);
            add(at);
        }
    }
    running_put("after/d/c.bson");
}

static void expect_place(const struct bm_document_place *place, int32_t ordinal, const char *side,
                         const char *name)
{
    cr_assert_eq(place->known, ordinal >= 0, "%s: %s", name, side);
    if (ordinal >= 0) {
        cr_assert_eq(place->ordinal, (uint64_t)ordinal, "%s: %s: %llu", name, side,
                     (unsigned long long)place->ordinal);
        cr_assert_gt(place->id.len, 0, "%s: %s", name, side);
    }
}

Test(verify, the_first_document_that_differs_is_named)
{
    for (size_t i = 0; i < sizeof tamperings / sizeof *tamperings; i++) {
        put_before(tamperings[i].count);
        put_after(tamperings[i].count, tamperings[i].at, tamperings[i].tampering);
        const struct bm_difference *found = difference();
        int is_doubled = tamperings[i].tampering == DOUBLED;
        cr_assert_eq(found->kind, tamperings[i].kind, "%s: kind %d", tamperings[i].name,
                     (int)found->kind);
        cr_assert_str_eq(found->ns, "d.c");
        expect_place(&found->before, tamperings[i].before, "before", tamperings[i].name);
        expect_place(&found->after, tamperings[i].after + (is_doubled ? 1 : 0), "after",
                     tamperings[i].name);
    }
}

Test(verify, an_extra_document_alone_is_one_too_many)
{
    put_before(0);
    add(1);
    running_put("after/d/c.bson");
    const struct bm_difference *found = difference();
    cr_assert_eq(found->kind, BM_DIFFERENCE_EXTRA);
    expect_place(&found->after, 0, "after", "alone");
}

Test(verify, places_are_those_of_each_dump)
{
    put_before(3);
    add(0);
    running_add(1, "longer than it was");
    running_add(2, "other");
    running_put("after/d/c.bson");
    const struct bm_difference *found = difference();
    cr_assert_eq(found->before.ordinal, 1);
    cr_assert_eq(found->before.offset, found->after.offset);
    cr_assert_gt(found->before.offset, 0);
}

Test(verify, the_same_is_verified_in_two_reads)
{
    put_before(5000);
    put_after(5000, -1, CHANGED);
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_CLEAN);
    cr_assert_eq(running.result.difference_count, 0);
    cr_assert_eq(running.result.passes, 2);
    cr_assert_eq(running.result.input.documents, 5000);
    cr_assert_eq(running.result.output.documents, 5000);
    cr_assert_str_eq(running.result.input.path, running.options.input.path);
    cr_assert_str_eq(running.result.output.path, running.options.after);
}

/* ---- what is not of documents ---- */

Test(verify, metadata_of_other_bytes_are_named)
{
    put_before(2);
    put_after(2, -1, CHANGED);
    char text[512];
    snprintf(text, sizeof text, "%s", running_unique_token);
    *strchr(text, '2') = '1';
    test_scratch_write(&running.scratch, "after/d/c.metadata.json", bm_view_text(text));
    cr_assert_eq(difference()->kind, BM_DIFFERENCE_METADATA);
}

Test(verify, namespaces_missing_and_extra_are_named)
{
    put_before(2);
    put_after(2, -1, CHANGED);
    add(1);
    running_put("before/d/gone.bson");
    add(1);
    running_put("after/d/new.bson");
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.difference_count, 2);
    cr_assert_eq(running.result.differences[0].kind, BM_DIFFERENCE_NAMESPACE_MISSING);
    cr_assert_str_eq(running.result.differences[0].ns, "d.gone");
    cr_assert_eq(running.result.differences[1].kind, BM_DIFFERENCE_NAMESPACE_EXTRA);
    cr_assert_str_eq(running.result.differences[1].ns, "d.new");
}

Test(verify, what_is_the_same_must_restore_to_be_verified)
{
    for (int side = 0; side < 2; side++) {
        running_add(1, "same");
        running_add(2, "same");
        running_put(side == 0 ? "before/d/c.bson" : "after/d/c.bson");
    }
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.difference_count, 0);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_VIOLATIONS);
    cr_assert_eq(running.result.violation_count, 1);
    cr_assert(running.result.violations[0].documents[0].known);
}

Test(verify, a_lone_file_goes_by_the_name_of_the_collection)
{
    put_before(3);
    put_after(3, -1, CHANGED);
    char input[256];
    snprintf(input, sizeof input, "%s/before/d/c.bson", running.scratch.folder);
    running.options.input.path = input;
    for (int32_t i = 0; i < 3; i++) {
        add(i);
    }
    running_put("elsewhere/x.bson");
    test_scratch_write(&running.scratch, "elsewhere/x.metadata.json",
                       bm_view_text(running_unique_token));
    running.options.after = test_scratch_path(&running.scratch, "elsewhere/x.bson");
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_CLEAN);
}

Test(verify, a_dump_that_is_cut_is_damage)
{
    put_before(3);
    put_after(3, -1, CHANGED);
    struct bm_buffer bytes = test_scratch_read(&running.scratch, "after/d/c.bson");
    bytes.len -= 3;
    test_scratch_write(&running.scratch, "after/d/c.bson", bm_buffer_view(&bytes));
    bm_buffer_free(&bytes);
    cr_assert_eq(running_run(), BM_FAIL);
    cr_assert_eq(bm_result_exit(&running.result), 3);
    cr_assert_str_eq(running.result.output.path, running.options.after);
}

/* ---- fixtures: each is itself, whatever it is written as ---- */

static void expect_same(const char *name, const char *before, const char *after)
{
    running.options.input.path = before;
    running.options.after = after;
    cr_assert_eq(running_run(), BM_OK, "%s: %s", name, running.err.text);
    cr_assert_eq(
        running.result.difference_count, 0, "%s: %s %s", name, running.result.differences[0].ns,
        running.result.differences[0].what != NULL ? running.result.differences[0].what : "");
}

Test(verify, every_good_dump_is_what_it_is_converted_to)
{
    static const enum bm_container containers[] = {BM_CONTAINER_ARCHIVE, BM_CONTAINER_DIRECTORY};
    static const enum bm_codec codecs[] = {BM_CODEC_ZSTD, BM_CODEC_GZIP};
    struct test_fixture_list list;
    test_fixtures_of("good", &list);
    size_t converted = 0;
    for (size_t i = 0; i < list.count; i++) {
        char in[TEST_FIXTURE_NAME + 16];
        char from[1024];
        char to[1024];
        snprintf(in, sizeof in, "in-%zu-%s", i, list.names[i]);
        test_fixture_copy("good", list.names[i], &running.scratch, in);
        snprintf(from, sizeof from, "%s/%s", running.scratch.folder, in);
        for (size_t j = 0; j < 2; j++) {
            struct bm_run_options verify = running.options;
            snprintf(to, sizeof to, "%s/converted-%zu-%zu", running.scratch.folder, i, j);
            running.options.command = BM_COMMAND_FIX;
            running.options.input.path = from;
            running.options.verification = BM_TRUST_OUTPUT;
            running.options.input.db = NULL;
            running.options.output = (struct bm_packer_options){
                .path = to, .fd = 1, .container = containers[j], .compression = {codecs[j], 1}};
            enum bm_status status = running_run();
            running.options = verify;
            if (status != BM_OK || running.result.output.path == NULL ||
                running.result.namespace_count == 0) {
                continue; /* a name that no directory can hold, or nothing to hold */
            }
            converted++;
            expect_same(list.names[i], from, to);
        }
    }
    cr_assert_gt(converted, list.count, "%zu of %zu", converted, list.count);
}

/* ---- dumps that change ---- */

/* The second batch that is read is AFTER's: BEFORE was read to its end. */
static void add_to_before(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                          uint64_t total)
{
    unsigned *batches = context;
    (void)ns, (void)documents, (void)bytes, (void)total;
    if (++*batches == 2) {
        FILE *file = fopen(test_scratch_path(&running.scratch, "before/d/c.bson"), "a");
        cr_assert_not_null(file);
        cr_assert_eq(fputc(' ', file), ' ');
        cr_assert_eq(fclose(file), 0);
    }
}

Test(verify, before_that_changes_behind_its_end_proves_nothing)
{
    unsigned batches = 0;
    const struct bm_progress progress = {add_to_before, &batches};
    put_before(3);
    for (int32_t i = 0; i < 3; i++) {
        add(i);
    }
    running_put("after/d/c.bson");
    running.options.progress = &progress;
    cr_expect_eq(running_run(), BM_FAIL);
    cr_expect_eq(running.err.code, BM_ERROR_IO);
    cr_expect_str_eq(running.err.text, "changed while it was read");
    cr_expect_eq(batches, 2);
}
