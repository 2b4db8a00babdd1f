/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <string.h>

#include <criterion/criterion.h>

typedef enum bm_status adder(struct bm_rules *, const char *, struct bm_error *);

enum what { UNSET, DUPLICATE, KEEP, INDEX, REQUIRE };

static adder *const adders[] = {bm_rules_add_unset, bm_rules_add_duplicate, bm_rules_add_keep,
                                bm_rules_add_index, bm_rules_add_require};

/* The last rule of a sort, as its parts. */
struct parts {
    const char *ns;
    const char *name;
    int action;
    int partial;
};

static struct parts last_of(const struct bm_rules *rules, enum what what)
{
    switch (what) {
    case UNSET:
        return (struct parts){rules->unsets[0].ns, rules->unsets[0].field, 0, 0};
    case DUPLICATE:
        return (struct parts){rules->duplicates[0].ns, rules->duplicates[0].index,
                              (int)rules->duplicates[0].action, 0};
    case KEEP:
        return (struct parts){rules->keeps[0].ns, rules->keeps[0].field, (int)rules->keeps[0].which,
                              0};
    case INDEX:
        return (struct parts){rules->indexes[0].ns, rules->indexes[0].index,
                              (int)rules->indexes[0].action, (int)rules->indexes[0].partial};
    case REQUIRE:
        break;
    }
    return (struct parts){rules->requires[0].ns, rules->requires[0].field, 0, 0};
}

static const struct {
    enum what what;
    const char *text;
    struct parts parts;
} good[] = {
    {UNSET, "a", {NULL, "a", 0, 0}},
    {UNSET, "d.c:a.b", {"d.c", "a.b", 0, 0}},
    {UNSET, "d.c.e:x:a", {"d.c.e:x", "a", 0, 0}},
    {REQUIRE, "a", {NULL, "a", 0, 0}},
    {REQUIRE, "d.c:a.b", {"d.c", "a.b", 0, 0}},
    {DUPLICATE, "a_1=fail", {NULL, "a_1", BM_DUPLICATE_FAIL, 0}},
    {DUPLICATE, "a_1=refill", {NULL, "a_1", BM_DUPLICATE_REFILL, 0}},
    {DUPLICATE, "d.c:a.b_1=reject", {"d.c", "a.b_1", BM_DUPLICATE_REJECT, 0}},
    {DUPLICATE, "d.c:_id_=reject", {"d.c", "_id_", BM_DUPLICATE_REJECT, 0}},
    {DUPLICATE, "d.c:validator=leave", {"d.c", "validator", BM_DUPLICATE_LEAVE, 0}},
    {KEEP, "first", {NULL, NULL, BM_KEEP_FIRST, 0}},
    {KEEP, "d.c:last", {"d.c", NULL, BM_KEEP_LAST, 0}},
    {KEEP, "newest(createdAt)", {NULL, "createdAt", BM_KEEP_NEWEST, 0}},
    {KEEP, "d.c:oldest(a.b)", {"d.c", "a.b", BM_KEEP_OLDEST, 0}},
    {INDEX, "a_1=partial", {NULL, "a_1", BM_INDEX_ACTION_PARTIAL, BM_PARTIAL_STRING}},
    {INDEX, "a_1=partial:string", {NULL, "a_1", BM_INDEX_ACTION_PARTIAL, BM_PARTIAL_STRING}},
    {INDEX,
     "d.c:a_1=partial:objectId",
     {"d.c", "a_1", BM_INDEX_ACTION_PARTIAL, BM_PARTIAL_OBJECT_ID}},
    {INDEX, "a_1=partial:binData", {NULL, "a_1", BM_INDEX_ACTION_PARTIAL, BM_PARTIAL_BIN_DATA}},
    {INDEX, "a_1=partial:number", {NULL, "a_1", BM_INDEX_ACTION_PARTIAL, BM_PARTIAL_NUMBER}},
    {INDEX, "a_1=partial:date", {NULL, "a_1", BM_INDEX_ACTION_PARTIAL, BM_PARTIAL_DATE}},
    {INDEX, "a_1=sparse", {NULL, "a_1", BM_INDEX_ACTION_SPARSE, 0}},
    {INDEX, "a_1=nonunique", {NULL, "a_1", BM_INDEX_ACTION_NONUNIQUE, 0}},
    {INDEX, "d.c:a_1=drop", {"d.c", "a_1", BM_INDEX_ACTION_DROP, 0}},
};

static void expect_text(const char *actual, const char *expected, const char *text)
{
    cr_expect_eq(actual == NULL, expected == NULL, "%s", text);
    if (actual != NULL && expected != NULL) {
        cr_expect_str_eq(actual, expected, "%s", text);
    }
}

Test(rules_change, parts_of_a_text)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_rules rules;
        bm_rules_init(&rules);
        cr_assert_eq(adders[good[i].what](&rules, good[i].text, &err), BM_OK, "%s: %s",
                     good[i].text, err.text);
        struct parts parts = last_of(&rules, good[i].what);
        expect_text(parts.ns, good[i].parts.ns, good[i].text);
        expect_text(parts.name, good[i].parts.name, good[i].text);
        cr_expect_eq(parts.action, good[i].parts.action, "%s", good[i].text);
        cr_expect_eq(parts.partial, good[i].parts.partial, "%s", good[i].text);
        bm_rules_free(&rules);
        cr_expect_eq(rules.unset_count + rules.duplicate_count + rules.keep_count +
                         rules.index_count + rules.require_count,
                     0);
    }
}

static const struct {
    enum what what;
    const char *text;
    const char *error;
} bad[] = {
    {UNSET, "", "'': no field is named"},
    {UNSET, "d.c:", "'d.c:': no field is named"},
    {UNSET, "d:a", "'d:a': a namespace before ':' is written DATABASE.COLLECTION"},
    {REQUIRE, ".c:a", "'.c:a': a namespace before ':' is written DATABASE.COLLECTION"},
    {DUPLICATE, "a_1", "'a_1' is to be written [NS:]INDEX=ACTION"},
    {DUPLICATE, "=reject", "'=reject': no index is named"},
    {DUPLICATE, "a_1=drop", "'a_1=drop': 'drop' is none of fail, refill, reject, leave"},
    {DUPLICATE, "a_1=", "'a_1=': '' is none of fail, refill, reject, leave"},
    {KEEP, "", "'': '' is none of first, last, newest(FIELD), oldest(FIELD)"},
    {KEEP, "newest", "'newest': 'newest' is none of first, last, newest(FIELD), oldest(FIELD)"},
    {KEEP, "newest(", "'newest(': 'newest(' is none of first, last, newest(FIELD), oldest(FIELD)"},
    {KEEP, "first(a)",
     "'first(a)': 'first(a)' is none of first, last, newest(FIELD), oldest(FIELD)"},
    {KEEP, "newest()", "'newest()': no field is named"},
    {INDEX, "a_1", "'a_1' is to be written [NS:]INDEX=ACTION"},
    {INDEX, "a_1=unique",
     "'a_1=unique': 'unique' is none of partial[:TYPE], sparse, nonunique, drop"},
    {INDEX, "a_1=drop:date",
     "'a_1=drop:date': 'drop:date' is none of partial[:TYPE], sparse, nonunique, drop"},
    {INDEX,
     "a_1=partial:", "'a_1=partial:': '' is none of string, objectId, binData, number, date"},
    {INDEX, "a_1=partial:int",
     "'a_1=partial:int': 'int' is none of string, objectId, binData, number, date"},
};

Test(rules_change, what_is_wrong_is_said)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_rules rules;
        bm_rules_init(&rules);
        cr_expect_eq(adders[bad[i].what](&rules, bad[i].text, &err), BM_FAIL, "%s", bad[i].text);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s", bad[i].text);
        cr_expect_str_eq(err.text, bad[i].error, "%s", err.text);
        bm_rules_free(&rules);
    }
}
