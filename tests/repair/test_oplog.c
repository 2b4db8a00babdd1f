/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "repair/oplog.h"
#include "support/bson_text.h"

static struct bm_oplog oplog;
static struct bm_error err;

static void start(void)
{
    oplog = (struct bm_oplog){.total = 0};
    err = BM_ERROR_INIT;
}

static void stop(void)
{
    bm_oplog_free(&oplog);
}

TestSuite(oplog, .init = start, .fini = stop);

static void read_entry(const char *json, uint64_t offset)
{
    struct bm_buffer entry = test_bson(json);
    struct bm_error unheard = BM_ERROR_INIT;
    cr_assert_eq(bm_oplog_read(&oplog, bm_buffer_view(&entry), offset, &unheard, &err), BM_OK, "%s",
                 err.text);
    bm_buffer_free(&entry);
}

/* "command ns index" of each, one a line. */
static void expect(const char *expected)
{
    char text[4096] = "";
    size_t at = 0;
    for (size_t i = 0; i < oplog.command_count; i++) {
        const struct bm_index_command *command = &oplog.commands[i];
        at += (size_t)snprintf(text + at, sizeof text - at, "%s %s %s\n", command->command,
                               command->ns, command->index != NULL ? command->index : "-");
        cr_assert_lt(at, sizeof text);
    }
    cr_expect_str_eq(text, expected);
    cr_expect_eq(oplog.total, oplog.command_count);
}

#define ENTRY(ns, object)                                                                          \
    "{\"ts\":{\"$timestamp\":{\"t\":7,\"i\":3}},\"op\":\"c\",\"ns\":\"" ns "\",\"o\":" object "}"

Test(oplog, index_builds_that_are_unique)
{
    read_entry(ENTRY("d.$cmd",
                     "{\"createIndexes\":\"c\",\"v\":2,\"key\":{\"a\":1},\"name\":\"a_1\","
                     "\"unique\":true}"),
               815);
    read_entry(ENTRY("d.$cmd", "{\"createIndexes\":\"c\",\"key\":{\"a\":1},\"name\":\"plain\"}"),
               0);
    read_entry(ENTRY("d.$cmd", "{\"createIndexes\":\"c\",\"key\":{\"a\":1},\"name\":\"off\","
                               "\"unique\":0}"),
               0);
    read_entry(ENTRY("d.$cmd",
                     "{\"commitIndexBuild\":\"c.d\",\"indexes\":[{\"name\":\"x\"},"
                     "{\"name\":\"y\",\"unique\":1},{\"name\":\"z\",\"prepareUnique\":true}]}"),
               0);
    read_entry(ENTRY("d.$cmd", "{\"startIndexBuild\":\"c\",\"indexes\":[{\"name\":\"y\","
                               "\"unique\":true}]}"),
               0);
    expect("createIndexes d.c a_1\ncommitIndexBuild d.c.d y\ncommitIndexBuild d.c.d z\n");
    cr_expect_eq(oplog.commands[0].offset, 815);
    cr_expect_eq(oplog.commands[0].seconds, 7);
    cr_expect_eq(oplog.commands[0].increment, 3);
}

Test(oplog, an_insert_into_system_indexes_is_one_of_old)
{
    read_entry("{\"op\":\"i\",\"ns\":\"d.system.indexes\",\"o\":{\"ns\":\"d.c.e\",\"name\":\"a_1\","
               "\"unique\":true,\"key\":{\"a\":1}}}",
               0);
    read_entry("{\"op\":\"i\",\"ns\":\"d.system.indexes\",\"o\":{\"ns\":\"d.c\",\"name\":\"b_1\"}}",
               0);
    read_entry("{\"op\":\"i\",\"ns\":\"d.c\",\"o\":{\"name\":\"a_1\",\"unique\":true}}", 0);
    expect("createIndexes d.c.e a_1\n");
}

Test(oplog, indexes_dropped_and_modified)
{
    read_entry(ENTRY("d.$cmd", "{\"dropIndexes\":\"c\",\"index\":\"a_1\"}"), 0);
    read_entry("{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"dropIndexes\":\"c\",\"index\":\"b_1\"},"
               "\"o2\":{\"v\":2,\"name\":\"b_1\"}}",
               0);
    read_entry("{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"deleteIndexes\":\"c\",\"index\":\"u_1\"},"
               "\"o2\":{\"v\":2,\"name\":\"u_1\",\"unique\":true}}",
               0);
    read_entry(ENTRY("d.$cmd", "{\"dropIndexes\":\"c\",\"index\":\"*\"}"), 0);
    read_entry(ENTRY("d.$cmd", "{\"collMod\":\"c\",\"index\":{\"name\":\"a_1\",\"unique\":true}}"),
               0);
    read_entry(ENTRY("d.$cmd", "{\"collMod\":\"c\",\"index\":{\"name\":\"t_1\",\"hidden\":true}}"),
               0);
    read_entry(ENTRY("d.$cmd", "{\"collMod\":\"c\",\"index\":{\"keyPattern\":{\"b\":1},"
                               "\"forceNonUnique\":true}}"),
               0);
    read_entry(ENTRY("d.$cmd", "{\"collMod\":\"c\",\"validator\":{}}"), 0);
    expect("dropIndexes d.c a_1\ndeleteIndexes d.c u_1\ndropIndexes d.c *\ncollMod d.c a_1\n"
           "collMod d.c -\n");
}

Test(oplog, what_takes_collections_away)
{
    read_entry(ENTRY("d.$cmd", "{\"drop\":\"c\"}"), 0);
    read_entry(ENTRY("d.$cmd", "{\"dropDatabase\":1}"), 0);
    read_entry(ENTRY("d.$cmd", "{\"renameCollection\":\"d.a\",\"to\":\"e.b\"}"), 0);
    read_entry(ENTRY("d.$cmd", "{\"convertToCapped\":\"c\",\"size\":1}"), 0);
    read_entry(ENTRY("d.$cmd", "{\"create\":\"c\"}"), 0);
    read_entry("{\"op\":\"i\",\"ns\":\"d.c\",\"o\":{\"drop\":\"c\"}}", 0);
    read_entry("{\"op\":\"n\",\"ns\":\"\",\"o\":{\"drop\":\"c\"}}", 0);
    expect("drop d.c -\ndropDatabase d -\nrenameCollection d.a -\nconvertToCapped d.c -\n");
}

/* At any depth, in order, with the timestamp of the outermost entry. */
Test(oplog, inside_apply_ops)
{
    read_entry(
        ENTRY("admin.$cmd",
              "{\"applyOps\":["
              "{\"ts\":{\"$timestamp\":{\"t\":9,\"i\":9}},\"op\":\"c\",\"ns\":\"d.$cmd\","
              "\"o\":{\"drop\":\"first\"}},"
              "{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"applyOps\":[{\"op\":\"c\",\"ns\":"
              "\"e.$cmd\",\"o\":{\"applyOps\":[{\"op\":\"c\",\"ns\":\"f.$cmd\",\"o\":{\"drop\":"
              "\"deep\"}}]}},{\"op\":\"c\",\"ns\":\"e.$cmd\",\"o\":{\"drop\":\"second\"}}]}},"
              "{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"drop\":\"last\"}}]}"),
        5);
    expect("drop d.first -\ndrop f.deep -\ndrop e.second -\ndrop d.last -\n");
    cr_expect_eq(oplog.commands[1].seconds, 7);
    cr_expect_eq(oplog.commands[1].offset, 5);
}

Test(oplog, the_list_is_bounded_and_the_total_exact)
{
    struct bm_result result;
    for (unsigned i = 0; i < BM_OPLOG_KEPT + 3; i++) {
        read_entry(ENTRY("d.$cmd", "{\"drop\":\"c\"}"), i);
    }
    cr_expect_eq(oplog.command_count, BM_OPLOG_KEPT);
    cr_expect_eq(oplog.total, BM_OPLOG_KEPT + 3);
    bm_result_init(&result);
    cr_assert_eq(bm_oplog_report(&oplog, &result, &err), BM_OK);
    cr_expect_eq(result.index_command_count, BM_OPLOG_KEPT);
    cr_expect_eq(result.index_command_total, BM_OPLOG_KEPT + 3);
    cr_expect_eq(result.note_count, 0);
    bm_result_free(&result);
}

/* Damage is told, and what stands before it is kept. */
Test(oplog, damage_inside_an_entry)
{
    struct bm_buffer entry = test_bson("{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"applyOps\":[{"
                                       "\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":"
                                       "{\"drop\":\"c\"}},{\"op\":\"c\"}]}}");
    entry.data[entry.len - 14] = 0x42; /* the type of the last op */
    struct bm_error damage = BM_ERROR_INIT;
    cr_assert_eq(bm_oplog_read(&oplog, bm_buffer_view(&entry), 0, &damage, &err), BM_END);
    expect("drop d.c -\n");
    cr_expect_eq(damage.code, BM_ERROR_CORRUPT);
    cr_expect_eq(damage.offset, entry.len - 14, "at %llu", (unsigned long long)damage.offset);
    bm_buffer_free(&entry);
}

/* Also where no command is looked for. */
Test(oplog, damage_inside_an_insert)
{
    struct bm_buffer entry = test_bson("{\"op\":\"i\",\"ns\":\"d.c\",\"o\":{\"a\":true}}");
    struct bm_error damage = BM_ERROR_INIT;
    entry.data[entry.len - 6] = 0x42; /* the type of a */
    cr_assert_eq(bm_oplog_read(&oplog, bm_buffer_view(&entry), 0, &damage, &err), BM_END);
    cr_expect_eq(damage.code, BM_ERROR_CORRUPT);
    bm_buffer_free(&entry);
}
