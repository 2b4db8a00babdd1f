/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "bsonmend/rules.h"

static struct bm_rules rules;
static struct bm_error err;

static void start(void)
{
    bm_rules_init(&rules);
    err = BM_ERROR_INIT;
}

static void stop(void)
{
    bm_rules_free(&rules);
}

TestSuite(rules, .init = start, .fini = stop);

Test(rules, start_with_everything_empty_and_three_attempts)
{
    cr_assert_eq(rules.empty,
                 BM_EMPTY_MISSING | BM_EMPTY_NULL | BM_EMPTY_UNDEFINED | BM_EMPTY_BLANK);
    cr_assert_eq(rules.attempts, 3);
    cr_assert_eq(rules.fill_count + rules.unique_count, 0);
    cr_assert(bm_rules_select(&rules, "any.thing"));
}

static const struct {
    const char *text, *ns, *field, *token;
} fills[] = {
    {"token", NULL, "token", ""},
    {"token=hex:32", NULL, "token", "hex:32"},
    {"a.b.c=uuid4", NULL, "a.b.c", "uuid4"},
    {"db.c:token=hex:32", "db.c", "token", "hex:32"},
    {"db.c.d:a.b=R-{base62:12}", "db.c.d", "a.b", "R-{base62:12}"},
    {"db.c:d:token", "db.c:d", "token", ""},
    {"f=x={hex:20}", NULL, "f", "x={hex:20}"},
    {"f=a:b{hex:20}", NULL, "f", "a:b{hex:20}"},
};

Test(rules, fill_is_cut_at_its_first_equals_sign_and_its_last_colon)
{
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
        cr_assert_eq(bm_rules_add_fill(&rules, fills[i].text, &err), BM_OK, "%s: %s", fills[i].text,
                     err.text);
        cr_assert_eq(rules.fill_count, i + 1);
        const struct bm_fill_rule *rule = &rules.fills[i];
        if (fills[i].ns == NULL) {
            cr_assert_null(rule->ns, "%s", fills[i].text);
        } else {
            cr_assert_str_eq(rule->ns, fills[i].ns);
        }
        cr_assert_str_eq(rule->field, fills[i].field);
        cr_assert_str_eq(rule->shape.text, fills[i].token[0] != '\0' ? fills[i].token : "auto");
        cr_assert_eq(rule->shape.kind == BM_TOKEN_UNSAID, fills[i].token[0] == '\0');
    }
}

static const char *const bad_fills[] = {
    "",         "=hex:32",   "db.c:",       "db.c:=hex:32", ":token",    "db:token",
    ".c:token", "db.:token", "a..b=hex:32", ".a=hex:32",    "a.=hex:32", "$a=hex:32",
    "token=",   "token=hex", "token=hex:0", "token=md5:32",
};

Test(rules, bad_fills_are_usage_errors_and_add_nothing)
{
    for (size_t i = 0; i < sizeof bad_fills / sizeof *bad_fills; i++) {
        err = BM_ERROR_INIT;
        cr_assert_eq(bm_rules_add_fill(&rules, bad_fills[i], &err), BM_FAIL, "%s", bad_fills[i]);
        cr_assert_eq(err.code, BM_ERROR_USAGE, "%s", bad_fills[i]);
        cr_assert_neq(err.text[0], '\0');
        cr_assert_eq(rules.fill_count, 0);
    }
}

Test(rules, unique_lists_its_fields)
{
    cr_assert_eq(bm_rules_add_unique(&rules, "a", &err), BM_OK);
    cr_assert_eq(bm_rules_add_unique(&rules, "db.c:a.b,c,d.0", &err), BM_OK, "%s", err.text);
    cr_assert_eq(rules.unique_count, 2);
    cr_assert_null(rules.uniques[0].ns);
    cr_assert_eq(rules.uniques[0].field_count, 1);
    cr_assert_str_eq(rules.uniques[0].fields[0], "a");
    cr_assert_str_eq(rules.uniques[1].ns, "db.c");
    cr_assert_eq(rules.uniques[1].field_count, 3);
    cr_assert_str_eq(rules.uniques[1].fields[0], "a.b");
    cr_assert_str_eq(rules.uniques[1].fields[1], "c");
    cr_assert_str_eq(rules.uniques[1].fields[2], "d.0");
}

static const char *const bad_uniques[] = {"", "db.c:", "a,", ",a", "a,,b", "a,a", "a..b", "x:a"};

Test(rules, bad_uniques_are_usage_errors_and_add_nothing)
{
    for (size_t i = 0; i < sizeof bad_uniques / sizeof *bad_uniques; i++) {
        err = BM_ERROR_INIT;
        cr_assert_eq(bm_rules_add_unique(&rules, bad_uniques[i], &err), BM_FAIL, "%s",
                     bad_uniques[i]);
        cr_assert_eq(err.code, BM_ERROR_USAGE, "%s", bad_uniques[i]);
        cr_assert_eq(rules.unique_count, 0);
    }
}

static const struct {
    const char *list;
    unsigned empty; /* 0: refused */
} empties[] = {
    {"missing", BM_EMPTY_MISSING},
    {"null,blank", BM_EMPTY_NULL | BM_EMPTY_BLANK},
    {"undefined,missing,undefined", BM_EMPTY_UNDEFINED | BM_EMPTY_MISSING},
    {"", 0},
    {"null,", 0},
    {"nul", 0},
    {"null blank", 0},
};

Test(rules, empty_takes_a_list_of_words)
{
    for (size_t i = 0; i < sizeof empties / sizeof *empties; i++) {
        bm_rules_free(&rules);
        err = BM_ERROR_INIT;
        unsigned before = rules.empty;
        enum bm_status expected = empties[i].empty != 0 ? BM_OK : BM_FAIL;
        cr_assert_eq(bm_rules_set_empty(&rules, empties[i].list, &err), expected, "%s",
                     empties[i].list);
        cr_assert_eq(rules.empty, empties[i].empty != 0 ? empties[i].empty : before);
        cr_assert_eq(err.code, expected == BM_OK ? BM_ERROR_NONE : BM_ERROR_USAGE);
    }
}

static const struct {
    const char *pattern, *ns;
    int matches;
} patterns[] = {
    {"a.b", "a.b", 1},
    {"a.b", "a.bc", 0},
    {"a.b", "xa.b", 0},
    {"a.*", "a.", 1},
    {"a.*", "a.b.c", 1},
    {"*", "", 1},
    {"*", "any.thing", 1},
    {"*.c", "a.b.c", 1},
    {"*.c", "a.b.d", 0},
    {"a*b*c", "aXbYbZc", 1},
    {"a*b*c", "aXbYbZ", 0},
    {"**", "x", 1},
    {"a.b*", "a.b", 1},
    {"a.\\*", "a.*", 1},
    {"a.\\*", "a.x", 0},
    {"a.\\\\x", "a.\\x", 1},
    {"*\\*", "a.b*", 1},
    {"*\\*", "a.b", 0},
    {"*a*a*a*b", "aaaaaaa", 0},
    {"A.b", "a.b", 0},
    {"d.ts", "d.system.buckets.ts", 1},
    {"d.system.buckets.*", "d.system.buckets.ts", 1},
    {"d.ts", "d.x.system.buckets.ts", 0},
    {"*.buckets.ts", "d.ts", 0},
};

Test(rules, patterns_match_the_whole_name)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        bm_rules_free(&rules);
        cr_assert_eq(bm_rules_add_include(&rules, patterns[i].pattern, &err), BM_OK);
        cr_assert_eq(bm_rules_select(&rules, patterns[i].ns), patterns[i].matches, "%s on %s",
                     patterns[i].pattern, patterns[i].ns);
    }
}

Test(rules, select_needs_one_include_and_no_exclude)
{
    cr_assert_eq(bm_rules_add_include(&rules, "a.*", &err), BM_OK);
    cr_assert_eq(bm_rules_add_include(&rules, "b.x", &err), BM_OK);
    cr_assert_eq(bm_rules_add_exclude(&rules, "*.tmp*", &err), BM_OK);
    cr_assert(bm_rules_select(&rules, "a.c"));
    cr_assert(bm_rules_select(&rules, "b.x"));
    cr_assert(!bm_rules_select(&rules, "b.y"));
    cr_assert(!bm_rules_select(&rules, "a.tmp1"));
}

Test(rules, patterns_that_mean_nothing_are_refused)
{
    cr_assert_eq(bm_rules_add_include(&rules, "", &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_USAGE);
    err = BM_ERROR_INIT;
    cr_assert_eq(bm_rules_add_exclude(&rules, "a.b\\", &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_USAGE);
    cr_assert_eq(rules.include_count + rules.exclude_count, 0);
}
