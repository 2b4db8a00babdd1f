/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/results.h"

static void expect_json(struct bm_result *result, enum bm_redaction redaction, const char *expected)
{
    char *json = test_result_as_json(result, redaction);
    cr_expect_str_eq(json, expected);
    free(json);
    bm_result_free(result);
}

#define HEAD                                                                                       \
    "{\"bsonmend\": \"0.1.0\", \"schema\": 1, \"command\": \"check\", \"result\": "                \
    "\"violations\", \"exit\": 1, \"input\": {\"path\": \"dump\", \"container\": \"directory\", "  \
    "\"codec\": \"gzip\", \"documents\": 1000, \"bytes\": 232650}, \"output\": null, "             \
    "\"serverVersion\": \"7.0.16\", \"beforeReplay\": false, \"passes\": 2, \"seconds\": 1.05, "   \
    "\"peakMemoryBytes\": 9000000, "
#define NAMESPACE                                                                                  \
    "\"namespaces\": [{\"ns\": \"a.b\", \"kind\": \"collection\", \"documents\": 1000, "           \
    "\"bytes\": 232650, \"judged\": true, \"reason\": null, \"filled\": {\"missing\": 0, "         \
    "\"null\": 0, \"undefined\": 0, \"blank\": 0}, \"refilled\": 0, \"unset\": 0, "                \
    "\"rejected\": 0, \"touched\": 0, \"indexes\": ["                                              \
    "{\"name\": \"_id_\", \"key\": { \"_id\" : 1 }, \"unique\": true, \"judged\": true, "          \
    "\"reason\": null, \"keys\": 1000, \"groups\": 0, \"violations\": 0, \"unindexable\": 0, "     \
    "\"action\": \"keep\"}, "                                                                      \
    "{\"name\": \"resultToken_1\", \"key\": { \"resultToken\" : 1 }, \"unique\": true, "           \
    "\"judged\": true, \"reason\": null, \"keys\": 901, \"groups\": 1, \"violations\": 99, "       \
    "\"unindexable\": 0, \"action\": \"keep\"}, "                                                  \
    "{\"name\": \"code_1\", \"key\": { \"code\" : 1 }, \"unique\": true, \"judged\": true, "       \
    "\"reason\": null, \"keys\": 1000, \"groups\": 0, \"violations\": 0, \"unindexable\": 0, "     \
    "\"action\": \"keep\"}]}], \"forecast\": {\"exit\": 1, \"end\": \"indexFails\", \"reason\": "  \
    "null, "                                                                                       \
    "\"beforeReplay\": false, \"namespaces\": [{\"ns\": \"a.b\", \"lostIndexes\": "                \
    "[\"resultToken_1\", "                                                                         \
    "\"code_1\"], \"unsureIndexes\": [], \"idDuplicatesDropped\": 0, "                             \
    "\"validatorRefusalsDropped\": 0}]}, \"oplog\": null, "
#define TAIL "\"damage\": [], \"notes\": [], \"error\": null}\n"

static void make_story(struct bm_result *result)
{
    test_result_story(result);
    result->seconds = 1.0599;
    result->peak_memory = 9000000;
}

Test(json, story)
{
    struct bm_result result;
    make_story(&result);
    expect_json(
        &result, BM_SHOW_VALUES,
        HEAD NAMESPACE
        "\"violations\": [{\"ns\": \"a.b\", \"index\": \"resultToken_1\", \"kind\": \"duplicate\", "
        "\"key\": { \"resultToken\" : null }, \"count\": 100, \"e11000\": \"E11000 duplicate key "
        "error collection: a.b index: resultToken_1 dup key: { resultToken: null }\", "
        "\"reason\": null, \"documents\": [{\"_id\": { \"$oid\" : \"6500000000000000000000aa\" }, "
        "\"offset\": 0, \"ordinal\": 0}, {\"_id\": { \"$oid\" : \"6500000000000000000000ab\" }, "
        "\"offset\": 2310, \"ordinal\": 10}]}], " TAIL);
}

Test(json, redacted)
{
    struct bm_result result;
    make_story(&result);
    struct bm_violation *violation = &result.violations[0];
    violation->documents[0].known = 0;
    strcpy(result.error.id, "secret");
    expect_json(
        &result, BM_REDACT_VALUES,
        HEAD NAMESPACE
        "\"violations\": [{\"ns\": \"a.b\", \"index\": \"resultToken_1\", \"kind\": \"duplicate\", "
        "\"key\": {\"resultToken\": {\"$redacted\": \"null\"}}, \"count\": 100, \"e11000\": "
        "\"E11000 duplicate key error collection: a.b index: resultToken_1 dup key: "
        "{ resultToken: <null> }\", \"reason\": null, \"documents\": [null, "
        "{\"_id\": {\"$redacted\": \"objectId 12\"}, \"offset\": 2310, \"ordinal\": 10}]}], " TAIL);
}

/* A run that broke off before it knew anything but its command. */
Test(json, failed)
{
    struct bm_result result;
    bm_result_init(&result);
    result.command = BM_COMMAND_FIX;
    result.error.code = BM_ERROR_IO;
    result.error.sys_errno = ENOSPC;
    result.error.offset = 12;
    strcpy(result.error.file, "a\"b");
    strcpy(result.error.id, "5");
    strcpy(result.error.text, "cannot write");
    result.notes = calloc(1, sizeof *result.notes);
    result.note_count = 1;
    result.notes[0] = test_result_text("said");
    result.damage = calloc(1, sizeof *result.damage);
    result.damage_count = 1;
    result.damage[0] =
        (struct bm_damage){.offset = BM_NO_OFFSET, .what = test_result_text("it ends early")};
    const char *shown =
        "{\"bsonmend\": \"0.1.0\", \"schema\": 1, \"command\": \"fix\", "
        "\"result\": \"failed\", \"exit\": 4, \"input\": null, \"output\": null, "
        "\"serverVersion\": null, \"beforeReplay\": false, \"passes\": 0, "
        "\"seconds\": 0.00, \"peakMemoryBytes\": 0, \"namespaces\": [], "
        "\"forecast\": {\"exit\": null, \"end\": \"unknown\", \"reason\": \"the "
        "dump was not read to its end\", \"beforeReplay\": false, \"namespaces\": "
        "[]}, \"oplog\": null, \"violations\": [], \"damage\": [{\"ns\": null, \"offset\": null, "
        "\"what\": \"it ends early\"}], \"notes\": [\"said\"], \"error\": "
        "{\"code\": \"io\", \"file\": \"a\\\"b\", \"ns\": null, \"offset\": 12, "
        "\"_id\": \"5\", \"text\": \"cannot write\", \"system\": "
        "\"No space left on device\"}}\n";
    char *json = test_result_as_json(&result, BM_SHOW_VALUES);
    cr_expect_str_eq(json, shown);
    free(json);
    json = test_result_as_json(&result, BM_REDACT_VALUES);
    cr_expect_null(strstr(json, "\"_id\": \"5\""));
    cr_expect_not_null(strstr(json, "\"_id\": \"<redacted>\""));
    free(json);
    bm_result_free(&result);
}

/* What may be lost, what is dropped, and what the oplog does; a listing has no forecast. */
Test(json, forecast_and_oplog)
{
    struct bm_result result;
    make_story(&result);
    struct bm_namespace_result *ns = &result.namespaces[0];
    ns->indexes[0].violations = 7;
    ns->indexes[1].groups = 0;
    ns->indexes[1].judged = 0;
    ns->indexes[1].reason = test_result_text("a text index");
    result.before_replay = 1;
    result.index_commands = calloc(2, sizeof *result.index_commands);
    cr_assert_not_null(result.index_commands);
    result.index_command_count = 2;
    result.index_command_total = 5;
    result.index_commands[0] = (struct bm_index_command){.ns = test_result_text("a.\"b"),
                                                         .offset = 12,
                                                         .seconds = 3,
                                                         .increment = 4,
                                                         .command = test_result_text("collMod"),
                                                         .index = test_result_text("x_1")};
    result.index_commands[1] = (struct bm_index_command){
        .ns = test_result_text("a"), .command = test_result_text("dropDatabase")};
    result.oplog_mended = 3;
    result.oplog_findings = calloc(2, sizeof *result.oplog_findings);
    cr_assert_not_null(result.oplog_findings);
    result.oplog_finding_count = 2;
    result.oplog_finding_total = 6;
    result.oplog_findings[0] = (struct bm_oplog_finding){.ns = test_result_text("a.b"),
                                                         .offset = 13,
                                                         .seconds = 5,
                                                         .increment = 6,
                                                         .operation = test_result_text("u"),
                                                         .field = test_result_text("t"),
                                                         .reason = test_result_text("gone")};
    result.oplog_findings[1] = (struct bm_oplog_finding){.ns = test_result_text("a.$cmd"),
                                                         .operation = test_result_text("x"),
                                                         .reason = test_result_text("unknown")};
    char *json = test_result_as_json(&result, BM_SHOW_VALUES);
    cr_expect_not_null(
        strstr(json,
               "\"forecast\": {\"exit\": null, \"end\": \"unknown\", \"reason\": \"an index "
               "was not judged\", \"beforeReplay\": true, \"namespaces\": [{\"ns\": \"a.b\", "
               "\"lostIndexes\": [], \"unsureIndexes\": [\"resultToken_1\", \"code_1\"], "
               "\"idDuplicatesDropped\": 7, \"validatorRefusalsDropped\": 0}]}, \"oplog\": "
               "{\"ignored\": false, \"indexCommandCount\": 5, "
               "\"indexCommands\": [{\"ns\": \"a.\\\"b\", \"offset\": 12, \"timestamp\": "
               "{\"$timestamp\": {\"t\": 3, \"i\": 4}}, \"command\": \"collMod\", \"index\": "
               "\"x_1\"}, {\"ns\": \"a\", \"offset\": 0, \"timestamp\": {\"$timestamp\": "
               "{\"t\": 0, \"i\": 0}}, \"command\": \"dropDatabase\", \"index\": null}], "
               "\"mendedCount\": 3, \"findingCount\": 6, \"findings\": [{\"ns\": \"a.b\", "
               "\"offset\": 13, \"timestamp\": {\"$timestamp\": {\"t\": 5, \"i\": 6}}, "
               "\"kind\": \"oplog\", \"op\": \"u\", \"field\": \"t\", \"reason\": \"gone\"}, "
               "{\"ns\": \"a.$cmd\", \"offset\": 0, \"timestamp\": {\"$timestamp\": {\"t\": 0, "
               "\"i\": 0}}, \"kind\": \"oplog\", \"op\": \"x\", \"field\": null, \"reason\": "
               "\"unknown\"}]}, "),
        "%s", json);
    free(json);
    result.command = BM_COMMAND_LIST;
    json = test_result_as_json(&result, BM_SHOW_VALUES);
    cr_expect_not_null(strstr(json, "\"forecast\": null, "), "%s", json);
    free(json);
    bm_result_free(&result);
}

/* Type and length of each type, as --redact shows them. */
Test(json, redacted_types)
{
    static const struct {
        const char *element;
        size_t len;
        const char *shown;
    } types[] = {
        {"\x01k\0\0\0\0\0\0\0\0\0", 11, "double 8"},
        {"\x02k\0\1\0\0\0\0", 8, "string 0"},
        {"\x03k\0\5\0\0\0\0", 8, "object 5"},
        {"\x04k\0\5\0\0\0\0", 8, "array 5"},
        {"\x05k\0\2\0\0\0\4\1\1", 10, "binData 2"},
        {"\x06k\0", 3, "undefined"},
        {"\x08k\0\1", 4, "bool 1"},
        {"\x09k\0\0\0\0\0\0\0\0\0", 11, "date 8"},
        {"\x0bk\0a\0\0", 6, "regex 3"},
        {"\x0ek\0\2\0\0\0a\0", 9, "symbol 1"},
        {"\x10k\0\0\0\0\0", 7, "int 4"},
        {"\x11k\0\0\0\0\0\0\0\0\0", 11, "timestamp 8"},
        {"\x12k\0\0\0\0\0\0\0\0\0", 11, "long 8"},
        {"\x13k\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 19, "decimal 16"},
        {"\xffk\0", 3, "minKey"},
        {"\x7fk\0", 3, "maxKey"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct bm_result result;
        bm_result_init(&result);
        struct bm_violation *violation = test_result_violation(&result, "a.b", "k_1");
        violation->key = test_result_document(types[i].element, types[i].len);
        char *json = test_result_as_json(&result, BM_REDACT_VALUES);
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "\"key\": {\"k\": {\"$redacted\": \"%s\"}}",
                       types[i].shown);
        cr_expect_not_null(strstr(json, wanted), "%s in %s", wanted, json);
        free(json);
        bm_result_free(&result);
    }
}
