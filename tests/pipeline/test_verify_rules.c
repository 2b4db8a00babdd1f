/* SPDX-License-Identifier: Apache-2.0 */
#include <bson/bson.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bsonmend/bsonmend.h"
#include "support/fixtures.h"
#include "support/ledger_undo.h"
#include "support/running.h"

/*
 * Each kind of rule over every fixture it can be asked of. What fix makes is verified by the rules
 * and by the ledger, leads back to BEFORE by the ledger, and is not verified once a byte of it is
 * another.
 */

/* What a rule is made for: a namespace, an index of it, or the first field of an index. */
enum subject { OF_NAMESPACE, OF_INDEX, OF_FIELD };

enum target { FILL, UNSET, DUPLICATE, INDEX, REQUIRE };

static const struct {
    const char *name;
    enum target target;
    enum subject subject;
    const char *format; /* of namespace, and of index or field */
} kinds[] = {
    {"fill a new field", FILL, OF_NAMESPACE, "%s:added.token%s=hex:32"},
    {"fill a field", FILL, OF_FIELD, "%s:%s=uuid4"},
    {"fill an ObjectId", FILL, OF_FIELD, "%s:%s=objectid"},
    {"unset a field", UNSET, OF_FIELD, "%s:%s"},
    {"reject", DUPLICATE, OF_INDEX, "%s:%s=reject"},
    {"refill", DUPLICATE, OF_INDEX, "%s:%s=refill"},
    {"partial", INDEX, OF_INDEX, "%s:%s=partial"},
    {"sparse", INDEX, OF_INDEX, "%s:%s=sparse"},
    {"nonunique", INDEX, OF_INDEX, "%s:%s=nonunique"},
    {"drop", INDEX, OF_INDEX, "%s:%s=drop"},
    {"require", REQUIRE, OF_NAMESPACE, "%s:added%s"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static enum bm_status add_rule(enum target target, const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    switch (target) {
    case FILL:
        return bm_rules_add_fill(&running.rules, text, &err);
    case UNSET: {
        /* What is taken out still collides, unless the index is sparse: it is left. */
        char left[600];
        snprintf(left, sizeof left, "%s_1=leave", text);
        return bm_rules_add_unset(&running.rules, text, &err) == BM_OK
                   ? bm_rules_add_duplicate(&running.rules, left, &err)
                   : BM_FAIL;
    }
    case DUPLICATE:
        return bm_rules_add_duplicate(&running.rules, text, &err);
    case INDEX:
        return bm_rules_add_index(&running.rules, text, &err);
    case REQUIRE:
        return bm_rules_add_require(&running.rules, text, &err);
    }
    return BM_FAIL;
}

/* Paths in the scratch folder, as long as the test. */
static struct {
    char before[128], out[128], key[128], ledger[128], rejects[128], in[640];
} at;

static void start(void)
{
    running_start();
    test_scratch_remove(&running.scratch); /* hundreds of outputs are synced */
    test_scratch_make_quick(&running.scratch);
    test_scratch_write(&running.scratch, "key", bm_view_text("0123456789abcdef0123456789abcdef"));
    snprintf(at.before, sizeof at.before, "%s/before", running.scratch.folder);
    snprintf(at.out, sizeof at.out, "%s/out", running.scratch.folder);
    snprintf(at.key, sizeof at.key, "%s/key", running.scratch.folder);
    snprintf(at.ledger, sizeof at.ledger, "%s/ledger", running.scratch.folder);
    snprintf(at.rejects, sizeof at.rejects, "%s/rejects", running.scratch.folder);
    running.options.input.path = at.before;
    running.options.output.path = at.out;
    running.options.token_key = at.key;
}

TestSuite(verify_rules, .init = start, .fini = running_stop);

static void remove_all(const char *path)
{
    struct test_scratch folder;
    struct stat found;
    cr_assert_lt(snprintf(folder.folder, sizeof folder.folder, "%s", path),
                 (int)sizeof folder.folder);
    if (lstat(path, &found) == 0 && S_ISDIR(found.st_mode)) {
        test_scratch_remove(&folder);
    }
    unlink(path);
}

/* ---- one run of fix, and what is held against it ---- */

static void verify_by(const char *what, const char *ledger)
{
    struct bm_rules none;
    struct bm_run_options fixing = running.options;
    int was_damaged = bm_result_outcome(&running.result) == BM_OUTCOME_DAMAGED;
    bm_rules_init(&none);
    running.options.command = BM_COMMAND_VERIFY;
    running.options.after = at.out;
    running.options.ledger = ledger;
    running.options.rules = ledger != NULL ? &none : &running.rules;
    cr_assert_eq(running_run(), BM_OK, "%s: %s", what, running.err.text);
    cr_assert_eq(running.result.difference_count, 0, "%s: %s: kind %d", what,
                 running.result.differences[0].ns, (int)running.result.differences[0].kind);
    int is_damaged = bm_result_outcome(&running.result) == BM_OUTCOME_DAMAGED;
    cr_assert_eq(is_damaged, was_damaged, "%s", what);
    running.options = fixing;
    bm_rules_free(&none);
}

/* Both as files of a plain directory: DB/COLLECTION.ending. */
static void undo_file(const struct test_ledger *ledger, const char *relative)
{
    char before_name[TEST_FIXTURE_NAME + 16];
    char after_name[TEST_FIXTURE_NAME + 16];
    char ns[TEST_FIXTURE_NAME];
    snprintf(before_name, sizeof before_name, "before/%s", relative);
    snprintf(after_name, sizeof after_name, "out/%s", relative);
    snprintf(ns, sizeof ns, "%s", relative);
    char *slash = strchr(ns, '/');
    int is_metadata = strstr(relative, ".metadata.json") != NULL;
    char *end = strstr(ns, is_metadata ? ".metadata.json" : ".bson");
    if (slash == NULL || end == NULL || strchr(ns, '%') != NULL || strchr(ns, '$') != NULL) {
        return; /* prelude.json, the oplog, and names that files spell otherwise */
    }
    *slash = '.';
    *end = '\0';
    struct bm_buffer before = test_scratch_read(&running.scratch, before_name);
    struct bm_buffer after = test_scratch_read(&running.scratch, after_name);
    struct bm_buffer undone = is_metadata
                                  ? test_ledger_undo_metadata(ledger, ns, bm_buffer_view(&after))
                                  : test_ledger_undo(ledger, ns, bm_buffer_view(&after));
    cr_assert(bm_view_equal(bm_buffer_view(&undone), bm_buffer_view(&before)), "%s", relative);
    bm_buffer_free(&before);
    bm_buffer_free(&after);
    bm_buffer_free(&undone);
}

static void undo_all(void)
{
    struct test_ledger ledger;
    static struct test_fixture_list files;
    test_ledger_read(&ledger, at.ledger);
    test_fixture_files(at.before, &files);
    for (size_t i = 0; i < files.count; i++) {
        undo_file(&ledger, files.names[i]);
    }
    test_ledger_free(&ledger);
}

/* 1: fix made an output that differs from its input, and all proofs of it hold. */
static int prove(const char *what, enum target target, const char *rule)
{
    int changed = 0;
    remove_all(at.out);
    remove_all(at.rejects);
    remove_all(at.ledger);
    bm_rules_free(&running.rules);
    bm_rules_init(&running.rules);
    if (add_rule(target, rule) != BM_OK) {
        return 0;
    }
    running.options.ledger = at.ledger;
    running.options.rejects = strstr(rule, "=reject") != NULL ? at.rejects : NULL;
    if (running_run() == BM_OK && running.result.output.path != NULL) {
        for (size_t i = 0; i < running.result.namespace_count; i++) {
            const struct bm_namespace_result *ns = &running.result.namespaces[i];
            changed |= ns->touched > 0 || ns->rejected > 0 || ns->rewritten;
        }
        verify_by(what, NULL);
        verify_by(what, at.ledger);
        undo_all();
    }
    return changed;
}

/* ---- rules for what a fixture holds ---- */

/* What rules can be made for. */
struct subjects {
    char names[64][2][160]; /* namespace; index or field */
    enum subject kinds[64];
    size_t count;
};

static void add_subject(struct subjects *out, enum subject kind, const char *ns, const char *name)
{
    if (out->count < 64 && strlen(ns) < 160 && strlen(name) < 160 && strchr(ns, ':') == NULL) {
        out->kinds[out->count] = kind;
        snprintf(out->names[out->count][0], 160, "%s", ns);
        snprintf(out->names[out->count++][1], 160, "%s", name);
    }
}

static void list_subjects(struct subjects *out)
{
    struct bm_run_options fixing = running.options;
    out->count = 0;
    running.options.command = BM_COMMAND_LIST;
    bm_rules_free(&running.rules);
    bm_rules_init(&running.rules);
    enum bm_status status = running_run();
    running.options = fixing;
    for (size_t i = 0; status == BM_OK && i < running.result.namespace_count; i++) {
        const struct bm_namespace_result *ns = &running.result.namespaces[i];
        if (ns->kind != BM_NAMESPACE_COLLECTION) {
            continue;
        }
        add_subject(out, OF_NAMESPACE, ns->ns, "");
        for (size_t j = 0; j < ns->index_count; j++) {
            bson_t key;
            bson_iter_t iter;
            if (!ns->indexes[j].unique) {
                continue;
            }
            add_subject(out, OF_INDEX, ns->ns, ns->indexes[j].name);
            if (bson_init_static(&key, ns->indexes[j].key.data, ns->indexes[j].key.len) &&
                bson_iter_init(&iter, &key) && bson_iter_next(&iter)) {
                add_subject(out, OF_FIELD, ns->ns, bson_iter_key(&iter));
            }
        }
    }
}

/* As a plain directory, so that files can be held against files. 0: it cannot be one. */
static int make_before(const char *group, const char *name)
{
    struct bm_run_options fixing = running.options;
    char in[TEST_FIXTURE_NAME + 32];
    snprintf(in, sizeof in, "in-%s-%s", group, name);
    snprintf(at.in, sizeof at.in, "%s/%s", running.scratch.folder, in);
    remove_all(at.before);
    test_fixture_copy(group, name, &running.scratch, in);
    bm_rules_free(&running.rules);
    bm_rules_init(&running.rules);
    add_rule(DUPLICATE, "_id_=leave");
    running.options.input.path = at.in;
    running.options.ledger = running.options.rejects = NULL;
    running.options.verification = BM_TRUST_OUTPUT;
    running.options.output.path = at.before;
    running.options.output.container = BM_CONTAINER_DIRECTORY;
    running.options.output.compression.codec = BM_CODEC_NONE;
    enum bm_status status = running_run();
    int is_made =
        status == BM_OK && running.result.output.path != NULL && running.result.namespace_count > 0;
    running.options = fixing;
    if (!is_made && strchr(name, '.') == NULL) { /* what fix withholds may be one as it is */
        test_fixture_copy(group, name, &running.scratch, "before");
        is_made = 1;
    }
    return is_made;
}

Test(verify_rules, every_rule_over_every_fixture, .timeout = 300)
{
    static const char *const groups[] = {"good", "mend"};
    static struct test_fixture_list list;
    static struct subjects subjects;
    size_t proved[KINDS] = {0};
    for (size_t g = 0; g < 2; g++) {
        test_fixtures_of(groups[g], &list);
        for (size_t i = 0; i < list.count; i++) {
            char what[TEST_FIXTURE_NAME + 256];
            if (!make_before(groups[g], list.names[i])) {
                continue;
            }
            list_subjects(&subjects);
            for (size_t j = 0; j < subjects.count * KINDS; j++) {
                size_t kind = j % KINDS;
                char rule[512];
                if (kinds[kind].subject != subjects.kinds[j / KINDS]) {
                    continue;
                }
                snprintf(rule, sizeof rule, kinds[kind].format, subjects.names[j / KINDS][0],
                         subjects.names[j / KINDS][1]);
                snprintf(what, sizeof what, "%s: %s", list.names[i], rule);
                proved[kind] += prove(what, kinds[kind].target, rule) ? 1 : 0;
            }
        }
    }
    for (size_t i = 0; i < KINDS; i++) {
        cr_log_info("%s: %zu", kinds[i].name, proved[i]);
        cr_assert_gt(proved[i], 0, "no fixture for %s", kinds[i].name);
    }
}

/* ---- AFTER with one thing changed ---- */

/* Every byte of a small output in turn, of data and metadata. */
static void flip_each(const char *relative, size_t count)
{
    char name[TEST_FIXTURE_NAME + 16];
    snprintf(name, sizeof name, "out/%s", relative);
    struct bm_buffer bytes = test_scratch_read(&running.scratch, name);
    size_t step = bytes.len > count ? bytes.len / count : 1;
    for (size_t i = 0; i < bytes.len; i += step) {
        bytes.data[i] ^= 1;
        test_scratch_write(&running.scratch, name, bm_buffer_view(&bytes));
        enum bm_status status = running_run();
        cr_assert(status != BM_OK || running.result.difference_count > 0 ||
                      running.result.damage_count > 0,
                  "%s: byte %zu is another, and it is verified", relative, i);
        cr_assert_neq(bm_result_exit(&running.result), 0);
        bytes.data[i] ^= 1;
    }
    test_scratch_write(&running.scratch, name, bm_buffer_view(&bytes));
    bm_buffer_free(&bytes);
}

Test(verify_rules, a_flipped_bit_anywhere_is_found, .timeout = 120)
{
    struct bm_rules none;
    bm_rules_init(&none);
    for (int32_t i = 0; i < 30; i++) {
        running_add(i, i % 3 == 0 ? NULL : i % 3 == 1 ? "same" : "other");
    }
    running_put("before/d/c.bson");
    test_scratch_write(&running.scratch, "before/d/c.metadata.json",
                       bm_view_text(running_unique_token));
    cr_assert_eq(add_rule(FILL, "t=hex:32"), BM_OK);
    cr_assert_eq(add_rule(DUPLICATE, "t_1=reject"), BM_OK);
    running.options.ledger = at.ledger;
    running.options.rejects = at.rejects;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_gt(running.result.namespaces[0].rejected, 0);
    running.options.command = BM_COMMAND_VERIFY;
    running.options.after = at.out;
    const char *ledger = running.options.ledger;
    running.options.ledger = NULL;
    flip_each("d/c.bson", 400);
    flip_each("d/c.metadata.json", 100);
    running.options.rules = &none;
    running.options.ledger = ledger;
    running.options.rejects = NULL;
    flip_each("d/c.bson", 400);
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(bm_result_outcome(&running.result), BM_OUTCOME_CLEAN);
    bm_rules_free(&none);
}
