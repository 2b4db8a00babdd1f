/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/judging.h"

/* Fills seen through the judge: what goes in, what comes out, and the changes that are told. */

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
    (void)judging_namespace(&judging, "db", "c", NULL);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(fill, .init = start, .fini = stop);

/* A text with each @ replaced by the token for field, _id 1 and the positions before it: the tests
 * that follow take tokens from the output instead, and check what they must be like. */
static void expect_pattern(const char *pattern, const struct bm_buffer *output, char tokens[][33],
                           size_t *token_count)
{
    static const char mark[] = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"; /* as long as a token */
    char json[4096];
    size_t at = 0;
    for (const char *c = pattern; *c != '\0'; c++) {
        at += (size_t)snprintf(json + at, sizeof json - at, "%.*s", *c == '@' ? 32 : 1,
                               *c == '@' ? mark : c);
    }
    struct judging expected;
    judging_start(&expected);
    judging_document(&expected, json);
    cr_assert_eq(output->len, expected.documents.len, "%s: %zu bytes, not %zu", pattern,
                 output->len, expected.documents.len);
    *token_count = 0;
    for (size_t i = 0; i < output->len; i++) {
        if (expected.documents.data[i] != '@') {
            cr_assert_eq(output->data[i], expected.documents.data[i], "%s: byte %zu", pattern, i);
            continue;
        }
        char *token = tokens[(*token_count)++];
        memcpy(token, output->data + i, 32);
        token[32] = '\0';
        cr_assert_eq(strspn(token, "0123456789abcdef"), 32, "%s: %s", pattern, token);
        i += 31;
    }
    judging_stop(&expected);
}

static const struct {
    const char *field;
    const char *before;
    const char *after; /* @: a token; NULL: left alone */
    const char *change;
} cases[] = {
    /* every emptiness at the top */
    {"t", "{\"_id\":1}", "{\"_id\":1,\"t\":\"@\"}", "0@0 t t missing - at 13 before 0 after 40\n"},
    {"t", "{\"_id\":1,\"t\":null,\"z\":2}", "{\"_id\":1,\"t\":\"@\",\"z\":2}",
     "0@0 t t null - at 13 before 3 after 40\n"},
    {"t", "{\"_id\":1,\"t\":{\"$undefined\":true}}", "{\"_id\":1,\"t\":\"@\"}",
     "0@0 t t undefined - at 13 before 3 after 40\n"},
    {"t", "{\"_id\":1,\"t\":\"\"}", "{\"_id\":1,\"t\":\"@\"}",
     "0@0 t t blank - at 13 before 8 after 40\n"},
    {"t", "{\"_id\":1,\"t\":\" \\t\\r\\n\"}", "{\"_id\":1,\"t\":\"@\"}",
     "0@0 t t blank - at 13 before 12 after 40\n"},
    /* what is not empty */
    {"t", "{\"_id\":1,\"t\":\"x\"}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":\" x\"}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":\"\\u00a0\"}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":0}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":false}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":{}}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":[]}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":[null,\"\"]}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":{\"$symbol\":\"\"}}", NULL, NULL},
    /* the first of a name is the field */
    {"t", "{\"_id\":1,\"t\":\"x\",\"t\":null}", NULL, NULL},
    {"t", "{\"_id\":1,\"t\":null,\"t\":\"x\"}", "{\"_id\":1,\"t\":\"@\",\"t\":\"x\"}",
     "0@0 t t null - at 13 before 3 after 40\n"},
    /* missing parents are made, existing ones are not */
    {"a.b", "{\"_id\":1,\"z\":2}", "{\"_id\":1,\"z\":2,\"a\":{\"b\":\"@\"}}",
     "0@0 a a.b missing - at 20 before 0 after 48\n"},
    {"a.b.c", "{\"_id\":1}", "{\"_id\":1,\"a\":{\"b\":{\"c\":\"@\"}}}",
     "0@0 a a.b.c missing - at 13 before 0 after 56\n"},
    {"a.b.c", "{\"_id\":1,\"a\":{\"x\":1},\"z\":2}",
     "{\"_id\":1,\"a\":{\"x\":1,\"b\":{\"c\":\"@\"}},\"z\":2}",
     "0@0 a.b a.b.c missing - at 27 before 0 after 48\n"},
    {"a.b", "{\"_id\":1,\"a\":{}}", "{\"_id\":1,\"a\":{\"b\":\"@\"}}",
     "0@0 a.b a.b missing - at 20 before 0 after 40\n"},
    {"a.b", "{\"_id\":1,\"a\":{\"b\":null,\"x\":1}}", "{\"_id\":1,\"a\":{\"b\":\"@\",\"x\":1}}",
     "0@0 a.b a.b null - at 20 before 3 after 40\n"},
    /* parents that are left alone */
    {"a.b", "{\"_id\":1,\"a\":null}", NULL, NULL},
    {"a.b", "{\"_id\":1,\"a\":5}", NULL, NULL},
    {"a.b", "{\"_id\":1,\"a\":\"\"}", NULL, NULL},
    {"a.b", "{\"_id\":1,\"a\":[]}", NULL, NULL},
    {"a.b", "{\"_id\":1,\"a.b\":\"x\",\"a\":1}", NULL, NULL},
    /* arrays on the way */
    {"a.b", "{\"_id\":1,\"a\":[{}]}", "{\"_id\":1,\"a\":[{\"b\":\"@\"}]}",
     "0@0 a.0.b a.b missing - at 27 before 0 after 40\n"},
    {"a.b", "{\"_id\":1,\"a\":[1,{\"b\":null},null,{\"b\":\"x\"},[{}],{\"b\":\" \"},{\"c\":1}]}",
     "{\"_id\":1,\"a\":[1,{\"b\":\"@\"},null,{\"b\":\"x\"},[{}],{\"b\":\"@\"},{\"c\":1,\"b\":\"@\"}"
     "]}",
     "0@0 a.1.b a.b null - at 34 before 3 after 40\n"
     "0@0 a.5.b a.b blank - at 81 before 9 after 40\n"
     "0@0 a.6.b a.b missing - at 105 before 0 after 40\n"},
    {"a.b.c", "{\"_id\":1,\"a\":[{\"b\":[{\"c\":1},{}]},{\"b\":{}},{},{\"b\":null}]}",
     "{\"_id\":1,\"a\":[{\"b\":[{\"c\":1},{\"c\":\"@\"}]},{\"b\":{\"c\":\"@\"}},{\"b\":{\"c\":\"@"
     "\"}},{"
     "\"b\":null}]}",
     "0@0 a.0.b.1.c a.b.c missing - at 56 before 0 after 40\n"
     "0@0 a.1.b.c a.b.c missing - at 73 before 0 after 40\n"
     "0@0 a.2.b a.b.c missing - at 82 before 0 after 48\n"},
};

Test(fill, places_and_bytes)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rule[64];
        char tokens[8][33];
        size_t token_count;
        stop();
        start();
        (void)snprintf(rule, sizeof rule, "db.c:%s=hex:32", cases[i].field);
        judging_fill(&judging, rule);
        judging_document(&judging, cases[i].before);
        judging_run(&judging);
        if (cases[i].after == NULL) {
            judging_expect_same(&judging);
            cr_assert_eq(judging.changes.len, 0);
            continue;
        }
        expect_pattern(cases[i].after, &judging.output, tokens, &token_count);
        cr_assert_eq(bm_buffer_append_byte(&judging.changes, 0, &judging.err), BM_OK);
        cr_assert_str_eq((const char *)judging.changes.data, cases[i].change, "%s: %s",
                         cases[i].before, (const char *)judging.changes.data);
        for (size_t t = 1; t < token_count; t++) {
            cr_assert_str_neq(tokens[t], tokens[t - 1]);
        }
    }
}

static const struct {
    unsigned empty;
    const char *after;
} chosen[] = {
    {BM_EMPTY_MISSING, "{\"_id\":1,\"a\":null,\"b\":{\"$undefined\":true},\"c\":\"\",\"d\":\"@\"}"},
    {BM_EMPTY_NULL, "{\"_id\":1,\"a\":\"@\",\"b\":{\"$undefined\":true},\"c\":\"\"}"},
    {BM_EMPTY_UNDEFINED, "{\"_id\":1,\"a\":null,\"b\":\"@\",\"c\":\"\"}"},
    {BM_EMPTY_BLANK, "{\"_id\":1,\"a\":null,\"b\":{\"$undefined\":true},\"c\":\"@\"}"},
    {BM_EMPTY_NULL | BM_EMPTY_BLANK,
     "{\"_id\":1,\"a\":\"@\",\"b\":{\"$undefined\":true},\"c\":\"@\"}"},
};

Test(fill, only_what_counts_as_empty)
{
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
        char tokens[8][33];
        size_t token_count;
        stop();
        start();
        judging_fill(&judging, "db.c:a=hex:32");
        judging_fill(&judging, "db.c:b=hex:32");
        judging_fill(&judging, "db.c:c=hex:32");
        judging_fill(&judging, "db.c:d=hex:32");
        judging.rules.empty = chosen[i].empty;
        judging_document(&judging, "{\"_id\":1,\"a\":null,\"b\":{\"$undefined\":true},\"c\":\"\"}");
        judging_run(&judging);
        expect_pattern(chosen[i].after, &judging.output, tokens, &token_count);
    }
}

/* Parents that several rules need are made once, as $set would. */
Test(fill, several_rules_share_the_parents_they_make)
{
    char tokens[8][33];
    size_t token_count;
    judging_fill(&judging, "db.c:a.x.p=hex:32");
    judging_fill(&judging, "db.c:z=hex:32");
    judging_fill(&judging, "db.c:a.y=hex:32");
    judging_fill(&judging, "db.c:a.x.q=hex:32");
    judging_fill(&judging, "db.c:m=hex:32");
    judging_document(&judging, "{\"_id\":1,\"m\":null}");
    judging_run(&judging);
    expect_pattern("{\"_id\":1,\"m\":\"@\",\"a\":{\"x\":{\"p\":\"@\",\"q\":\"@\"},\"y\":\"@\"},"
                   "\"z\":\"@\"}",
                   &judging.output, tokens, &token_count);
    cr_assert_eq(token_count, 5);
    cr_assert_eq(bm_buffer_append_byte(&judging.changes, 0, &judging.err), BM_OK);
    cr_assert_str_eq((const char *)judging.changes.data,
                     "0@0 m m null - at 13 before 3 after 40\n"
                     "0@0 a a.x.p missing - at 16 before 0 after 136\n"
                     "0@0 z z missing - at 16 before 0 after 40\n");
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.namespaces[0].filled.missing, 4);
    cr_assert_eq(result.namespaces[0].filled.null, 1);
    cr_assert_eq(result.namespaces[0].touched, 1);
    bm_result_free(&result);
}

Test(fill, several_rules_in_one_array)
{
    char tokens[8][33];
    size_t token_count;
    judging_fill(&judging, "db.c:a.p=hex:32");
    judging_fill(&judging, "db.c:a.q=hex:32");
    judging_document(&judging, "{\"_id\":1,\"a\":[{\"q\":null},{},{\"p\":\"\"}]}");
    judging_run(&judging);
    expect_pattern(
        "{\"_id\":1,\"a\":[{\"q\":\"@\",\"p\":\"@\"},{\"p\":\"@\",\"q\":\"@\"},{\"p\":\"@\","
        "\"q\":\"@\"}]}",
        &judging.output, tokens, &token_count);
    cr_assert_eq(token_count, 6);
}

Test(fill, the_token_is_a_function_of_the_document)
{
    char token[33];
    char json[128];
    judging_fill(&judging, "db.c:t=hex:32");
    judging_document(&judging, "{\"_id\":1,\"t\":null}");
    judging_document(&judging, "{\"_id\":\"x\"}");
    judging_run(&judging);
    (void)judging_token("db.c", "t", "{\"_id\":1}", 1, token);
    (void)snprintf(json, sizeof json, "{\"_id\":1,\"t\":\"%s\"}", token);
    char other[128];
    (void)judging_token("db.c", "t", "{\"_id\":\"x\"}", 1, token);
    (void)snprintf(other, sizeof other, "{\"_id\":\"x\",\"t\":\"%s\"}", token);
    judging_expect(&judging, (const char *const[]){json, other, NULL});
}

static const char *const kinds[] = {"hex:40", "uuid4",      "uuid4-binary", "objectid",
                                    "nanoid", "R-{hex:32}", "base62:22",    "base64url:2000"};

/* Three hundred documents of every sort; the second run finds nothing left to do. */
Test(fill, a_second_run_changes_nothing)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        char text[160];
        stop();
        start();
        (void)snprintf(text, sizeof text, "db.c:t=%s", kinds[k]);
        judging_fill(&judging, text);
        (void)snprintf(text, sizeof text, "db.c:a.b=%s", kinds[k]);
        judging_fill(&judging, text);
        judging_unique(&judging, "db.c:t");
        judging.batch = (uint32_t)(k * 7);
        for (int i = 0; i < 300; i++) {
            static const char *const rests[] = {
                "", ",\"t\":null", ",\"t\":\"\",\"a\":[{},{\"b\":null}]",
                ",\"a\":{\"b\":{\"$undefined\":true}}", ",\"a\":{\"x\":1},\"z\":[1,2]"};
            (void)snprintf(text, sizeof text, "{\"_id\":%d%s}", i, rests[i % 5]);
            judging_document(&judging, text);
        }
        judging_run(&judging);
        cr_assert_eq(bm_plan_violations(judging.plan), 0, "%s", kinds[k]);
        struct bm_buffer first = judging.output;
        judging.output = BM_BUFFER_INIT(first.limit);
        judging_clear(&judging);
        for (size_t at = 0; at < first.len;) {
            uint32_t len = (uint32_t)first.data[at] | (uint32_t)first.data[at + 1] << 8;
            judging_bytes(&judging, (struct bm_view){first.data + at, len});
            at += len;
        }
        cr_assert_eq(judging.count, 300);
        judging_run(&judging);
        judging_expect_same(&judging);
        cr_assert_eq(judging.changes.len, 0);
        struct bm_result result = judging_result(&judging);
        cr_assert_eq(result.note_count, 2);
        (void)snprintf(text, sizeof text, "--fill db.c:t=%s: nothing was empty", kinds[k]);
        cr_assert_str_eq(result.notes[0], text);
        bm_result_free(&result);
        bm_buffer_free(&first);
    }
}

Test(fill, batches_do_not_show_in_the_output)
{
    char text[96];
    judging_fill(&judging, "db.c:t=hex:32");
    for (int i = 0; i < 200; i++) {
        (void)snprintf(text, sizeof text, "{\"_id\":%d,\"x\":[{\"t\":null}]%s}", i / 2 * 2,
                       i % 3 == 0 ? ",\"t\":null" : "");
        judging_document(&judging, text);
    }
    judging_run(&judging);
    struct bm_buffer whole = judging.output;
    judging.output = BM_BUFFER_INIT(whole.limit);
    for (uint32_t batch = 1; batch < 70; batch += 11) {
        judging.batch = batch;
        judging_run(&judging);
        cr_assert(bm_view_equal(bm_buffer_view(&judging.output), bm_buffer_view(&whole)));
    }
    bm_buffer_free(&whole);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void random_value(uint32_t *state, unsigned depth, struct bm_buffer *out)
{
    static const char *const plain[] = {
        "null", "\"\"", "{\"$undefined\":true}", "1", "\"x\"", "\" \"", "[]", "{}"};
    struct bm_error err = BM_ERROR_INIT;
    uint32_t kind = next_random(state) % (depth > 3 ? 8 : 14);
    if (kind < 8) {
        cr_assert_eq(bm_buffer_append_text(out, plain[kind], &err), BM_OK);
        return;
    }
    int is_array = kind >= 11;
    uint32_t count = 1 + next_random(state) % 4;
    cr_assert_eq(bm_buffer_append_text(out, is_array ? "[" : "{", &err), BM_OK);
    for (uint32_t i = 0; i < count; i++) {
        static const char *const names[] = {"a", "b", "c", "t"};
        cr_assert_eq(bm_buffer_printf(out, &err, i > 0 ? "," : ""), BM_OK);
        if (!is_array) {
            cr_assert_eq(bm_buffer_printf(out, &err, "\"%s\":", names[next_random(state) % 4]),
                         BM_OK);
        }
        random_value(state, depth + 1, out);
    }
    cr_assert_eq(bm_buffer_append_text(out, is_array ? "]" : "}", &err), BM_OK);
}

/* Whatever the shape of the documents: the output is whole, and there is nothing left to fill. */
Test(fill, random_documents)
{
    static const char *const rules[] = {"db.c:t=hex:32", "db.c:a.b.c=uuid4", "db.c:a.b.t=hex:32",
                                        "db.c:a.t=objectid", "db.c:b.a=nanoid"};
    uint32_t state = 7;
    struct bm_buffer json = BM_BUFFER_INIT((size_t)1 << 20);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        judging_fill(&judging, rules[i]);
    }
    for (int i = 0; i < 3000; i++) {
        bm_buffer_clear(&json);
        cr_assert_eq(bm_buffer_printf(&json, &judging.err, "{\"_id\":%d,\"a\":", i), BM_OK);
        random_value(&state, 0, &json);
        cr_assert_eq(bm_buffer_append_text(&json, ",\"b\":", &judging.err), BM_OK);
        random_value(&state, 0, &json);
        cr_assert_eq(bm_buffer_append_text(&json, "}", &judging.err), BM_OK);
        cr_assert_eq(bm_buffer_append_byte(&json, 0, &judging.err), BM_OK);
        judging_document(&judging, (const char *)json.data);
    }
    judging_run(&judging);
    struct bm_buffer first = judging.output;
    judging.output = BM_BUFFER_INIT(first.limit);
    judging_clear(&judging);
    for (size_t at = 0; at < first.len;) {
        uint32_t len = (uint32_t)first.data[at] | (uint32_t)first.data[at + 1] << 8 |
                       (uint32_t)first.data[at + 2] << 16;
        struct bm_view document = {first.data + at, len};
        cr_assert_eq(bm_document_check(document, NULL, &judging.err), BM_OK, "%s",
                     judging.err.text);
        judging_bytes(&judging, document);
        at += len;
    }
    cr_assert_eq(judging.count, 3000);
    judging_run(&judging);
    judging_expect_same(&judging);
    bm_buffer_free(&first);
    bm_buffer_free(&json);
}
