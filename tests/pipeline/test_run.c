/* SPDX-License-Identifier: Apache-2.0 */
#include <bson/bson.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bsonmend/bsonmend.h"
#include "support/running.h"

/* Whole runs over small dumps made here; what they write is read back with libbson. */

TestSuite(run, .init = running_start, .fini = running_stop);

/* The token of the document at a place of an output, copied into out. */
static void token_at(const char *name, size_t place, char out[64])
{
    struct bm_buffer bytes = test_scratch_read(&running.scratch, name);
    size_t at = 0;
    for (size_t i = 0; i < place; i++) {
        uint32_t len;
        memcpy(&len, bytes.data + at, 4);
        at += len;
    }
    bson_t document;
    uint32_t len;
    memcpy(&len, bytes.data + at, 4);
    cr_assert(bson_init_static(&document, bytes.data + at, len));
    bson_iter_t iter;
    cr_assert(bson_iter_init_find(&iter, &document, "t") && BSON_ITER_HOLDS_UTF8(&iter));
    snprintf(out, 64, "%s", bson_iter_utf8(&iter, NULL));
    bm_buffer_free(&bytes);
}

static void fill(void)
{
    cr_assert_eq(bm_rules_add_fill(&running.rules, "t=hex:32", &running.err), BM_OK);
    running.options.token_key = test_scratch_path(&running.scratch, "key");
}

Test(run, nulls_are_filled_and_the_output_is_judged_again)
{
    for (int32_t i = 0; i < 10; i++) {
        running_add(i, i == 4 ? "own" : NULL);
    }
    running_put("d/c.bson");
    fill();
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_MENDED);
    cr_assert_eq(bm_result_exit(&running.result), 0);
    cr_assert_eq(running.result.passes, 2);
    cr_assert_eq(running.result.output.documents, 10);
    cr_assert_eq(running.result.namespaces[0].filled.null, 9);
    char own[64];
    token_at("out.bson", 4, own);
    cr_assert_str_eq(own, "own");
    cr_assert_eq(test_scratch_count(&running.scratch, ""), 4,
                 "d, key, out.bson, out.metadata.json");
}

Test(run, a_second_run_over_the_output_changes_nothing)
{
    running_add(1, NULL);
    running_add(2, NULL);
    running_put("d/c.bson");
    fill();
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    running.options.input.path = running.output;
    running.options.input.db = "d";
    running.options.input.collection = "c";
    char again[256];
    snprintf(again, sizeof again, "%s/again.bson", running.scratch.folder);
    running.options.output.path = again;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_CLEAN);
    struct bm_buffer first = test_scratch_read(&running.scratch, "out.bson");
    struct bm_buffer second = test_scratch_read(&running.scratch, "again.bson");
    cr_assert(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&second)));
    bm_buffer_free(&first);
    bm_buffer_free(&second);
}

Test(run, a_violation_withholds_the_output_and_names_both_documents)
{
    running_add(1, "x");
    running_add(2, "y");
    running_add(3, "x");
    running_put("d/c.bson");
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_VIOLATIONS);
    cr_assert_eq(bm_result_exit(&running.result), 1);
    cr_assert_null(running.result.output.path);
    cr_assert_eq(running.result.violation_count, 1);
    const struct bm_violation *violation = &running.result.violations[0];
    cr_assert_eq(violation->count, 2);
    cr_assert_eq(violation->document_count, 2);
    cr_assert(violation->documents[0].known);
    cr_assert_eq(violation->documents[0].ordinal, 0);
    cr_assert_eq(violation->documents[1].ordinal, 2);
    cr_assert_str_eq(violation->e11000, "E11000 duplicate key error collection: d.c index: t_1 "
                                        "dup key: { t: \"x\" }");
    cr_assert_eq(test_scratch_count(&running.scratch, ""), 2,
                 "only d and key: nothing is left behind");
}

Test(run, a_value_that_equals_an_earlier_token_makes_a_second_pass)
{
    running_add(1, NULL);
    running_add(2, "own");
    running_put("d/c.bson");
    fill();
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    char token[64];
    token_at("out.bson", 0, token);
    running_add(1, NULL);
    running_add(2, "own");
    running_add(3, token);
    running_put("d/c.bson");
    running.options.output.existing = BM_REPLACE_EXISTING;
    running.options.ledger = test_scratch_path(&running.scratch, "ledger");
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.passes, 3, "two over the input, one over the output");
    char first[64];
    char planted[64];
    token_at("out.bson", 0, first);
    token_at("out.bson", 2, planted);
    cr_assert_str_eq(planted, token);
    cr_assert_str_neq(first, token);
    struct bm_buffer ledger = test_scratch_read(&running.scratch, "ledger");
    size_t lines = 0;
    for (size_t i = 0; i < ledger.len; i++) {
        lines += ledger.data[i] == '\n';
    }
    cr_assert_eq(lines, 1, "the ledger tells of the last pass only");
    bm_buffer_free(&ledger);
}

/* A child feeds the dump through a pipe; its end for reading stands in for standard input. */
static int feed(pid_t *child)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *child = fork();
    if (*child == 0) {
        struct bm_buffer bytes = test_scratch_read(&running.scratch, "d/c.bson");
        close(ends[0]);
        _exit(write(ends[1], bytes.data, bytes.len) == (ssize_t)bytes.len ? 0 : 1);
    }
    close(ends[1]);
    return ends[0];
}

Test(run, a_late_collision_on_a_pipe_spoils_the_output)
{
    running_add(1, NULL);
    running_put("d/c.bson");
    fill();
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    char token[64];
    token_at("out.bson", 0, token);
    running_add(1, NULL);
    running_add(2, token);
    running_put("d/c.bson");

    pid_t child;
    int in = feed(&child);
    cr_assert_eq(dup2(in, 0), 0);
    running.options.input = (struct bm_source_options){.path = "-", .db = "d", .collection = "c"};
    running.options.output.path = "-";
    running.options.output.fd =
        open(test_scratch_path(&running.scratch, "piped"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(running_run(), BM_FAIL);
    cr_assert_eq(running.err.code, BM_ERROR_VIOLATION);
    cr_assert_eq(bm_result_exit(&running.result), 1);
    cr_assert_null(running.result.output.path);
    struct bm_buffer piped = test_scratch_read(&running.scratch, "piped");
    cr_assert_geq(piped.len, 3);
    uint32_t len = 0;
    size_t at = 0;
    while (piped.len - at >= 4) {
        memcpy(&len, piped.data + at, 4);
        cr_assert_leq(len, piped.len - at);
        at += len;
    }
    cr_assert_eq(piped.len - at, 3, "whole documents, then three stray bytes");
    bm_buffer_free(&piped);
    waitpid(child, NULL, 0);
}

Test(run, standard_output_gets_no_document_when_the_verdict_is_bad)
{
    running_add(1, "x");
    running_add(2, "x");
    running_put("d/c.bson");
    running.options.output.path = NULL;
    running.options.output.fd =
        open(test_scratch_path(&running.scratch, "out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_exit(&running.result), 1);
    struct bm_buffer out = test_scratch_read(&running.scratch, "out");
    cr_assert_lt(out.len, 4);
    bm_buffer_free(&out);
}

/* Makes the second document a copy of the first, behind the back of the run: same size, same time.
 */
static void copy_first(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                       uint64_t total)
{
    (void)context;
    (void)ns;
    (void)bytes;
    (void)total;
    struct stat before;
    cr_assert_eq(stat(running.input, &before), 0);
    int fd = open(running.input, O_RDWR);
    uint8_t document[64];
    ssize_t half = before.st_size / 2;
    cr_assert_eq(documents, 2);
    cr_assert_eq(pread(fd, document, (size_t)half, 0), half);
    cr_assert_eq(pwrite(fd, document, (size_t)half, half), half);
    const struct timespec times[2] = {before.st_atim, before.st_mtim};
    cr_assert_eq(futimens(fd, times), 0);
    close(fd);
}

Test(run, the_pass_that_writes_is_judged_too)
{
    running_add(1, "x");
    running_add(2, "y");
    running_put("d/c.bson");
    const struct bm_progress progress = {copy_first, NULL};
    running.options.progress = &progress;
    running.options.output.path = NULL;
    running.options.output.fd =
        open(test_scratch_path(&running.scratch, "out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(running_run(), BM_FAIL);
    cr_assert_eq(running.err.code, BM_ERROR_IO);
    cr_assert_str_eq(running.err.text, "changed while it was read");
    cr_assert_null(running.result.output.path);
}

Test(run, an_output_that_is_trusted_is_not_read_again)
{
    running_add(1, "x");
    running_put("d/c.bson");
    running.options.verification = BM_TRUST_OUTPUT;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.passes, 1);
    cr_assert_not_null(running.result.output.path);
}

Test(run, an_id_that_stops_rising_late_is_judged_with_a_set)
{
    char token[32];
    for (int32_t i = 0; i < 70000; i++) {
        snprintf(token, sizeof token, "t%d", i);
        running_add(i, token);
    }
    running_add(5, "other");
    running_put("d/c.bson");
    running.options.command = BM_COMMAND_CHECK;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.passes, 3, "rising, with a set, for the first document");
    cr_assert_eq(running.result.violation_count, 1);
    cr_assert_str_eq(running.result.violations[0].index, "_id_");
    cr_assert_eq(running.result.violations[0].documents[0].ordinal, 5);
    cr_assert_eq(running.result.violations[0].documents[1].ordinal, 70000);
}

Test(run, a_dry_run_shows_three_pairs_a_rule_and_writes_nothing)
{
    for (int32_t i = 0; i < 5; i++) {
        running_add(i, NULL);
    }
    running_put("d/c.bson");
    fill();
    running.options.dry_run = 1;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(running.result.sample_count, 3);
    cr_assert_str_eq(running.result.samples[0].field, "t");
    cr_assert_eq(running.result.samples[0].before.len, 3, "0a t 00");
    cr_assert_eq(running.result.samples[0].after.len, 3 + 4 + 32 + 1);
    cr_assert_eq(running.result.namespaces[0].filled.null, 5);
    cr_assert_null(running.result.output.path);
    cr_assert_eq(test_scratch_count(&running.scratch, ""), 2);
}

Test(run, a_raised_stop_flag_ends_the_run_and_leaves_nothing)
{
    running_add(1, "x");
    running_put("d/c.bson");
    static const volatile sig_atomic_t stop = SIGTERM;
    running.options.stop = &stop;
    cr_assert_eq(running_run(), BM_FAIL);
    cr_assert_eq(running.err.code, BM_ERROR_STOPPED);
    cr_assert_eq(test_scratch_count(&running.scratch, ""), 2);
}

Test(run, a_cut_input_is_damage_with_its_place_and_no_output)
{
    running_add(1, "x");
    size_t whole = running.dump.len;
    running_add(2, "y");
    running.dump.len -= 3;
    running_put("d/c.bson");
    cr_assert_eq(running_run(), BM_FAIL);
    cr_assert_eq(running.err.code, BM_ERROR_TRUNCATED);
    cr_assert_eq(bm_result_exit(&running.result), 3);
    cr_assert_eq(running.result.damage_count, 1);
    cr_assert_str_eq(running.result.damage[0].ns, "d.c");
    cr_assert_eq(running.result.damage[0].offset, whole);
    cr_assert_eq(test_scratch_count(&running.scratch, ""), 2);
}

Test(run, an_index_that_is_not_judged_leaves_the_output_unproved)
{
    test_scratch_write(&running.scratch, "d/c.metadata.json",
                       bm_view_text("{\"indexes\":[{\"key\":{\"_fts\":\"text\",\"_ftsx\":1},"
                                    "\"name\":\"t_text\",\"unique\":true}]}"));
    running_add(1, "x");
    running_put("d/c.bson");
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_UNPROVED);
    cr_assert_eq(bm_result_exit(&running.result), 1);
    cr_assert_not_null(running.result.output.path);
}

Test(run, list_counts_without_judging)
{
    running_add(1, "x");
    running_add(1, "x");
    size_t bytes = running.dump.len;
    running_put("d/c.bson");
    running.options.command = BM_COMMAND_LIST;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_exit(&running.result), 0);
    cr_assert_eq(running.result.namespace_count, 1);
    cr_assert_eq(running.result.namespaces[0].documents, 2);
    cr_assert_eq(running.result.namespaces[0].bytes, bytes);
    cr_assert_eq(running.result.namespaces[0].index_count, 2);
    cr_assert_str_eq(running.result.namespaces[0].indexes[1].key_text, "{ t: 1 }");
}
