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
#include "support/scratch.h"

/* Whole runs over small dumps made here; what they write is read back with libbson. */

static const char unique_token[] =
    "{\"options\":{},\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"_id_\"},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"t\":{\"$numberInt\":"
    "\"1\"}},\"name\":\"t_1\",\"unique\":true}]}";

static struct fixture {
    struct test_scratch scratch;
    struct bm_buffer dump; /* what add() made up to now */
    struct bm_rules rules;
    struct bm_run_options options;
    struct bm_result result;
    struct bm_error err;
    char input[256];
    char output[256];
} f;

static void set_up(void)
{
    f.dump = BM_BUFFER_INIT(64 << 20);
    test_scratch_make(&f.scratch);
    test_scratch_write(&f.scratch, "key", bm_view_text("0123456789abcdef0123456789abcdef"));
    test_scratch_write(&f.scratch, "d/c.metadata.json", bm_view_text(unique_token));
    snprintf(f.input, sizeof f.input, "%s/d/c.bson", f.scratch.folder);
    snprintf(f.output, sizeof f.output, "%s/out.bson", f.scratch.folder);
    bm_rules_init(&f.rules);
    bm_result_init(&f.result);
    f.err = BM_ERROR_INIT;
    f.options = (struct bm_run_options){
        .command = BM_COMMAND_FIX,
        .input = {.path = f.input},
        .rules = &f.rules,
        .output = {.path = f.output,
                   .fd = 1,
                   .container = BM_CONTAINER_KEEP,
                   .compression = {.codec = BM_CODEC_KEEP}},
        .group_limit = 10,
        .document_limit = 5,
    };
}

static void tear_down(void)
{
    bm_buffer_free(&f.dump);
    bm_result_free(&f.result);
    bm_rules_free(&f.rules);
    test_scratch_remove(&f.scratch);
}

TestSuite(run, .init = set_up, .fini = tear_down);

static enum bm_status run(void)
{
    bm_result_free(&f.result);
    bm_result_init(&f.result);
    f.err = BM_ERROR_INIT;
    return bm_run(&f.options, &f.result, &f.err);
}

/* Appends {_id: id, t: token}; token NULL: null. */
static void add(int32_t id, const char *token)
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
    cr_assert_eq(bm_buffer_append(&f.dump, bytes, &err), BM_OK);
    bson_destroy(&document);
}

/* Writes what was added as a file and starts anew. */
static void put(const char *name)
{
    test_scratch_write(&f.scratch, name, bm_buffer_view(&f.dump));
    bm_buffer_clear(&f.dump);
}

static void put_dump(void)
{
    put("d/c.bson");
}

/* The token of the document at a place of an output, copied into out. */
static void token_at(const char *name, size_t place, char out[64])
{
    struct bm_buffer bytes = test_scratch_read(&f.scratch, name);
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
    cr_assert_eq(bm_rules_add_fill(&f.rules, "t=hex:32", &f.err), BM_OK);
    f.options.token_key = test_scratch_path(&f.scratch, "key");
}

Test(run, nulls_are_filled_and_the_output_is_judged_again)
{
    for (int32_t i = 0; i < 10; i++) {
        add(i, i == 4 ? "own" : NULL);
    }
    put_dump();
    fill();
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_MENDED);
    cr_assert_eq(bm_result_exit(&f.result), 0);
    cr_assert_eq(f.result.passes, 2);
    cr_assert_eq(f.result.output.documents, 10);
    cr_assert_eq(f.result.namespaces[0].filled_null, 9);
    char own[64];
    token_at("out.bson", 4, own);
    cr_assert_str_eq(own, "own");
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 4, "d, key, out.bson, out.metadata.json");
}

Test(run, a_second_run_over_the_output_changes_nothing)
{
    add(1, NULL);
    add(2, NULL);
    put_dump();
    fill();
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    f.options.input.path = f.output;
    f.options.input.db = "d";
    f.options.input.collection = "c";
    char again[256];
    snprintf(again, sizeof again, "%s/again.bson", f.scratch.folder);
    f.options.output.path = again;
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_CLEAN);
    struct bm_buffer first = test_scratch_read(&f.scratch, "out.bson");
    struct bm_buffer second = test_scratch_read(&f.scratch, "again.bson");
    cr_assert(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&second)));
    bm_buffer_free(&first);
    bm_buffer_free(&second);
}

Test(run, a_violation_withholds_the_output_and_names_both_documents)
{
    add(1, "x");
    add(2, "y");
    add(3, "x");
    put_dump();
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
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
}

Test(run, a_value_that_equals_an_earlier_token_makes_a_second_pass)
{
    add(1, NULL);
    add(2, "own");
    put_dump();
    fill();
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    char token[64];
    token_at("out.bson", 0, token);
    add(1, NULL);
    add(2, "own");
    add(3, token);
    put_dump();
    f.options.output.existing = BM_REPLACE_EXISTING;
    f.options.ledger = test_scratch_path(&f.scratch, "ledger");
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.passes, 3, "two over the input, one over the output");
    char first[64];
    char planted[64];
    token_at("out.bson", 0, first);
    token_at("out.bson", 2, planted);
    cr_assert_str_eq(planted, token);
    cr_assert_str_neq(first, token);
    struct bm_buffer ledger = test_scratch_read(&f.scratch, "ledger");
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
        struct bm_buffer bytes = test_scratch_read(&f.scratch, "d/c.bson");
        close(ends[0]);
        _exit(write(ends[1], bytes.data, bytes.len) == (ssize_t)bytes.len ? 0 : 1);
    }
    close(ends[1]);
    return ends[0];
}

Test(run, a_late_collision_on_a_pipe_spoils_the_output)
{
    add(1, NULL);
    put_dump();
    fill();
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    char token[64];
    token_at("out.bson", 0, token);
    add(1, NULL);
    add(2, token);
    put_dump();

    pid_t child;
    int in = feed(&child);
    cr_assert_eq(dup2(in, 0), 0);
    f.options.input = (struct bm_source_options){.path = "-", .db = "d", .collection = "c"};
    f.options.output.path = "-";
    f.options.output.fd = open(test_scratch_path(&f.scratch, "piped"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(run(), BM_FAIL);
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
}

Test(run, standard_output_gets_no_document_when_the_verdict_is_bad)
{
    add(1, "x");
    add(2, "x");
    put_dump();
    f.options.output.path = NULL;
    f.options.output.fd = open(test_scratch_path(&f.scratch, "out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_exit(&f.result), 1);
    struct bm_buffer out = test_scratch_read(&f.scratch, "out");
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
    cr_assert_eq(stat(f.input, &before), 0);
    int fd = open(f.input, O_RDWR);
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
    add(1, "x");
    add(2, "y");
    put_dump();
    const struct bm_progress progress = {copy_first, NULL};
    f.options.progress = &progress;
    f.options.output.path = NULL;
    f.options.output.fd = open(test_scratch_path(&f.scratch, "out"), O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(run(), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_IO);
    cr_assert_str_eq(f.err.text, "changed while it was read");
    cr_assert_null(f.result.output.path);
}

Test(run, an_output_that_is_trusted_is_not_read_again)
{
    add(1, "x");
    put_dump();
    f.options.verification = BM_TRUST_OUTPUT;
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.passes, 1);
    cr_assert_not_null(f.result.output.path);
}

Test(run, an_id_that_stops_rising_late_is_judged_with_a_set)
{
    char token[32];
    for (int32_t i = 0; i < 70000; i++) {
        snprintf(token, sizeof token, "t%d", i);
        add(i, token);
    }
    add(5, "other");
    put_dump();
    f.options.command = BM_COMMAND_CHECK;
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.passes, 3, "rising, with a set, for the first document");
    cr_assert_eq(f.result.violation_count, 1);
    cr_assert_str_eq(f.result.violations[0].index, "_id_");
    cr_assert_eq(f.result.violations[0].documents[0].ordinal, 5);
    cr_assert_eq(f.result.violations[0].documents[1].ordinal, 70000);
}

Test(run, a_dry_run_shows_three_pairs_a_rule_and_writes_nothing)
{
    for (int32_t i = 0; i < 5; i++) {
        add(i, NULL);
    }
    put_dump();
    fill();
    f.options.dry_run = 1;
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(f.result.sample_count, 3);
    cr_assert_str_eq(f.result.samples[0].field, "t");
    cr_assert_eq(f.result.samples[0].before.len, 3, "0a t 00");
    cr_assert_eq(f.result.samples[0].after.len, 3 + 4 + 32 + 1);
    cr_assert_eq(f.result.namespaces[0].filled_null, 5);
    cr_assert_null(f.result.output.path);
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2);
}

Test(run, a_raised_stop_flag_ends_the_run_and_leaves_nothing)
{
    add(1, "x");
    put_dump();
    static const volatile sig_atomic_t stop = SIGTERM;
    f.options.stop = &stop;
    cr_assert_eq(run(), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_STOPPED);
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2);
}

Test(run, a_cut_input_is_damage_with_its_place_and_no_output)
{
    add(1, "x");
    size_t whole = f.dump.len;
    add(2, "y");
    f.dump.len -= 3;
    put_dump();
    cr_assert_eq(run(), BM_FAIL);
    cr_assert_eq(f.err.code, BM_ERROR_TRUNCATED);
    cr_assert_eq(bm_result_exit(&f.result), 3);
    cr_assert_eq(f.result.damage_count, 1);
    cr_assert_str_eq(f.result.damage[0].ns, "d.c");
    cr_assert_eq(f.result.damage[0].offset, whole);
    cr_assert_eq(test_scratch_count(&f.scratch, ""), 2);
}

Test(run, an_index_that_is_not_judged_leaves_the_output_unproved)
{
    test_scratch_write(&f.scratch, "d/c.metadata.json",
                       bm_view_text("{\"indexes\":[{\"key\":{\"_fts\":\"text\",\"_ftsx\":1},"
                                    "\"name\":\"t_text\",\"unique\":true}]}"));
    add(1, "x");
    put_dump();
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_outcome(&f.result), BM_OUTCOME_UNPROVED);
    cr_assert_eq(bm_result_exit(&f.result), 1);
    cr_assert_not_null(f.result.output.path);
}

Test(run, list_counts_without_judging)
{
    add(1, "x");
    add(1, "x");
    size_t bytes = f.dump.len;
    put_dump();
    f.options.command = BM_COMMAND_LIST;
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(bm_result_exit(&f.result), 0);
    cr_assert_eq(f.result.namespace_count, 1);
    cr_assert_eq(f.result.namespaces[0].documents, 2);
    cr_assert_eq(f.result.namespaces[0].bytes, bytes);
    cr_assert_eq(f.result.namespaces[0].index_count, 2);
    cr_assert_str_eq(f.result.namespaces[0].indexes[1].key_text, "{ t: 1 }");
}

/* ---- the output judged again ---- */

/* A dump of two collections, and what is done to the written d/a.bson while d/c is under way. */
struct tampering {
    char name[24];
    void (*spoil)(void); /* the working folder is the folder d of the output */
    enum bm_error_code code;
    char ns[8];
    char text[72];
};

static void copy_second_over_first(void)
{
    uint8_t bytes[256];
    int fd = open("a.bson", O_RDWR);
    ssize_t len = read(fd, bytes, sizeof bytes);
    cr_assert_gt(len, 0);
    cr_assert_eq(pwrite(fd, bytes + len / 2, (size_t)len / 2, 0), len / 2);
    close(fd);
}

static void lose_last_document(void)
{
    struct stat about;
    cr_assert_eq(stat("a.bson", &about), 0);
    cr_assert_eq(truncate("a.bson", about.st_size / 2), 0);
}

static void lose_namespace(void)
{
    cr_assert_eq(unlink("a.bson"), 0);
    cr_assert_eq(unlink("a.metadata.json"), 0);
}

static void add_namespace(void)
{
    cr_assert_eq(link("a.bson", "other.bson"), 0);
}

static void cut_inside_a_document(void)
{
    cr_assert_eq(truncate("a.bson", 7), 0);
}

static const struct tampering tamperings[] = {
    {"equal keys", copy_second_over_first, BM_ERROR_VIOLATION, "",
     "the output does not pass its own check; it is withheld"},
    {"a document lost", lose_last_document, BM_ERROR_IO, "d.a",
     "the output holds 1 documents where 2 were written; it is withheld"},
    {"a namespace lost", lose_namespace, BM_ERROR_IO, "d.a",
     "what was written reads back without this namespace"},
    {"a namespace added", add_namespace, BM_ERROR_IO, "",
     "what was written reads back with 3 namespaces, not 2"},
    {"a file cut", cut_inside_a_document, BM_ERROR_IO, "d.a", ""},
};

/* Goes to where the output lies under its temporary name, once. */
static void tamper(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                   uint64_t total)
{
    const struct tampering **tampering = context;
    (void)documents;
    (void)bytes;
    (void)total;
    if (strcmp(ns, "d.c") != 0 || *tampering == NULL) {
        return;
    }
    char path[640];
    DIR *folder = opendir(f.scratch.folder);
    cr_assert_not_null(folder);
    struct dirent *entry = readdir(folder);
    while (entry != NULL && strstr(entry->d_name, "fixed") == NULL) {
        entry = readdir(folder);
    }
    cr_assert_not_null(entry, "no temporary output");
    snprintf(path, sizeof path, "%s/%s/d", f.scratch.folder, entry->d_name);
    int before = open(".", O_RDONLY);
    cr_assert_eq(chdir(path), 0);
    (*tampering)->spoil();
    cr_assert_eq(fchdir(before), 0);
    close(before);
    closedir(folder);
    *tampering = NULL;
}

Test(run, an_output_that_is_not_what_was_judged_is_withheld)
{
    add(1, "x");
    add(2, "y");
    put("in/d/a.bson");
    add(1, "x");
    put("in/d/c.bson");
    test_scratch_write(&f.scratch, "in/d/a.metadata.json", bm_view_text(unique_token));
    f.options.input.path = test_scratch_path(&f.scratch, "in");
    f.options.output.path = f.output;
    snprintf(f.output, sizeof f.output, "%s/fixed", f.scratch.folder);
    size_t before = test_scratch_count(&f.scratch, "");
    for (size_t i = 0; i < sizeof tamperings / sizeof *tamperings; i++) {
        const struct tampering *left = &tamperings[i];
        const struct bm_progress progress = {tamper, &left};
        f.options.progress = &progress;
        cr_assert_eq(run(), BM_FAIL, "%s", tamperings[i].name);
        cr_assert_null(left, "%s: not spoiled", tamperings[i].name);
        cr_expect_eq(f.err.code, tamperings[i].code, "%s", tamperings[i].name);
        cr_expect_str_eq(f.err.ns, tamperings[i].ns, "%s", tamperings[i].name);
        cr_expect(tamperings[i].text[0] == '\0' || strcmp(f.err.text, tamperings[i].text) == 0,
                  "%s: %s", tamperings[i].name, f.err.text);
        cr_expect_null(f.result.output.path, "%s", tamperings[i].name);
        cr_expect_eq(test_scratch_count(&f.scratch, ""), before, "%s: left behind",
                     tamperings[i].name);
    }
    f.options.progress = NULL;
    cr_assert_eq(run(), BM_OK, "left alone it passes: %s", f.err.text);
    cr_assert_eq(f.result.output.documents, 3);
}

/* ---- the short read for first documents ---- */

/* Bytes told of in each pass; a pass starts with fewer than the one before ended with. */
struct reading {
    size_t passes;
    uint64_t bytes[4];
};

static void follow(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                   uint64_t total)
{
    struct reading *reading = context;
    (void)ns;
    (void)documents;
    (void)total;
    if (reading->passes == 0 || bytes <= reading->bytes[reading->passes - 1]) {
        reading->passes++;
    }
    cr_assert_leq(reading->passes, 4);
    reading->bytes[reading->passes - 1] = bytes;
}

Test(run, the_read_for_first_documents_ends_when_all_are_known)
{
    char token[256];
    memset(token, 'x', sizeof token);
    for (int32_t i = 0; i < 50000; i++) {
        snprintf(token + 240, 16, "%d", i == 49999 ? 3 : i);
        add(i, token);
    }
    uint64_t size = f.dump.len;
    put_dump();
    struct reading reading = {0};
    const struct bm_progress progress = {follow, &reading};
    f.options.progress = &progress;
    f.options.command = BM_COMMAND_CHECK;
    cr_assert_eq(run(), BM_OK, "%s", f.err.text);
    cr_assert_eq(reading.passes, 2);
    cr_assert_eq(reading.bytes[0], size);
    cr_assert_lt(reading.bytes[1], size / 4, "%ju bytes of %ju", (uintmax_t)reading.bytes[1],
                 (uintmax_t)size);
    cr_assert_eq(f.result.input.bytes, size, "what is told is of the whole pass");
    cr_assert_eq(f.result.input.documents, 50000);
    cr_assert_eq(f.result.namespaces[0].documents, 50000);
    cr_assert_eq(f.result.namespaces[0].indexes[1].keys, 49999);
    cr_assert_eq(f.result.violation_total, 1);
    cr_assert_eq(f.result.violations[0].count, 2);
    cr_assert_eq(f.result.violations[0].documents[0].ordinal, 3);
    cr_assert_eq(f.result.violations[0].documents[1].ordinal, 49999);
}
