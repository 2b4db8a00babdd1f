/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <string.h>

#include <criterion/criterion.h>

#include "support/scratch.h"

#define ALL_EMPTY (BM_EMPTY_MISSING | BM_EMPTY_NULL | BM_EMPTY_UNDEFINED | BM_EMPTY_BLANK)

/* The example of the manual, and a second namespace. */
static const char example[] =
    "{\"rules\": [{\"ns\": \"demo.results\",\n"
    " \"fill\": {\"resultToken\": \"auto\", \"a.b\": \"R-{base62:10}\"},\n"
    " \"empty\": [\"missing\", \"null\"], \"unset\": [\"shareCode\"],\n"
    " \"unique\": [[\"attempt\"], [\"x\", \"y.z\"]], \"keep\": \"newest(createdAt)\",\n"
    " \"duplicates\": {\"resultToken_1\": \"refill\", \"a:b=1\": \"reject\"},\n"
    " \"indexes\": {\"resultToken_1\": \"partial\", \"n_1\": \"partial:number\"},\n"
    " \"require\": [\"resultToken\"]},\n"
    "{\"ns\": \"a.b.c\", \"fill\": {\"t\": \"hex:32\"}}]}";

Test(rules_file, fills_the_structs)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_rules rules;
    bm_rules_init(&rules);
    cr_assert_eq(bm_rules_parse(&rules, bm_view_text(example), &err), BM_OK, "%s", err.text);
    cr_assert_eq(rules.fill_count, 3);
    cr_expect_str_eq(rules.fills[0].ns, "demo.results");
    cr_expect_str_eq(rules.fills[0].field, "resultToken");
    cr_expect_eq(rules.fills[0].shape.kind, BM_TOKEN_UNSAID);
    cr_expect_eq(rules.fills[0].empty, BM_EMPTY_MISSING | BM_EMPTY_NULL);
    cr_expect_str_eq(rules.fills[1].field, "a.b");
    cr_expect_str_eq(rules.fills[1].shape.text, "R-{base62:10}");
    cr_expect_str_eq(rules.fills[2].ns, "a.b.c");
    cr_expect_eq(rules.fills[2].empty, 0);
    cr_expect_eq(rules.empty, ALL_EMPTY);
    cr_assert_eq(rules.unset_count, 1);
    cr_expect_str_eq(rules.unsets[0].field, "shareCode");
    cr_expect_eq(rules.unsets[0].empty, BM_EMPTY_MISSING | BM_EMPTY_NULL);
    cr_assert_eq(rules.unique_count, 2);
    cr_assert_eq(rules.uniques[1].field_count, 2);
    cr_expect_str_eq(rules.uniques[1].fields[1], "y.z");
    cr_assert_eq(rules.keep_count, 1);
    cr_expect_eq(rules.keeps[0].which, BM_KEEP_NEWEST);
    cr_expect_str_eq(rules.keeps[0].field, "createdAt");
    cr_assert_eq(rules.duplicate_count, 2);
    cr_expect_str_eq(rules.duplicates[1].index, "a:b=1");
    cr_expect_eq(rules.duplicates[1].action, BM_DUPLICATE_REJECT);
    cr_assert_eq(rules.index_count, 2);
    cr_expect_eq(rules.indexes[1].partial, BM_PARTIAL_NUMBER);
    cr_assert_eq(rules.require_count, 1);
    cr_expect_str_eq(rules.requires[0].field, "resultToken");
    bm_rules_free(&rules);
}

/* The same rules from flags: the same structs. */
Test(rules_file, says_what_flags_say)
{
    static const char text[] =
        "{\"rules\":[{\"ns\":\"d.c\",\"fill\":{\"t\":\"hex:32\"},\"unset\":[\"u\"],\"keep\":"
        "\"last\",\"duplicates\":{\"t_1\":\"reject\"},\"indexes\":{\"t_1\":\"sparse\"},"
        "\"unique\":[[\"x\",\"y\"]],\"require\":[\"t\"]}]}";
    struct bm_error err = BM_ERROR_INIT;
    struct bm_rules file;
    struct bm_rules flags;
    bm_rules_init(&file);
    bm_rules_init(&flags);
    cr_assert_eq(bm_rules_parse(&file, bm_view_text(text), &err), BM_OK, "%s", err.text);
    cr_assert_eq(bm_rules_add_fill(&flags, "d.c:t=hex:32", &err), BM_OK);
    cr_assert_eq(bm_rules_add_unset(&flags, "d.c:u", &err), BM_OK);
    cr_assert_eq(bm_rules_add_keep(&flags, "d.c:last", &err), BM_OK);
    cr_assert_eq(bm_rules_add_duplicate(&flags, "d.c:t_1=reject", &err), BM_OK);
    cr_assert_eq(bm_rules_add_index(&flags, "d.c:t_1=sparse", &err), BM_OK);
    cr_assert_eq(bm_rules_add_unique(&flags, "d.c:x,y", &err), BM_OK);
    cr_assert_eq(bm_rules_add_require(&flags, "d.c:t", &err), BM_OK);
    cr_expect_str_eq(file.fills[0].ns, flags.fills[0].ns);
    cr_expect_str_eq(file.fills[0].field, flags.fills[0].field);
    cr_expect_eq(memcmp(&file.fills[0].shape, &flags.fills[0].shape, sizeof flags.fills[0].shape),
                 0);
    cr_expect_str_eq(file.unsets[0].field, flags.unsets[0].field);
    cr_expect_eq(file.keeps[0].which, flags.keeps[0].which);
    cr_expect_str_eq(file.duplicates[0].index, flags.duplicates[0].index);
    cr_expect_eq(file.duplicates[0].action, flags.duplicates[0].action);
    cr_expect_str_eq(file.indexes[0].index, flags.indexes[0].index);
    cr_expect_eq(file.indexes[0].action, flags.indexes[0].action);
    cr_expect_eq(file.uniques[0].field_count, flags.uniques[0].field_count);
    cr_expect_str_eq(file.uniques[0].fields[1], flags.uniques[0].fields[1]);
    cr_expect_str_eq(file.requires[0].field, flags.requires[0].field);
    cr_expect_str_eq(file.requires[0].ns, flags.requires[0].ns);
    bm_rules_free(&file);
    bm_rules_free(&flags);
}

#define ONE(rest) "{\"rules\":[{\"ns\":\"d.c\"," rest "}]}"

static const struct {
    const char *text;
    const char *error;
    uint64_t offset;
} bad[] = {
    {"", "not JSON: an object is expected", 0},
    {"[]", "not JSON: an object is expected", 0},
    {"{\"rules\":[{]}", "not JSON: a name in double quotes is expected", 11},
    {"{}", "the file: there are no \"rules\" in it", BM_NO_OFFSET},
    {"{\"rule\":[]}", "rule: no such key; there is \"rules\"", BM_NO_OFFSET},
    {"{\"rules\":{}}", "rules: a list is expected", BM_NO_OFFSET},
    {"{\"rules\":[],\"rules\":[]}", "rules: comes twice", BM_NO_OFFSET},
    {"{\"rules\":[1]}", "rules[0]: an object is expected", BM_NO_OFFSET},
    {"{\"rules\":[{}]}", "rules[0]: \"ns\" is to name a namespace, DATABASE.COLLECTION",
     BM_NO_OFFSET},
    {"{\"rules\":[{\"ns\":\"d\"}]}", "rules[0]: \"ns\" is to name a namespace, DATABASE.COLLECTION",
     BM_NO_OFFSET},
    {"{\"rules\":[{\"ns\":\"d.c\"},{\"ns\":7}]}",
     "rules[1]: \"ns\" is to name a namespace, DATABASE.COLLECTION", BM_NO_OFFSET},
    {"{\"rules\":[{\"ns\":\"d.\\u0000c\",\"unset\":[\"a\"]}]}",
     "rules[0]: \"ns\" is to name a namespace, DATABASE.COLLECTION", BM_NO_OFFSET},
    {ONE("\"ns\":\"d.c\""), "rules[0].ns: comes twice", BM_NO_OFFSET},
    {ONE("\"fil\":{}"),
     "rules[0].fil: no such key; there are ns, fill, empty, unset, unique, keep, duplicates, "
     "indexes, require",
     BM_NO_OFFSET},
    {ONE("\"fill\":[\"a\"]"), "rules[0].fill: an object is expected", BM_NO_OFFSET},
    {ONE("\"fill\":{\"a\":7}"), "rules[0].fill.a: a string is expected", BM_NO_OFFSET},
    {ONE("\"fill\":{\"a\":\"auto\",\"a\":\"auto\"}"), "rules[0].fill.a: comes twice", BM_NO_OFFSET},
    {ONE("\"fill\":{\"\":\"auto\"}"), "rules[0].fill[\"\"]: no field is named", BM_NO_OFFSET},
    {ONE("\"fill\":{\"a.b\":\"hex:x\"}"),
     "rules[0].fill[\"a.b\"]: token 'hex:x' needs a length N of 1 to 1048576 characters: write "
     "auto, hex:N, base62:N, base64url:N, nanoid[:N], uuid4, uuid4-binary, objectid, or a template "
     "such as R-{base62:22}",
     BM_NO_OFFSET},
    {ONE("\"unset\":[\"a\\u0000\"]"), "rules[0].unset[0]: a name with a zero byte in it",
     BM_NO_OFFSET},
    {ONE("\"fill\":{\"a\":\"hex:8\\u0000\"}"), "rules[0].fill.a: a token with a zero byte in it",
     BM_NO_OFFSET},
    {ONE("\"empty\":\"null\""), "rules[0].empty: a list is expected", BM_NO_OFFSET},
    {ONE("\"empty\":[]"), "rules[0].empty: an empty list leaves nothing to fill", BM_NO_OFFSET},
    {ONE("\"empty\":[\"null\",\"none\"]"),
     "rules[0].empty[1]: one of missing, null, undefined, blank is expected", BM_NO_OFFSET},
    {ONE("\"empty\":[null]"), "rules[0].empty[0]: a string is expected", BM_NO_OFFSET},
    {ONE("\"unset\":[7]"), "rules[0].unset[0]: a string is expected", BM_NO_OFFSET},
    {ONE("\"unset\":[\"a\",\"\"]"), "rules[0].unset[1]: no field is named", BM_NO_OFFSET},
    {ONE("\"unique\":[\"a\"]"), "rules[0].unique[0]: a list is expected", BM_NO_OFFSET},
    {ONE("\"unique\":[[]]"), "rules[0].unique[0]: no field is named", BM_NO_OFFSET},
    {ONE("\"unique\":[[\"a\"],[\"b\",1]]"), "rules[0].unique[1][1]: a string is expected",
     BM_NO_OFFSET},
    {ONE("\"keep\":[\"first\"]"), "rules[0].keep: a string is expected", BM_NO_OFFSET},
    {ONE("\"keep\":\"newest\""),
     "rules[0].keep: 'newest' is none of first, last, newest(FIELD), oldest(FIELD)", BM_NO_OFFSET},
    {ONE("\"duplicates\":{\"a_1\":\"drop\"}"),
     "rules[0].duplicates.a_1: 'drop' is none of fail, refill, reject, leave", BM_NO_OFFSET},
    {ONE("\"duplicates\":{\"a_1\":{}}"), "rules[0].duplicates.a_1: a string is expected",
     BM_NO_OFFSET},
    {ONE("\"indexes\":{\"a_1\":\"reject\"}"),
     "rules[0].indexes.a_1: 'reject' is none of partial[:TYPE], sparse, nonunique, drop",
     BM_NO_OFFSET},
    {ONE("\"indexes\":{\"a_1\":null}"), "rules[0].indexes.a_1: a string is expected", BM_NO_OFFSET},
    {ONE("\"require\":{\"a\":1}"), "rules[0].require: a list is expected", BM_NO_OFFSET},
    {ONE("\"require\":[[]]"), "rules[0].require[0]: a string is expected", BM_NO_OFFSET},
};

Test(rules_file, errors_name_the_place)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_rules rules;
        bm_rules_init(&rules);
        cr_expect_eq(bm_rules_parse(&rules, bm_view_text(bad[i].text), &err), BM_FAIL, "%s",
                     bad[i].text);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s", bad[i].text);
        cr_expect_str_eq(err.text, bad[i].error, "%s: %s", bad[i].text, err.text);
        cr_expect_eq(err.offset, bad[i].offset, "%s: %zu", bad[i].text, (size_t)err.offset);
        bm_rules_free(&rules);
    }
}

Test(rules_file, from_a_file)
{
    struct bm_error err = BM_ERROR_INIT;
    struct test_scratch scratch;
    struct bm_rules rules;
    struct bm_buffer long_text = BM_BUFFER_INIT((size_t)4 << 20);
    bm_rules_init(&rules);
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "rules.json", bm_view_text(example));
    cr_expect_eq(bm_rules_read(&rules, test_scratch_path(&scratch, "rules.json"), &err), BM_OK,
                 "%s", err.text);
    cr_expect_eq(rules.fill_count, 3);
    cr_expect_eq(bm_rules_read(&rules, test_scratch_path(&scratch, "none"), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    while (long_text.len <= (size_t)1 << 20) {
        cr_assert_eq(bm_buffer_append_text(&long_text, "                ", &err), BM_OK);
    }
    test_scratch_write(&scratch, "long", bm_buffer_view(&long_text));
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_rules_read(&rules, test_scratch_path(&scratch, "long"), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(err.text, "a rules file has at most 1048576 bytes");
    cr_expect_str_eq(err.file, test_scratch_path(&scratch, "long"));
    bm_buffer_free(&long_text);
    bm_rules_free(&rules);
    test_scratch_remove(&scratch);
}
