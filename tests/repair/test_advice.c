/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/bytes.h"
#include "support/judging.h"

#define UNIQUE(path)                                                                               \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},{\"v\":2,\"key\":{\"" path      \
    "\":1},\"name\":\"x_1\",\"unique\":true}]}"

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(advice, .init = start, .fini = stop);

/* The advice for db.c's index after its documents were judged: a fill or none, and whether what it
 * leaves is to be set aside. */
static void expect(const char *fill, int is_aside, uint64_t beyond)
{
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    const struct bm_index_result *index = &result.namespaces[0].indexes[1];
    size_t count = fill != NULL ? 1 : 0;
    cr_assert_eq(index->mend_count, count + (is_aside ? 1 : 0));
    cr_expect(fill == NULL || strcmp(index->mends[0], fill) == 0, "%s", index->mends[0]);
    cr_expect(!is_aside || strstr(index->mends[count], "--onDuplicate db.c:") != NULL);
    cr_expect_eq(index->beyond_fill, beyond);
    bm_result_free(&result);
}

/* A fill looks at the field, which is an array here, and leaves it. */
Test(advice, a_null_in_an_array_is_beyond_a_fill)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE("token"));
    judging_document(&judging, "{\"_id\":1,\"token\":[null]}");
    judging_document(&judging, "{\"_id\":2,\"token\":[null]}");
    judging_document(&judging, "{\"_id\":3,\"token\":[null,1]}");
    expect(NULL, 1, 2);
}

Test(advice, so_is_what_lies_under_a_null)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE("a.b"));
    judging_document(&judging, "{\"_id\":1,\"a\":null}");
    judging_document(&judging, "{\"_id\":2,\"a\":7}");
    judging_document(&judging, "{\"_id\":3,\"a\":{}}");
    expect("--fill db.c:a.b=hex:32", 1, 1);
}

/* One group is listed, or none at all: the advice is for all. */
Test(advice, comes_for_groups_that_are_not_listed)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE("token"));
    judging.group_limit = 0;
    judging_document(&judging, "{\"_id\":1,\"token\":\"x\"}");
    judging_document(&judging, "{\"_id\":2,\"token\":\"x\"}");
    judging_document(&judging, "{\"_id\":3}");
    judging_document(&judging, "{\"_id\":4}");
    expect("--fill db.c:token=hex:32", 1, 0);
}

/* The second field is filled where the first cannot be. */
Test(advice, takes_the_field_of_a_compound_key_that_can_be_filled)
{
    static const char metadata[] =
        "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},{\"v\":2,\"key\":"
        "{\"a\":1,\"b\":1},\"name\":\"x_1\",\"unique\":true}]}";
    (void)judging_namespace(&judging, "db", "c", metadata);
    judging_document(&judging, "{\"_id\":1,\"a\":[null]}");
    judging_document(&judging, "{\"_id\":2,\"a\":[null]}");
    expect("--fill db.c:b=hex:32", 0, 0);
}

/* What is no empty key is neither mended by a fill nor beyond it. */
Test(advice, values_get_none)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE("token"));
    judging_document(&judging, "{\"_id\":1,\"token\":1}");
    judging_document(&judging, "{\"_id\":2,\"token\":1}");
    judging_document(&judging, "{\"_id\":3,\"token\":[]}");
    judging_document(&judging, "{\"_id\":4,\"token\":[]}");
    expect(NULL, 1, 0);
}

/* { _id: 1, token: { a: { a: … {} } } } of so many levels; libbson's reader takes no such depth. */
static void add_deep(size_t levels)
{
    uint8_t bytes[4096] = {0};
    size_t inner = 5 + 8 * levels;
    size_t at = 4;
    memcpy(bytes + at, "\x10_id\0\1\0\0\0\x03token\0", 16);
    at += 16;
    for (size_t i = 0; i < levels; i++) {
        bm_put_le32(bytes + at, (uint32_t)(inner - 8 * i));
        memcpy(bytes + at + 4,
               "\x03"
               "a\0",
               3);
        at += 7;
    }
    bm_put_le32(bytes + at, 5);
    at += 5 + levels + 1;
    bm_put_le32(bytes, (uint32_t)at);
    judging_bytes(&judging, (struct bm_view){bytes, at});
}

/* A value too deep for a key, of a field that no index has: the reason is told all the same. */
Test(advice, a_filled_value_that_is_nested_too_deep_is_named)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_fill(&judging, "db.c:token=hex:32");
    add_deep(210);
    judging_run(&judging);
    cr_expect_eq(bm_plan_violations(judging.plan), 2);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2, "the document is refused as a whole, too");
    size_t own = result.violations[0].index[0] == '\0' ? 0 : 1;
    cr_expect_str_eq(result.violations[own].index, "");
    cr_expect_str_eq(result.violations[1 - own].index, "_id_");
    cr_expect_eq(result.violations[own].kind, BM_VIOLATION_UNINDEXABLE);
    cr_expect_not_null(strstr(result.violations[own].reason, "a value of token, which is filled: "),
                       "%s", result.violations[own].reason);
    bm_result_free(&result);
}
