/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_edit.h"

#include <string.h>

#include <criterion/criterion.h>

#define LIMIT 4096u

static struct bm_json_tokens tokens_of(const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_json_tokens tokens;
    cr_assert_eq(bm_json_tokens_read(bm_view_text(text), &tokens, &err), BM_OK, "%s", err.text);
    return tokens;
}

Test(json_edit, members_have_their_places)
{
    static const char text[] = "{ \"a\" : [1, {\"x\":[]} ,\"\"],\"b\":\"c\" , \"\": {} }";
    static const char *const spans[] = {"\"a\" : [1, {\"x\":[]} ,\"\"]", "\"b\":\"c\"", "\"\": {}"};
    static const char *const inner[] = {"1", "{\"x\":[]}", "\"\""};
    struct bm_json_tokens tokens = tokens_of(text);
    struct bm_json_members members;
    struct bm_json_member member;
    struct bm_json_member first = {0};
    bm_json_members_open(&members, &tokens, 0);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(bm_json_members_next(&members, &member), BM_OK);
        cr_expect_eq(strncmp(text + member.start, spans[i], member.end - member.start), 0);
        cr_expect_eq(member.end - member.start, strlen(spans[i]));
        first = i == 0 ? member : first;
    }
    cr_expect_eq(bm_json_members_next(&members, &member), BM_END);
    bm_json_members_open(&members, &tokens, first.value);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(bm_json_members_next(&members, &member), BM_OK);
        cr_expect_eq(member.name, member.value);
        cr_expect_eq(strncmp(text + member.start, inner[i], strlen(inner[i])), 0);
        cr_expect_eq(member.end - member.start, strlen(inner[i]));
    }
    cr_expect_eq(bm_json_members_next(&members, &member), BM_END);
    bm_json_tokens_free(&tokens);
}

static const struct {
    const char *doomed; /* a digit a member */
    const char *left;
} removals[] = {
    {"000", "{ \"a\":1 , \"b\" : [2,3],\"c\":3 }"},
    {"100", "{ \"b\" : [2,3],\"c\":3 }"},
    {"010", "{ \"a\":1,\"c\":3 }"},
    {"001", "{ \"a\":1 , \"b\" : [2,3] }"},
    {"110", "{ \"c\":3 }"},
    {"101", "{ \"b\" : [2,3] }"},
    {"011", "{ \"a\":1 }"},
    {"111", "{  }"},
};

Test(json_edit, removing_takes_one_comma_each)
{
    static const char text[] = "{ \"a\":1 , \"b\" : [2,3],\"c\":3 }";
    struct bm_json_tokens tokens = tokens_of(text);
    for (size_t i = 0; i < sizeof removals / sizeof *removals; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        struct bm_json_edit edit = {.text = bm_view_text(text), .out = &out};
        uint8_t doomed[3];
        for (size_t n = 0; n < 3; n++) {
            doomed[n] = removals[i].doomed[n] == '1';
        }
        cr_assert_eq(bm_json_edit_remove(&edit, &tokens, 0, doomed, &err), BM_OK);
        cr_assert_eq(bm_json_edit_finish(&edit, &err), BM_OK);
        cr_assert_eq(bm_buffer_append_byte(&out, 0, &err), BM_OK);
        cr_expect_str_eq((const char *)out.data, removals[i].left, "%s: %s", removals[i].doomed,
                         (const char *)out.data);
        bm_buffer_free(&out);
    }
    bm_json_tokens_free(&tokens);
}

static const struct {
    const char *text;
    const char *after;
} additions[] = {
    {"{}", "{9}"},
    {"{ }", "{9 }"},
    {"{\"a\":1}", "{\"a\":1,9}"},
    {" {\"a\":{\"b\":\"}\"}\n}\n", " {\"a\":{\"b\":\"}\"},9\n}\n"},
};

Test(json_edit, adding_goes_behind_the_last)
{
    for (size_t i = 0; i < sizeof additions / sizeof *additions; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        struct bm_json_edit edit = {.text = bm_view_text(additions[i].text), .out = &out};
        struct bm_json_tokens tokens = tokens_of(additions[i].text);
        cr_assert_eq(bm_json_edit_add(&edit, &tokens, 0, bm_view_text("9"), &err), BM_OK);
        cr_assert_eq(bm_json_edit_finish(&edit, &err), BM_OK);
        cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text(additions[i].after)), "%s",
                  additions[i].text);
        bm_buffer_free(&out);
        bm_json_tokens_free(&tokens);
    }
}

Test(json_edit, the_last_of_a_name_is_found_also_when_escaped)
{
    static const char text[] = "{\"a\":1,\"\\u0061\":2,\"b\":{\"a\":3},\"A\":4}";
    struct bm_error err = BM_ERROR_INIT;
    struct bm_json_tokens tokens = tokens_of(text);
    struct bm_json_member member;
    cr_assert_eq(
        bm_json_find_last(bm_view_text(text), &tokens, 0, bm_view_text("a"), &member, &err), BM_OK);
    cr_expect_eq(text[tokens.list[member.value].at], '2');
    cr_expect_eq(
        bm_json_find_last(bm_view_text(text), &tokens, 0, bm_view_text("c"), &member, &err),
        BM_END);
    bm_json_tokens_free(&tokens);
}
