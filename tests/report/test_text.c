/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/results.h"

static const struct bm_text_options usual = {.redaction = BM_SHOW_VALUES,
                                             .groups = 10,
                                             .documents = 5,
                                             .fix_arguments = "dump",
                                             .fix_output = "-o fixed"};

/* The text of a result, which is freed. */
static void expect_text(struct bm_result *result, const struct bm_text_options *options,
                        const char *expected)
{
    char *text = test_result_as_text(result, options);
    cr_expect_str_eq(text, expected);
    free(text);
    bm_result_free(result);
}

Test(report_text, story)
{
    struct bm_result result;
    test_result_story(&result);
    expect_text(
        &result, &usual,
        "a.b  index resultToken_1 { resultToken: 1 }  unique\n"
        "  E11000 duplicate key error collection: a.b index: resultToken_1 dup key: "
        "{ resultToken: null }\n"
        "  100 documents share this key: 50 missing, 50 null; first _id 6500000000000000000000aa "
        "at byte 0, next _id 6500000000000000000000ab at byte 2310 and 98 more\n"
        "  on restore: the data loads, then all 2 secondary indexes of this collection are lost, "
        "and index building stops\n"
        "  mend: bsonmend fix dump --fill a.b:resultToken=hex:32 -o fixed\n"
        "judged 3 unique indexes in 1 namespace, 1000 documents\n");
}

Test(report_text, redacted)
{
    struct bm_result result;
    struct bm_text_options options = usual;
    options.redaction = BM_REDACT_VALUES;
    options.documents = 1;
    test_result_story(&result);
    struct bm_violation *violation = &result.violations[0];
    free((void *)(uintptr_t)violation->key.data);
    violation->key = test_result_document(TEST_ABC, TEST_ABC_LEN);
    free(violation->e11000);
    violation->e11000 = test_result_text("E11000 duplicate key error collection: a.b index: "
                                         "resultToken_1 dup key: { resultToken: \"abc\" }");
    test_result_without_advice(&result);
    violation->empties.missing = violation->empties.null = 0;
    expect_text(&result, &options,
                "a.b  index resultToken_1 { resultToken: 1 }  unique\n"
                "  E11000 duplicate key error collection: a.b index: resultToken_1 dup key: "
                "{ resultToken: <string 3> }\n"
                "  100 documents share this key; first _id <objectId 12> at byte 0 and 99 more\n"
                "  on restore: the data loads, then all 2 secondary indexes of this collection "
                "are lost, and index building stops\n"
                "judged 3 unique indexes in 1 namespace, 1000 documents\n");
}

/* Names may hold the words that come before a key. */
Test(report_text, redacted_names_like_the_line)
{
    struct bm_result result;
    struct bm_text_options options = usual;
    options.redaction = BM_REDACT_VALUES;
    bm_result_init(&result);
    result.namespaces = calloc(1, sizeof *result.namespaces);
    result.namespace_count = 1;
    result.namespaces[0].ns = test_result_text("a.dup key: b");
    result.namespaces[0].indexes = calloc(2, sizeof *result.namespaces[0].indexes);
    result.namespaces[0].index_count = 2;
    result.namespaces[0].indexes[0] =
        (struct bm_index_result){.name = test_result_text("_id_"), .unique = 1, .judged = 1};
    struct bm_index_result *index = &result.namespaces[0].indexes[1];
    *index = (struct bm_index_result){
        .name = test_result_text("dup key: x"), .unique = 1, .judged = 1, .groups = 1};
    struct bm_violation *violation = test_result_violation(&result, "a.dup key: b", "dup key: x");
    violation->e11000 = test_result_text("E11000 duplicate key error collection: a.dup key: b "
                                         "index: dup key: x dup key: { x: \"secret\" }");
    violation->count = 2;
    expect_text(&result, &options,
                "a.dup key: b  index dup key: x  unique\n"
                "  E11000 duplicate key error collection: a.dup key: b index: dup key: x dup key: "
                "<redacted>\n"
                "  2 documents share this key\n"
                "  on restore: the data loads, then the one secondary index of this collection is "
                "lost, and index building stops\n"
                "judged 2 unique indexes in 1 namespace, 0 documents\n");
}

/* _id: an earlier document that is not known, one without _id, an _id that is no ObjectId; a name
 * that would steer the terminal. */
Test(report_text, id_duplicates)
{
    struct bm_result result;
    test_result_story(&result);
    struct bm_namespace_result *ns = &result.namespaces[0];
    ns->indexes[0].groups = 3;
    ns->indexes[1].groups = 0;
    ns->indexes[1].violations = 0;
    struct bm_violation *violation = &result.violations[0];
    free((void *)(uintptr_t)violation->index);
    violation->index = test_result_text("_id_");
    free(violation->e11000);
    violation->e11000 = test_result_text("E11000 … dup key: { _id: \"\033[2J\" }");
    test_result_without_advice(&result);
    violation->empties.missing = violation->empties.null = 0;
    violation->count = 3;
    violation->documents[0].known = 0;
    free((void *)(uintptr_t)violation->documents[1].id.data);
    violation->documents[1].id = test_result_view(TEST_NUMBER_ID, TEST_NUMBER_ID_LEN);
    violation->documents = realloc(violation->documents, 3 * sizeof *violation->documents);
    violation->documents[2] = (struct bm_document_place){.known = 1, .offset = 99};
    violation->document_count = 3;
    expect_text(&result, &usual,
                "a.b  index _id_ { _id: 1 }  unique\n"
                "  E11000 … dup key: { _id: \"\\x1b[2J\" }\n"
                "  3 documents share this key; first an earlier document, next _id 5 at byte 2310, "
                "a document at byte 99\n"
                "  … and 2 more groups\n"
                "  on restore: each later document of this key is skipped, and mongorestore still "
                "exits 0\n"
                "judged 3 unique indexes in 1 namespace, 1000 documents\n");
}

/* An index that no metadata has is not lost; two advices are joined at the end. */
Test(report_text, asked_index_and_two_advices)
{
    struct bm_result result;
    test_result_story(&result);
    struct bm_index_result *code = &result.namespaces[0].indexes[2];
    code->asked = 1;
    code->groups = 2;
    for (int i = 0; i < 2; i++) {
        struct bm_violation *violation = test_result_violation(&result, "a.b", "code_1");
        violation->e11000 = test_result_text(i == 0 ? "E11000 one" : "E11000 two");
        violation->count = 2;
    }
    code->mends = calloc(2, sizeof *code->mends);
    code->mends[0] = test_result_text("--fill a.b:code=uuid4");
    code->mends[1] = test_result_text("--fill a.b:resultToken=hex:32");
    code->mend_count = 2;
    struct bm_text_options options = usual;
    options.documents = 0;
    options.fix_arguments = "-d a -c b";
    options.fix_output = NULL;
    expect_text(&result, &options,
                "a.b  index resultToken_1 { resultToken: 1 }  unique\n"
                "  E11000 duplicate key error collection: a.b index: resultToken_1 dup key: "
                "{ resultToken: null }\n"
                "  100 documents share this key: 50 missing, 50 null\n"
                "  on restore: the data loads, then the one secondary index of this collection is "
                "lost, and index building stops\n"
                "  mend, with all else: --fill a.b:resultToken=hex:32\n"
                "a.b  index code_1 { code: 1 }  unique, as asked\n"
                "  E11000 one\n"
                "  2 documents share this key\n"
                "  E11000 two\n"
                "  2 documents share this key\n"
                "  mend, with all else: --fill a.b:code=uuid4\n"
                "  mend, with all else: --fill a.b:resultToken=hex:32\n"
                "mend all: bsonmend fix -d a -c b --fill a.b:resultToken=hex:32 "
                "--fill a.b:code=uuid4\n"
                "judged 3 unique indexes in 1 namespace, 1000 documents\n");
}

Test(report_text, not_judged_damaged_and_sizes)
{
    struct bm_result result;
    test_result_story(&result);
    struct bm_namespace_result *ns = &result.namespaces[0];
    result.violation_count = 0;
    ns->indexes[1].groups = 0;
    ns->indexes[1].violations = 0;
    ns->indexes[1].judged = 0;
    ns->indexes[1].reason = test_result_text("it is sparse");
    ns->indexes[2].unindexable = 2;
    ns->reason = test_result_text("its indexes are defined in system.indexes");
    result.before_replay = 1;
    /* The story's violation stays owned, behind those shown. */
    struct bm_violation story = result.violations[0];
    free(result.violations);
    result.violations = NULL;
    struct bm_violation *parallel = test_result_violation(&result, "a.b", "code_1");
    parallel->kind = BM_VIOLATION_UNINDEXABLE;
    parallel->count = 2;
    parallel->reason = test_result_text("cannot index parallel arrays [b] [a]");
    struct bm_violation *capped = test_result_violation(&result, "a.b", "");
    capped->kind = BM_VIOLATION_CAPPED;
    capped->count = 9;
    capped->reason = test_result_text("5000 bytes do not fit into 4096");
    struct bm_violation *oversize = test_result_violation(&result, "a.b", "");
    free((void *)(uintptr_t)oversize->ns);
    free((void *)(uintptr_t)oversize->index);
    *oversize = story;
    oversize->kind = BM_VIOLATION_OVERSIZE;
    oversize->count = 1;
    free((void *)(uintptr_t)oversize->index);
    oversize->index = test_result_text("");
    free(oversize->e11000);
    oversize->e11000 = NULL;
    test_result_without_advice(&result);
    oversize->reason = test_result_text("16777300 bytes");
    oversize->document_count = 1;
    free((void *)(uintptr_t)oversize->documents[1].id.data);
    result.damage = calloc(2, sizeof *result.damage);
    result.damage_count = 2;
    result.damage[0] = (struct bm_damage){
        .ns = test_result_text("a.b"), .offset = 815, .what = test_result_text("type 0x42")};
    result.damage[1] = (struct bm_damage){
        .ns = test_result_text(""), .offset = BM_NO_OFFSET, .what = test_result_text("no end")};
    expect_text(&result, &usual,
                "a.b\n"
                "  not judged: its indexes are defined in system.indexes\n"
                "a.b  index resultToken_1 { resultToken: 1 }  unique\n"
                "  not judged: it is sparse\n"
                "a.b  index code_1 { code: 1 }  unique\n"
                "  2 documents: cannot index parallel arrays [b] [a]\n"
                "  on restore: the load stops before any secondary index is built\n"
                "a.b  capped collection too large\n"
                "  5000 bytes do not fit into 4096\n"
                "a.b  documents too large\n"
                "  1 document: 16777300 bytes; first _id 6500000000000000000000aa at byte 0\n"
                "  on restore: mongorestore stops there, and no secondary index is built\n"
                "a.b  damaged at byte 815: type 0x42\n"
                "damaged: no end\n"
                "judged 2 unique indexes in 1 namespace, 1000 documents; 2 not judged; before the "
                "replay of the oplog\n");
}

static void make_clean_fix(struct bm_result *result)
{
    test_result_story(result);
    result->command = BM_COMMAND_FIX;
    struct bm_namespace_result *ns = &result->namespaces[0];
    ns->indexes[1].groups = 0;
    ns->indexes[1].violations = 0;
    result->violation_total = 0;
    free((void *)(uintptr_t)result->violations[0].index);
    result->violations[0].index = test_result_text("none");
    test_result_without_advice(result);
    ns->filled.missing = 50;
    ns->filled.null = 49;
    ns->filled.blank = 1;
    ns->touched = 90;
}

Test(report_text, fix_with_output)
{
    struct bm_result result;
    make_clean_fix(&result);
    result.output = (struct bm_stream_result){.path = test_result_text("-"),
                                              .container = BM_CONTAINER_ARCHIVE,
                                              .codec = BM_CODEC_ZSTD,
                                              .documents = 1000,
                                              .bytes = 236000};
    expect_text(&result, &usual,
                "a.b  filled 100 fields in 90 documents: 50 missing, 49 null, 1 blank\n"
                "judged 3 unique indexes in 1 namespace, 1000 documents\n"
                "wrote standard output: archive, codec zstd, 1000 documents, 236000 bytes\n");
}

Test(report_text, dry_run_with_samples)
{
    struct bm_result result;
    make_clean_fix(&result);
    result.dry_run = 1;
    result.samples = calloc(2, sizeof *result.samples);
    result.sample_count = 2;
    result.samples[0] = (struct bm_sample){.ns = test_result_text("a.b"),
                                           .field = test_result_text("resultToken"),
                                           .id = test_result_view(TEST_ID, TEST_ID_LEN),
                                           .before = test_result_view(TEST_NULL, TEST_NULL_LEN),
                                           .after = test_result_view(TEST_ABC, TEST_ABC_LEN)};
    result.samples[1] = (struct bm_sample){.ns = test_result_text("a.b"),
                                           .field = test_result_text("resultToken"),
                                           .after = test_result_view(TEST_ABC, TEST_ABC_LEN)};
    expect_text(&result, &usual,
                "a.b  would fill 100 fields in 90 documents: 50 missing, 49 null, 1 blank\n"
                "  a.b resultToken  _id 6500000000000000000000aa: null -> \"abc\"\n"
                "  a.b resultToken  a document: missing -> \"abc\"\n"
                "judged 3 unique indexes in 1 namespace, 1000 documents\n"
                "no output was made: a dry run\n");
}

Test(report_text, fix_withheld_and_failed)
{
    struct bm_result result;
    make_clean_fix(&result);
    result.namespaces[0].filled.missing = 0;
    result.namespaces[0].filled.null = 0;
    result.namespaces[0].filled.blank = 0;
    result.violation_total = 1;
    char *text = test_result_as_text(&result, &usual);
    cr_expect_str_eq(text, "judged 3 unique indexes in 1 namespace, 1000 documents\n"
                           "no output was made: no rule covers what was found\n");
    free(text);
    result.error.code = BM_ERROR_CORRUPT;
    text = test_result_as_text(&result, &usual);
    cr_expect_str_eq(text, "no output was made: the input is damaged\n");
    free(text);
    result.error.code = BM_ERROR_IO;
    text = test_result_as_text(&result, &usual);
    cr_expect_str_eq(text, "no output was made\n");
    free(text);
    result.error.code = BM_ERROR_USAGE;
    expect_text(&result, &usual, "");
}

/* What ended the run has a line of its own; a pipe that was begun is not passed over. */
Test(report_text, no_output_after_a_failure)
{
    struct bm_result result;
    make_clean_fix(&result);
    result.namespaces[0].filled.missing = 0;
    result.namespaces[0].filled.null = 0;
    result.namespaces[0].filled.blank = 0;
    result.error.code = BM_ERROR_VIOLATION;
    char *text = test_result_as_text(&result, &usual);
    cr_expect_str_eq(text, "no output was made\n");
    free(text);
    result.output_spoiled = 1;
    expect_text(&result, &usual,
                "no output was made; what went to standard output before that is spoiled and no "
                "dump\n");
}

/* The replay comes between the files and the indexes; its commands are listed up to the limit. */
Test(report_text, before_replay)
{
    struct bm_result result;
    test_result_story(&result);
    struct bm_text_options options = usual;
    options.groups = 1;
    options.documents = 0;
    result.before_replay = 1;
    test_result_without_advice(&result);
    result.namespaces[0].indexes[1].beyond_fill = 2;
    result.index_commands = calloc(1, sizeof *result.index_commands);
    result.index_command_count = 1;
    result.index_command_total = 4;
    result.index_commands[0] = (struct bm_index_command){.ns = test_result_text("a.b"),
                                                         .offset = 815,
                                                         .command = test_result_text("collMod"),
                                                         .index = test_result_text("x_\033")};
    result.oplog_findings = calloc(1, sizeof *result.oplog_findings);
    result.oplog_finding_count = 1;
    result.oplog_finding_total = 2;
    result.oplog_findings[0] = (struct bm_oplog_finding){.ns = test_result_text("a.\n"),
                                                         .offset = 816,
                                                         .seconds = 7,
                                                         .increment = 3,
                                                         .operation = test_result_text("u"),
                                                         .field = test_result_text("t"),
                                                         .reason = test_result_text("it is gone")};
    expect_text(
        &result, &options,
        "a.b  index resultToken_1 { resultToken: 1 }  unique\n"
        "  E11000 duplicate key error collection: a.b index: resultToken_1 dup key: "
        "{ resultToken: null }\n"
        "  100 documents share this key: 50 missing, 50 null\n"
        "  on restore, unless the replay of the oplog settles it: the data loads, then all 2 "
        "secondary indexes of this collection are lost, and index building stops\n"
        "  2 duplicates of an empty key in an array or under a parent that is no object: --fill "
        "leaves such alone\n"
        "oplog  collMod of a.b, index x_\\x1b, at byte 815\n"
        "oplog  … and 3 more such commands\n"
        "  on restore: the replay changes unique indexes or their collections, which is not "
        "judged\n"
        "oplog  u of a.\\x0a, timestamp 7:3, at byte 816: may leave t empty: it is gone\n"
        "oplog  … and 1 more such operation\n"
        "  on restore: the replay may bring back what the rules mend, which is not proved\n"
        "judged 3 unique indexes in 1 namespace, 1000 documents; before the replay of the oplog\n");
}

Test(report_text, list)
{
    struct bm_result result;
    test_result_story(&result);
    result.command = BM_COMMAND_LIST;
    result.namespaces[0].indexes[2].unique = 0;
    result.namespaces[0].reason = test_result_text("not JSON");
    expect_text(&result, &usual,
                "dump: directory, codec gzip, server version 7.0.16\n"
                "a.b  collection  1000 documents  232650 bytes  _id_ { _id: 1 } unique, "
                "resultToken_1 { resultToken: 1 } unique, code_1 { code: 1 }  (not JSON)\n");
}

Test(report_text, notes)
{
    struct bm_result result;
    bm_result_init(&result);
    result.notes = calloc(2, sizeof *result.notes);
    result.note_count = 2;
    result.notes[0] = test_result_text("a\tb");
    result.notes[1] = test_result_text("c");
    char *text = test_result_as_notes(&result);
    cr_expect_str_eq(text, "bsonmend: a\\x09b\nbsonmend: c\n");
    free(text);
    bm_result_free(&result);
}
