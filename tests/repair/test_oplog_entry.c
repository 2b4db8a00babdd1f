/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/bytes.h"
#include "repair/oplog_entry.h"
#include "support/bson_text.h"

static struct bm_oplog_walk walk;
static struct bm_error err;

static void start(void)
{
    walk = (struct bm_oplog_walk)BM_OPLOG_WALK_INIT;
    err = BM_ERROR_INIT;
}

static void stop(void)
{
    bm_oplog_walk_free(&walk);
}

TestSuite(oplog_entry, .init = start, .fini = stop);

/* "kind ns path" of each operation, one a line; every parent holds the next, and the last of them
 * what the operation's own fields are. */
static void expect(struct bm_view entry, const char *expected)
{
    char text[4096] = "";
    size_t at = 0;
    struct bm_oplog_operation operation;
    enum bm_status status;
    bm_oplog_walk_start(&walk, entry);
    while ((status = bm_oplog_walk_next(&walk, &operation, &err)) == BM_OK) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%.*s %.*s %.*s\n",
                               (int)operation.kind.len, (const char *)operation.kind.data,
                               (int)operation.ns.len, (const char *)operation.ns.data,
                               (int)operation.path.len, (const char *)operation.path.data);
        cr_assert_lt(at, sizeof text);
        cr_assert_eq(operation.parents[0], 0);
        size_t end = entry.len;
        for (size_t i = 0; i < operation.parent_count; i++) {
            size_t own = operation.parents[i] + bm_le32(entry.data + operation.parents[i]);
            cr_expect_leq(own, end);
            end = own;
        }
        size_t object = (size_t)(operation.object.data - entry.data);
        cr_expect_gt(object, operation.parents[operation.parent_count - 1]);
        cr_expect_lt(object + operation.object.len, end);
    }
    cr_expect_eq(status, BM_END, "%s", err.text);
    cr_expect_str_eq(text, expected);
}

Test(oplog_entry, operations_at_any_depth)
{
    struct bm_buffer entry = test_bson(
        "{\"ts\":{\"$timestamp\":{\"t\":7,\"i\":3}},\"op\":\"c\",\"ns\":\"admin.$cmd\",\"o\":{"
        "\"applyOps\":[{\"op\":\"i\",\"ns\":\"d.a\",\"o\":{\"_id\":1}},5,"
        "{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"applyOps\":["
        "{\"ts\":{\"$timestamp\":{\"t\":9,\"i\":9}},\"op\":\"u\",\"ns\":\"d.b\",\"o\":{}}]}},"
        "{\"op\":\"d\",\"ns\":\"d.c\",\"o\":{\"_id\":2}}],\"prepare\":true}}");
    expect(bm_buffer_view(&entry), "c admin.$cmd \n"
                                   "i d.a o.applyOps.0.\n"
                                   "c d.$cmd o.applyOps.2.\n"
                                   "u d.b o.applyOps.2.o.applyOps.0.\n"
                                   "d d.c o.applyOps.3.\n");
    cr_expect_eq(walk.seconds, 7);
    cr_expect_eq(walk.increment, 3);
    bm_buffer_free(&entry);
    entry = test_bson("{\"op\":\"i\",\"ns\":\"d.a\",\"o\":{\"applyOps\":[{\"op\":\"i\"}]}}");
    expect(bm_buffer_view(&entry), "i d.a \n");
    cr_expect_eq(walk.seconds, 0);
    bm_buffer_free(&entry);
}

Test(oplog_entry, damage_ends_the_walk)
{
    struct bm_oplog_operation operation;
    struct bm_buffer entry =
        test_bson("{\"op\":\"c\",\"ns\":\"d.$cmd\",\"o\":{\"applyOps\":[{\"op\":\"i\"}]}}");
    entry.data[entry.len - 14] = 0x7e; /* the type of the inner operation's field */
    bm_oplog_walk_start(&walk, bm_buffer_view(&entry));
    cr_expect_eq(bm_oplog_walk_next(&walk, &operation, &err), BM_OK);
    cr_expect_eq(bm_oplog_walk_next(&walk, &operation, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    bm_buffer_free(&entry);
}
