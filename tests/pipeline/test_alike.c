/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bsonmend/bsonmend.h"
#include "support/bson_text.h"
#include "support/scratch.h"

/* What must not show in what comes out: the key of the sets, how the input was cut into reads. And
 * what a run says whose sets do not fit. */

enum { DOCUMENTS = 2000 };

static const char metadata[] =
    "{\"options\":{},\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"_id_\"},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"t\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"t_1\",\"unique\":true}]}";

static struct test_scratch scratch;

/* One run: what it was asked for, and all that came out of it. */
struct outcome {
    enum bm_status status;
    struct bm_error err;
    struct bm_buffer report;
    struct bm_buffer output;
};

/* Every third has no token; the others' tokens meet again after `distinct` documents. */
static void make_dump(int32_t distinct)
{
    struct bm_buffer dump = BM_BUFFER_INIT((size_t)1 << 26);
    for (int32_t i = 0; i < DOCUMENTS; i++) {
        char token[32];
        (void)snprintf(token, sizeof token, "token-%d", (int)(i % distinct));
        test_bson_append_token(&dump, i, i % 3 == 0 ? NULL : token);
    }
    test_scratch_write(&scratch, "d/c.bson", bm_buffer_view(&dump));
    bm_buffer_free(&dump);
}

static void set_up(void)
{
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "key", bm_view_text("0123456789abcdef0123456789abcdef"));
    test_scratch_write(&scratch, "d/c.metadata.json", bm_view_text(metadata));
}

static void tear_down(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(alike, .init = set_up, .fini = tear_down);

static struct bm_run_options options_of(enum bm_command command, const char *input,
                                        const struct bm_rules *rules, const char *output,
                                        const char *token_key)
{
    return (struct bm_run_options){
        .command = command,
        .input = {.path = input, .db = "d", .collection = "c"},
        .rules = rules,
        .output = {.path = output,
                   .fd = STDOUT_FILENO,
                   .container = BM_CONTAINER_KEEP,
                   .compression = {.codec = BM_CODEC_KEEP}},
        .token_key = token_key,
        .group_limit = 10,
        .document_limit = 5,
    };
}

/* `output` is below the scratch folder; it is taken away again. */
static struct outcome run(struct bm_run_options *options, const char *output)
{
    struct outcome outcome = {.err = BM_ERROR_INIT,
                              .report = BM_BUFFER_INIT((size_t)1 << 26),
                              .output = BM_BUFFER_INIT((size_t)1 << 26)};
    struct bm_result result;
    struct bm_error err = BM_ERROR_INIT;
    bm_result_init(&result);
    outcome.status = bm_run(options, &result, &outcome.err);
    struct bm_writer *writer = bm_writer_buffer_new(&outcome.report, &err);
    cr_assert_not_null(writer);
    cr_assert_eq(bm_report_json(&result, BM_SHOW_VALUES, writer, &err), BM_OK, "%s", err.text);
    cr_assert_eq(bm_writer_finish(writer, &err), BM_OK);
    bm_writer_free(writer);
    if (result.output.path != NULL) {
        outcome.output = test_scratch_read(&scratch, output);
        cr_assert_eq(unlink(test_scratch_path(&scratch, output)), 0);
        (void)unlink(test_scratch_path(&scratch, "out.metadata.json"));
    }
    bm_result_free(&result);
    return outcome;
}

static void expect_alike(struct outcome *first, struct outcome *other, const char *what)
{
    cr_expect_eq(first->status, other->status, "%s: %s", what, other->err.text);
    cr_expect(bm_view_equal(bm_buffer_view(&first->report), bm_buffer_view(&other->report)),
              "%s: another report", what);
    cr_expect(bm_view_equal(bm_buffer_view(&first->output), bm_buffer_view(&other->output)),
              "%s: another output", what);
    bm_buffer_free(&other->report);
    bm_buffer_free(&other->output);
}

static void drop(struct outcome *outcome)
{
    bm_buffer_free(&outcome->report);
    bm_buffer_free(&outcome->output);
}

static void copy_path(char out[512], const char *name)
{
    (void)snprintf(out, 512, "%s", test_scratch_path(&scratch, name));
}

enum { KEYS = 4 };

static struct bm_hash_key hash_key(size_t number)
{
    struct bm_hash_key key;
    memset(key.bytes, (int)(number * 37), sizeof key.bytes);
    key.bytes[0] = (uint8_t)number;
    return key;
}

Test(alike, the_key_of_the_sets_does_not_show)
{
    char input[512], output[512], token_key[512];
    copy_path(input, "d/c.bson");
    copy_path(output, "out.bson");
    copy_path(token_key, "key");
    struct bm_rules rules;
    struct bm_error err = BM_ERROR_INIT;
    bm_rules_init(&rules);
    cr_assert_eq(bm_rules_add_fill(&rules, "t=hex:32", &err), BM_OK);
    static const enum bm_command commands[] = {BM_COMMAND_CHECK, BM_COMMAND_FIX};
    for (size_t c = 0; c < 2; c++) {
        make_dump(c == 0 ? DOCUMENTS / 7 : DOCUMENTS);
        struct outcome first;
        for (size_t i = 0; i < KEYS; i++) {
            struct bm_hash_key key = hash_key(i);
            struct bm_run_options options =
                options_of(commands[c], input, &rules, c == 0 ? NULL : output, token_key);
            options.hash_key = &key;
            struct outcome other = run(&options, "out.bson");
            cr_assert_eq(other.status, BM_OK, "%s", other.err.text);
            cr_assert_eq(other.output.len > 0, c == 1);
            if (i == 0) {
                first = other;
            } else {
                expect_alike(&first, &other, c == 0 ? "check" : "fix");
            }
        }
        drop(&first);
    }
    bm_rules_free(&rules);
}

/* Writes the dump into a pipe in parts of this size, from a child; returns the pipe's reading end.
 */
static int trickle(struct bm_view bytes, size_t part, pid_t *child)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *child = fork();
    cr_assert_geq(*child, 0);
    if (*child == 0) {
        (void)close(ends[0]);
        for (size_t at = 0; at < bytes.len; at += part) {
            size_t n = bytes.len - at < part ? bytes.len - at : part;
            if (write(ends[1], bytes.data + at, n) != (ssize_t)n) {
                _exit(1);
            }
        }
        _exit(0);
    }
    cr_assert_eq(close(ends[1]), 0);
    return ends[0];
}

/* The input on standard input, written and read in parts of all sizes: the output is the same. */
Test(alike, how_the_input_is_cut_does_not_show)
{
    static const size_t parts[] = {SIZE_MAX, 1, 3, 4096, 5000};
    static const size_t reads[] = {0, 0, 5, 1, 777};
    char output[512], token_key[512];
    copy_path(output, "out.bson");
    copy_path(token_key, "key");
    make_dump(DOCUMENTS);
    struct bm_buffer dump = test_scratch_read(&scratch, "d/c.bson");
    struct bm_rules rules;
    struct bm_error err = BM_ERROR_INIT;
    bm_rules_init(&rules);
    cr_assert_eq(bm_rules_add_fill(&rules, "t=hex:32", &err), BM_OK);
    struct outcome first;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        pid_t child;
        int status;
        int fd = trickle(bm_buffer_view(&dump), parts[i], &child);
        cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
        cr_assert_eq(close(fd), 0);
        struct bm_run_options options = options_of(BM_COMMAND_FIX, NULL, &rules, output, token_key);
        options.input.chunk = reads[i];
        struct outcome other = run(&options, "out.bson");
        cr_assert_eq(other.status, BM_OK, "%s", other.err.text);
        cr_assert_gt(other.output.len, dump.len);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0);
        if (i == 0) {
            first = other;
        } else {
            expect_alike(&first, &other, "reads");
        }
    }
    drop(&first);
    bm_rules_free(&rules);
    bm_buffer_free(&dump);
}

/* Exit 4, a reason, and no output: not a verdict over what fitted. */
Test(alike, sets_that_do_not_fit)
{
    char input[512], output[512];
    copy_path(input, "d/c.bson");
    copy_path(output, "out.bson");
    make_dump(DOCUMENTS);
    struct bm_rules rules;
    bm_rules_init(&rules);
    struct bm_run_options options = options_of(BM_COMMAND_CHECK, input, &rules, NULL, NULL);
    options.memory = 4096;
    for (int c = 0; c < 2; c++) {
        options.command = c == 0 ? BM_COMMAND_CHECK : BM_COMMAND_FIX;
        options.output.path = c == 0 ? NULL : output;
        struct outcome outcome = run(&options, "out.bson");
        cr_expect_eq(outcome.status, BM_FAIL);
        cr_expect_eq(outcome.err.code, BM_ERROR_MEMORY);
        cr_expect_eq(bm_error_exit(outcome.err.code), 4);
        cr_expect_not_null(strstr(outcome.err.text, "memory"), "%s", outcome.err.text);
        cr_expect_not_null(strstr(outcome.err.text, "4096"), "%s", outcome.err.text);
        cr_expect_eq(access(output, F_OK), -1);
        cr_expect_eq(test_scratch_count(&scratch, ""), 2, "the folder d and the key");
        drop(&outcome);
    }
    bm_rules_free(&rules);
}
