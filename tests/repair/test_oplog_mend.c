/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "repair/oplog_mend.h"
#include "repair/plan.h"
#include "support/bson_text.h"
#include "support/judging.h"

/* Entries of an oplog that follow the rules: what comes out, and what is told of it. */

static struct judging judging;
static size_t oplog;

static void start(void)
{
    judging_start(&judging);
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    (void)judging_namespace(&judging, "db", "other", NULL);
    oplog = judging_namespace(&judging, "", "oplog", NULL);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(oplog_mend, .init = start, .fini = stop);

/* Each change stands where it says in the entry before; with the old elements in place of the new
 * ones the entry is as it was, but for the lengths above. */
static void check_changes(struct bm_view before, struct bm_view after,
                          const struct bm_change *changes, size_t count)
{
    struct bm_error err = BM_ERROR_INIT;
    size_t from = 0, to = 0, differing = 0;
    cr_expect_eq(bm_document_check(after, NULL, &err), BM_OK, "%s", err.text);
    for (size_t i = 0; i <= count; i++) {
        size_t end = i < count ? (size_t)changes[i].at : before.len;
        cr_assert(end >= from && end <= before.len && to + (end - from) <= after.len);
        for (size_t k = 0; k < end - from; k++) {
            differing += before.data[from + k] != after.data[to + k];
        }
        to += end - from;
        from = end;
        if (i < count) {
            struct bm_view there = {before.data + from, changes[i].before.len};
            struct bm_view now = {after.data + to, changes[i].after.len};
            cr_assert(there.len == 0 || bm_view_equal(there, changes[i].before));
            cr_assert(now.len == 0 || bm_view_equal(now, changes[i].after));
            from += changes[i].before.len;
            to += changes[i].after.len;
        }
    }
    cr_expect_eq(to, after.len);
    cr_expect(differing > 0);
}

/* Lets the documents of `judging`, as a batch of the oplog, follow the rules. */
static void follow(void)
{
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    bm_plan_start(judging.plan, BM_PASS_JUDGE);
    bm_buffer_clear(&judging.output);
    const struct bm_batch batch = {
        .ns = bm_catalog_namespace(judging.catalog, oplog),
        .bytes = bm_buffer_view(&judging.documents),
        .at = judging.at,
        .count = judging.count,
    };
    struct bm_edits edits;
    cr_assert_eq(bm_plan_oplog(judging.plan, &batch, &edits, &judging.err), BM_OK, "%s",
                 judging.err.text);
    size_t next = 0, change = 0;
    for (uint32_t i = 0; i < batch.count; i++) {
        struct bm_view before = {batch.bytes.data + batch.at[i], batch.at[i + 1] - batch.at[i]};
        struct bm_view after = before;
        size_t first = change;
        while (change < edits.change_count && edits.changes[change].ordinal == i) {
            change++;
        }
        if (next < edits.count && edits.edits[next].document == i) {
            after = edits.edits[next++].bytes;
            check_changes(before, after, edits.changes + first, change - first);
        }
        cr_assert_eq(bm_buffer_append(&judging.output, after, &judging.err), BM_OK);
    }
    cr_expect_eq(next, edits.count);
    cr_expect_eq(change, edits.change_count);
}

static const char *token(const char *field, const char *id, char *out)
{
    return judging_token("db.c", field, id, 1, out);
}

Test(oplog_mend, documents_at_any_depth)
{
    char one[33], two[33], three[33], expected[1024];
    judging_fill(&judging, "db.c:token=hex:32");
    judging_document(&judging, "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":1,\"token\":null}}");
    judging_document(&judging, "{\"op\":\"i\",\"ns\":\"db.other\",\"o\":{\"_id\":1}}");
    judging_document(&judging,
                     "{\"lsid\":1,\"op\":\"c\",\"ns\":\"admin.$cmd\",\"o\":{\"applyOps\":["
                     "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":2,\"x\":1}},"
                     "{\"op\":\"c\",\"ns\":\"db.$cmd\",\"o\":{\"applyOps\":["
                     "{\"op\":\"u\",\"ns\":\"db.c\",\"o\":{\"token\":\" \"},\"o2\":{\"_id\":3}}"
                     "],\"y\":[]}}],\"z\":null},\"t\":5}");
    follow();
    cr_expect_eq(judging.plan->oplog.finding_total, 0);
    token("token", "{\"_id\":1}", one);
    token("token", "{\"_id\":2}", two);
    token("token", "{\"_id\":3}", three);
    char first[256];
    (void)snprintf(first, sizeof first,
                   "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":1,\"token\":\"%s\"}}", one);
    (void)snprintf(expected, sizeof expected,
                   "{\"lsid\":1,\"op\":\"c\",\"ns\":\"admin.$cmd\",\"o\":{\"applyOps\":["
                   "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":2,\"x\":1,\"token\":\"%s\"}},"
                   "{\"op\":\"c\",\"ns\":\"db.$cmd\",\"o\":{\"applyOps\":["
                   "{\"op\":\"u\",\"ns\":\"db.c\",\"o\":{\"token\":\"%s\"},\"o2\":{\"_id\":3}}"
                   "],\"y\":[]}}],\"z\":null},\"t\":5}",
                   two, three);
    judging_expect(&judging, (const char *const[]){
                                 first, "{\"op\":\"i\",\"ns\":\"db.other\",\"o\":{\"_id\":1}}",
                                 expected, NULL});
}

/* As the judge makes them: parents that are missing, every entry of an array. */
Test(oplog_mend, paths_as_in_the_collection)
{
    judging_fill(&judging, "db.c:a.b=hex:32");
    judging_fill(&judging, "db.c:items.sku=hex:32");
    static const char *const documents[] = {
        "{\"_id\":1}",
        "{\"_id\":2,\"a\":{\"x\":1},\"items\":[{\"sku\":null},{\"sku\":1},{\"n\":1}]}",
    };
    for (size_t i = 0; i < 2; i++) {
        judging_document(&judging, documents[i]);
    }
    judging_run(&judging);
    struct bm_buffer mended = judging.output;
    judging.output = (struct bm_buffer)BM_BUFFER_INIT((size_t)1 << 20);
    judging_clear(&judging);
    for (size_t i = 0; i < 2; i++) {
        char entry[256];
        (void)snprintf(entry, sizeof entry, "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":%s}",
                       documents[i]);
        judging_document(&judging, entry);
    }
    follow();
    cr_expect_eq(judging.plan->oplog.finding_total, 0);
    size_t at = 0, inner = 0;
    while (at < judging.output.len) {
        struct bm_view entry = {judging.output.data + at, bm_le32(judging.output.data + at)};
        struct bm_element object;
        cr_assert_eq(bm_document_find(entry, bm_view_text("o"), &object, &judging.err), BM_OK);
        cr_assert(inner + object.value.len <= mended.len);
        cr_expect_eq(memcmp(object.value.data, mended.data + inner, object.value.len), 0);
        inner += object.value.len;
        at += entry.len;
    }
    cr_expect_eq(inner, mended.len);
    bm_buffer_free(&mended);
}

static void expect_finding(const char *reason)
{
    follow();
    judging_expect_same(&judging);
    cr_assert_eq(judging.plan->oplog.finding_total, 1);
    cr_expect_str_eq(judging.plan->oplog.findings[0].reason, reason);
    cr_expect_eq(judging.plan->targets[oplog].touched, 0);
    cr_expect_eq(judging.plan->targets[oplog].filled.missing, 0);
    judging_clear(&judging);
}

/* {op: "i", ns: "db.c", o: {_id: 1, x: <len bytes>}}, its o of `len` bytes in all. */
static struct bm_buffer large_insert(uint32_t len)
{
    struct bm_buffer entry =
        test_bson("{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":1,\"x\":\"\"}}");
    struct bm_buffer large = BM_BUFFER_INIT((size_t)64 << 20);
    struct bm_error err = BM_ERROR_INIT;
    uint32_t more = len - 22; /* what o has now */
    size_t object = entry.len - 1 - 22;
    size_t text = object + 4 + 9 + 3;
    cr_assert_eq(bm_le32(entry.data + object), 22);
    cr_assert_eq(bm_le32(entry.data + text), 1);
    bm_put_le32(entry.data, (uint32_t)entry.len + more);
    bm_put_le32(entry.data + object, len);
    bm_put_le32(entry.data + text, 1 + more);
    cr_assert_eq(bm_buffer_append(&large, (struct bm_view){entry.data, text + 4}, &err), BM_OK);
    cr_assert_eq(bm_buffer_reserve(&large, more, &err), BM_OK);
    memset(large.data + large.len, 'x', more);
    large.len += more;
    cr_assert_eq(bm_buffer_append(
                     &large, (struct bm_view){entry.data + text + 4, entry.len - text - 4}, &err),
                 BM_OK);
    bm_buffer_free(&entry);
    return large;
}

/* A token of 32 characters is an element of 44 bytes. */
Test(oplog_mend, sizes_are_not_passed)
{
    judging_fill(&judging, "db.c:token=hex:32");
    struct bm_buffer entry = large_insert(BM_DOCUMENT_MAX - 43);
    judging_bytes(&judging, bm_buffer_view(&entry));
    expect_finding("the document would pass 16777216 bytes");
    bm_buffer_free(&entry);
    entry = large_insert(BM_DOCUMENT_MAX - 44);
    judging_bytes(&judging, bm_buffer_view(&entry));
    follow();
    cr_expect_eq(judging.output.len, entry.len + 44);
    cr_expect_eq(judging.plan->oplog.finding_total, 0);
    bm_buffer_free(&entry);
    judging_clear(&judging);
}

/* Makes an entry `len` bytes long with one more field of its own, {p: <bytes>}. */
static void pad(struct bm_buffer *entry, uint32_t len)
{
    static const uint8_t head[] = {BM_TYPE_BINARY, 'p', 0};
    struct bm_error err = BM_ERROR_INIT;
    uint32_t bytes = len - (uint32_t)entry->len - sizeof head - 5;
    uint8_t words[5] = {0};
    bm_put_le32(words, bytes);
    entry->len--;
    cr_assert_eq(bm_buffer_append(entry, (struct bm_view){head, sizeof head}, &err), BM_OK);
    cr_assert_eq(bm_buffer_append(entry, (struct bm_view){words, sizeof words}, &err), BM_OK);
    cr_assert_eq(bm_buffer_reserve(entry, bytes + 1, &err), BM_OK);
    memset(entry->data + entry->len, 0, bytes + 1);
    entry->len += bytes + 1;
    bm_put_le32(entry->data, len);
}

Test(oplog_mend, no_entry_becomes_too_large)
{
    judging_fill(&judging, "db.c:token=hex:32");
    struct bm_buffer entry = large_insert(BM_DOCUMENT_MAX - 44);
    pad(&entry, BM_DOCUMENT_MAX_OPLOG - 43);
    judging_bytes(&judging, bm_buffer_view(&entry));
    expect_finding("its entry would pass 16793600 bytes");
    bm_buffer_free(&entry);
    entry = large_insert(BM_DOCUMENT_MAX - 44);
    pad(&entry, BM_DOCUMENT_MAX_OPLOG - 44);
    judging_bytes(&judging, bm_buffer_view(&entry));
    follow();
    cr_expect_eq(judging.output.len, BM_DOCUMENT_MAX_OPLOG);
    cr_expect_eq(judging.plan->oplog.finding_total, 0);
    bm_buffer_free(&entry);
}

/* mongorestore takes longer entries from a file, but not from an archive. */
Test(oplog_mend, no_entry_becomes_too_large_for_an_archive)
{
    judging_fill(&judging, "db.c:token=hex:32");
    judging.entry_most = BM_DOCUMENT_MAX;
    struct bm_buffer entry = large_insert(1000);
    pad(&entry, BM_DOCUMENT_MAX - 43);
    judging_bytes(&judging, bm_buffer_view(&entry));
    expect_finding("its entry would pass the 16777216 bytes that an archive takes");
    bm_buffer_free(&entry);
    entry = large_insert(1000);
    pad(&entry, BM_DOCUMENT_MAX - 44);
    judging_bytes(&judging, bm_buffer_view(&entry));
    follow();
    cr_expect_eq(judging.output.len, BM_DOCUMENT_MAX);
    cr_expect_eq(judging.plan->oplog.finding_total, 0);
    bm_buffer_free(&entry);
}

Test(oplog_mend, what_cannot_be_mended_is_told)
{
    judging_fill(&judging, "db.c:token=hex:32");
    judging_document(&judging, "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"token\":null}}");
    expect_finding("the document has no _id, so that its token is not known");
    judging_document(&judging, "{\"op\":\"db\",\"ns\":\"db.c\",\"o\":{}}");
    expect_finding("the operation is not known");
    judging_document(&judging, "{\"op\":\"u\",\"ns\":\"db.c\",\"o\":[{\"token\":1}]}");
    expect_finding("the operation has no document");
}

Test(oplog_mend, a_parent_that_is_no_document)
{
    judging_fill(&judging, "db.c:a.b=hex:32");
    judging_document(&judging, "{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":1,\"a\":null}}");
    expect_finding("what is above it is no document then");
}

/* Memory for the depth, and no recursion. */
Test(oplog_mend, ten_thousand_levels)
{
    static const char head[] = "op\0\2\0\0\0c\0\3o\0";
    enum { LEVELS = 10000 };
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer inner =
        test_bson("{\"op\":\"i\",\"ns\":\"db.c\",\"o\":{\"_id\":1,\"token\":null}}");
    /* int32 02 "op" … 03 "o" [int32 04 "applyOps" [int32 03 "0" inner 00] 00] 00 */
    uint32_t around = 4 + 1 + sizeof head - 1 + 4 + 10 + 4 + 3 + 3;
    struct bm_buffer entry = BM_BUFFER_INIT((size_t)4 << 20);
    for (uint32_t level = LEVELS; level > 0; level--) {
        uint32_t len = (uint32_t)inner.len + level * around;
        uint8_t words[4];
        bm_put_le32(words, len);
        cr_assert_eq(bm_buffer_append(&entry, (struct bm_view){words, 4}, &err), BM_OK);
        cr_assert_eq(bm_buffer_append_byte(&entry, 2, &err), BM_OK);
        cr_assert_eq(bm_buffer_append(
                         &entry, (struct bm_view){(const uint8_t *)head, sizeof head - 1}, &err),
                     BM_OK);
        bm_put_le32(words, len - (4 + 1 + sizeof head - 1) - 1);
        cr_assert_eq(bm_buffer_append(&entry, (struct bm_view){words, 4}, &err), BM_OK);
        cr_assert_eq(
            bm_buffer_append(&entry, (struct bm_view){(const uint8_t *)"\4applyOps", 10}, &err),
            BM_OK);
        bm_put_le32(words, len - (4 + 1 + sizeof head - 1) - 2 - 14);
        cr_assert_eq(bm_buffer_append(&entry, (struct bm_view){words, 4}, &err), BM_OK);
        cr_assert_eq(bm_buffer_append(&entry,
                                      (struct bm_view){(const uint8_t *)"\3"
                                                                        "0",
                                                       3},
                                      &err),
                     BM_OK);
    }
    cr_assert_eq(bm_buffer_append(&entry, bm_buffer_view(&inner), &err), BM_OK);
    for (uint32_t i = 0; i < 3 * LEVELS; i++) {
        cr_assert_eq(bm_buffer_append_byte(&entry, 0, &err), BM_OK);
    }
    judging_fill(&judging, "db.c:token=hex:32");
    judging_bytes(&judging, bm_buffer_view(&entry));
    follow();
    cr_expect_eq(judging.plan->targets[oplog].touched, 1);
    cr_expect_eq(judging.output.len, entry.len + 37);
    bm_buffer_free(&inner);
    bm_buffer_free(&entry);
}
