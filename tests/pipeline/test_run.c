/* SPDX-License-Identifier: Apache-2.0 */
#include <bson/bson.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bsonmend/bsonmend.h"
#include "support/scratch.h"

/* Whole runs over small dumps made here; what they write is read back with libbson. */

static const char unique_token[] =
    "{\"options\":{},\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"_id_\"},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"t\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"t_1\",\"unique\":true}]}";

struct fixture {
    struct test_scratch scratch;
    struct bm_rules rules;
    struct bm_run_options options;
    struct bm_result result;
    struct bm_error err;
    char input[256];
    char output[256];
};

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    test_scratch_make(&f->scratch);
    test_scratch_write(&f->scratch, "key", bm_view_text("0123456789abcdef0123456789abcdef"));
    test_scratch_write(&f->scratch, "d/c.metadata.json", bm_view_text(unique_token));
    snprintf(f->input, sizeof f->input, "%s/d/c.bson", f->scratch.folder);
    snprintf(f->output, sizeof f->output, "%s/out.bson", f->scratch.folder);
    bm_rules_init(&f->rules);
    bm_result_init(&f->result);
    f->err = BM_ERROR_INIT;
    f->options = (struct bm_run_options){
        .command = BM_COMMAND_FIX,
        .input = {.path = f->input},
        .rules = &f->rules,
        .output = {.path = f->output,
                   .fd = 1,
                   .container = BM_CONTAINER_KEEP,
                   .compression = {.codec = BM_CODEC_KEEP}},
        .group_limit = 10,
        .document_limit = 5,
    };
}

static void tear_down(struct fixture *f)
{
    bm_result_free(&f->result);
    bm_rules_free(&f->rules);
    test_scratch_remove(&f->scratch);
}

static enum bm_status run(struct fixture *f)
{
    bm_result_free(&f->result);
    bm_result_init(&f->result);
    f->err = BM_ERROR_INIT;
    return bm_run(&f->options, &f->result, &f->err);
}

/* Appends {_id: id, t: token}; token NULL: null. */
static void add(struct bm_buffer *dump, int32_t id, const char *token)
{
    struct bm_error err = BM_ERROR_INIT;
    bson_t document = BSON_INITIALIZER;
    BSON_APPEND_INT32(&document, "_id", id);
    if (token != NULL) {
        BSON_APPEND_UTF8(&document, "t", token);
    } else {
        BSON_APPEND_NULL(&document, "t");
    }
    struct bm_view bytes = {bson_get_data(&document), document.len};
    cr_assert_eq(bm_buffer_append(dump, bytes, &err), BM_OK);
    bson_destroy(&document);
}

static void put_dump(struct fixture *f, struct bm_buffer *dump)
{
    test_scratch_write(&f->scratch, "d/c.bson", bm_buffer_view(dump));
    bm_buffer_free(dump);
}

/* The token of the document at a place of an output, copied into out. */
static void token_at(struct fixture *f, const char *name, size_t place, char out[64])
{
    struct bm_buffer bytes = test_scratch_read(&f->scratch, name);
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

static void fill(struct fixture *f)
{
    cr_assert_eq(bm_rules_add_fill(&f->rules, "t=hex:32", &f->err), BM_OK);
    f->options.token_key = test_scratch_path(&f->scratch, "key");
}

Test(run, nulls_are_filled_and_the_output_is_judged_again)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    for (int32_t i = 0; i < 10; i++) {
        add(&dump, i, i == 4 ? "own" : NULL);
    }
    put_dump(&f, &dump);
    fill(&f);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_MENDED);
    cr_assert_eq(bm_result_exit(&f.result), 0);
    cr_assert_eq(f.result.passes, 2);
    cr_assert_eq(f.result.output.documents, 10);
    cr_assert_eq(f.result.namespaces[0].filled_null, 9);
    char own[64];
    token_at(&f, "out.bson", 4, own);
    cr_assert_str_eq(own, "own");
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 4, "d, key, out.bson, out.metadata.json");
    tear_down(&f);
}

Test(run, a_second_run_over_the_output_changes_nothing)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, NULL);
    add(&dump, 2, NULL);
    put_dump(&f, &dump);
    fill(&f);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    f.options.input.path = f.output;
    f.options.input.db = "d";
    f.options.input.collection = "c";
    char again[256];
    snprintf(again, sizeof again, "%s/again.bson", f.scratch.folder);
    f.options.output.path = again;
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_CLEAN);
    struct bm_buffer first = test_scratch_read(&f.scratch, "out.bson");
    struct bm_buffer second = test_scratch_read(&f.scratch, "again.bson");
    cr_assert(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&second)));
    bm_buffer_free(&first);
    bm_buffer_free(&second);
    tear_down(&f);
}

Test(run, a_violation_withholds_the_output_and_names_both_documents)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    add(&dump, 2, "y");
    add(&dump, 3, "x");
    put_dump(&f, &dump);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_VIOLATIONS);
    cr_assert_eq(bm_result_exit(&f.result), 1);
    cr_assert_null(f.result.output.path);
    cr_assert_eq(f.result.violation_count, 1);
    const struct bm_violation *violation = &f.result.violations[0];
    cr_assert_eq(violation->count, 2);
    cr_assert_eq(violation->document_count, 2);
    cr_assert(violation->documents[0].known);
    cr_assert_eq(violation->documents[0].ordinal, 0);
    cr_assert_eq(violation->documents[1].ordinal, 2);
    cr_assert_str_eq(violation->e11000, "E11000 duplicate key error collection: d.c index: t_1 "
                                        "dup key: { t: \"x\" }");
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2, "only d and key: nothing is left behind");
    tear_down(&f);
}

Test(run, a_value_that_equals_an_earlier_token_makes_a_second_pass)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, NULL);
    add(&dump, 2, "own");
    put_dump(&f, &dump);
    fill(&f);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    char token[64];
    token_at(&f, "out.bson", 0, token);
    dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, NULL);
    add(&dump, 2, "own");
    add(&dump, 3, token);
    put_dump(&f, &dump);
    f.options.output.existing = BM_REPLACE_EXISTING;
    f.options.ledger = test_scratch_path(&f.scratch, "ledger");
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.passes, 3, "two over the input, one over the output");
    char first[64];
    char planted[64];
    token_at(&f, "out.bson", 0, first);
    token_at(&f, "out.bson", 2, planted);
    cr_assert_str_eq(planted, token);
    cr_assert_str_neq(first, token);
    struct bm_buffer ledger = test_scratch_read(&f.scratch, "ledger");
    size_t lines = 0;
    for (size_t i = 0; i < ledger.len; i++) {
        lines += ledger.data[i] == '\n';
    }
    cr_assert_eq(lines, 1, "the ledger tells of the last pass only");
    bm_buffer_free(&ledger);
    tear_down(&f);
}

/* A child feeds the dump through a pipe; its end for reading stands in for standard input. */
static int feed(struct fixture *f, pid_t *child)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *child = fork();
    if (*child == 0) {
        struct bm_buffer bytes = test_scratch_read(&f->scratch, "d/c.bson");
        close(ends[0]);
        _exit(write(ends[1], bytes.data, bytes.len) == (ssize_t)bytes.len ? 0 : 1);
    }
    close(ends[1]);
    return ends[0];
}

Test(run, a_late_collision_on_a_pipe_spoils_the_output)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, NULL);
    put_dump(&f, &dump);
    fill(&f);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    char token[64];
    token_at(&f, "out.bson", 0, token);
    dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, NULL);
    add(&dump, 2, token);
    put_dump(&f, &dump);

    pid_t child;
    int in = feed(&f, &child);
    cr_assert_eq(dup2(in, 0), 0);
    f.options.input = (struct bm_source_options){.path = "-", .db = "d", .collection = "c"};
    f.options.output.path = "-";
    f.options.output.fd = open(test_scratch_path(&f.scratch, "piped"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(run(&f), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_VIOLATION);
    cr_assert_eq(bm_result_exit(&f.result), 1);
    cr_assert_null(f.result.output.path);
    struct bm_buffer piped = test_scratch_read(&f.scratch, "piped");
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
    tear_down(&f);
}

Test(run, standard_output_gets_no_document_when_the_verdict_is_bad)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    add(&dump, 2, "x");
    put_dump(&f, &dump);
    f.options.output.path = NULL;
    f.options.output.fd = open(test_scratch_path(&f.scratch, "out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_exit(&f.result), 1);
    struct bm_buffer out = test_scratch_read(&f.scratch, "out");
    cr_assert_lt(out.len, 4);
    bm_buffer_free(&out);
    tear_down(&f);
}

/* Makes the second document a copy of the first, behind the back of the run: same size, same time.
 */
static void copy_first(void *context, const char *ns, uint64_t documents, uint64_t bytes)
{
    struct fixture *f = context;
    (void)ns;
    (void)bytes;
    struct stat before;
    cr_assert_eq(stat(f->input, &before), 0);
    int fd = open(f->input, O_RDWR);
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
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    add(&dump, 2, "y");
    put_dump(&f, &dump);
    const struct bm_progress progress = {copy_first, &f};
    f.options.progress = &progress;
    f.options.output.path = NULL;
    f.options.output.fd = open(test_scratch_path(&f.scratch, "out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(run(&f), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_IO);
    cr_assert_str_eq(f.err.text, "changed while it was read");
    cr_assert_null(f.result.output.path);
    tear_down(&f);
}

Test(run, an_output_that_is_trusted_is_not_read_again)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    put_dump(&f, &dump);
    f.options.verification = BM_TRUST_OUTPUT;
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.passes, 1);
    cr_assert_not_null(f.result.output.path);
    tear_down(&f);
}

Test(run, an_id_that_stops_rising_late_is_judged_with_a_set)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(64 << 20);
    char token[32];
    for (int32_t i = 0; i < 70000; i++) {
        snprintf(token, sizeof token, "t%d", i);
        add(&dump, i, token);
    }
    add(&dump, 5, "other");
    put_dump(&f, &dump);
    f.options.command = BM_COMMAND_CHECK;
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.passes, 3, "rising, with a set, for the first document");
    cr_assert_eq(f.result.violation_count, 1);
    cr_assert_str_eq(f.result.violations[0].index, "_id_");
    cr_assert_eq(f.result.violations[0].documents[0].ordinal, 5);
    cr_assert_eq(f.result.violations[0].documents[1].ordinal, 70000);
    tear_down(&f);
}

Test(run, a_dry_run_shows_three_pairs_a_rule_and_writes_nothing)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    for (int32_t i = 0; i < 5; i++) {
        add(&dump, i, NULL);
    }
    put_dump(&f, &dump);
    fill(&f);
    f.options.dry_run = 1;
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.sample_count, 3);
    cr_assert_str_eq(f.result.samples[0].field, "t");
    cr_assert_eq(f.result.samples[0].before.len, 3, "0a t 00");
    cr_assert_eq(f.result.samples[0].after.len, 3 + 4 + 32 + 1);
    cr_assert_eq(f.result.namespaces[0].filled_null, 5);
    cr_assert_null(f.result.output.path);
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2);
    tear_down(&f);
}

Test(run, a_raised_stop_flag_ends_the_run_and_leaves_nothing)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    put_dump(&f, &dump);
    static const volatile sig_atomic_t stop = SIGTERM;
    f.options.stop = &stop;
    cr_assert_eq(run(&f), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_STOPPED);
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2);
    tear_down(&f);
}

Test(run, a_cut_input_is_damage_with_its_place_and_no_output)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    size_t whole = dump.len;
    add(&dump, 2, "y");
    dump.len -= 3;
    put_dump(&f, &dump);
    cr_assert_eq(run(&f), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_TRUNCATED);
    cr_assert_eq(bm_result_exit(&f.result), 3);
    cr_assert_eq(f.result.damage_count, 1);
    cr_assert_str_eq(f.result.damage[0].ns, "d.c");
    cr_assert_eq(f.result.damage[0].offset, whole);
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2);
    tear_down(&f);
}

Test(run, an_index_that_is_not_judged_leaves_the_output_unproved)
{
    struct fixture f;
    set_up(&f);
    test_scratch_write(&f.scratch, "d/c.metadata.json",
                       bm_view_text("{\"indexes\":[{\"key\":{\"_fts\":\"text\",\"_ftsx\":1},"
                                    "\"name\":\"t_text\",\"unique\":true}]}"));
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    put_dump(&f, &dump);
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_UNPROVED);
    cr_assert_eq(bm_result_exit(&f.result), 1);
    cr_assert_not_null(f.result.output.path);
    tear_down(&f);
}

Test(run, list_counts_without_judging)
{
    struct fixture f;
    set_up(&f);
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 20);
    add(&dump, 1, "x");
    add(&dump, 1, "x");
    size_t bytes = dump.len;
    put_dump(&f, &dump);
    f.options.command = BM_COMMAND_LIST;
    cr_assert_eq(run(&f), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_exit(&f.result), 0);
    cr_assert_eq(f.result.namespace_count, 1);
    cr_assert_eq(f.result.namespaces[0].documents, 2);
    cr_assert_eq(f.result.namespaces[0].bytes, bytes);
    cr_assert_eq(f.result.namespaces[0].index_count, 2);
    cr_assert_str_eq(f.result.namespaces[0].indexes[1].key_text, "{ t: 1 }");
    tear_down(&f);
}
