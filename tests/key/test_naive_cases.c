/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

#include "doc/extjson.h"
#include "support/naive_judge.h"

/* The naive judge is itself held against the cases that are known from the server's own tests. */
#define CASES "fixtures/cases/unique-index-cases.jsonl"
#define CASE_COUNT 216
#define DOCUMENTS_MAX 32
#define LINE_MAX_BYTES ((size_t)1 << 16)
#define NEWEST 8

static const char *const verdicts[] = {[NAIVE_OK] = "ok",
                                       [NAIVE_DUPLICATE] = "dup",
                                       [NAIVE_CANNOT_INDEX] = "cannot_index",
                                       [NAIVE_UNKNOWN] = "unknown"};

/* libbson reads relaxed dates, which metadata may not hold, but not every filter. */
static struct bm_buffer read_case(const char *line)
{
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 22);
    struct bm_error err = BM_ERROR_INIT;
    if (bm_json_parse(bm_view_text(line), &out, &err) == BM_OK) {
        return out;
    }
    bson_error_t wrong;
    bson_t *bson = bson_new_from_json((const uint8_t *)line, -1, &wrong);
    cr_assert_not_null(bson, "%s: %s", line, wrong.message);
    struct bm_error second = BM_ERROR_INIT;
    struct bm_view bytes = {bson_get_data(bson), bson->len};
    cr_assert_eq(bm_buffer_append(&out, bytes, &second), BM_OK);
    bson_destroy(bson);
    return out;
}

static int find(struct bm_view document, const char *name, struct bm_element *out)
{
    struct bm_error err = BM_ERROR_INIT;
    return bm_document_find(document, bm_view_text(name), out, &err) == BM_OK;
}

static const char *text_of(struct bm_view document, const char *name, const char *otherwise)
{
    struct bm_element element;
    return find(document, name, &element) ? (const char *)element.value.data + 4 : otherwise;
}

static size_t list_of(struct bm_view document, const char *name,
                      struct bm_element entries[DOCUMENTS_MAX])
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element list;
    struct bm_elements elements;
    size_t count = 0;
    if (!find(document, name, &list)) {
        return 0;
    }
    cr_assert_eq(bm_elements_open(&elements, list.value, &err), BM_OK);
    while (bm_elements_next(&elements, &entries[count], &err) == BM_OK) {
        count++;
        cr_assert_lt(count, DOCUMENTS_MAX);
    }
    return count;
}

/* An int32 of the case file. */
static size_t number_of(struct bm_view value)
{
    return (size_t)value.data[0] | (size_t)value.data[1] << 8;
}

/* "dup 0-1 0-2 bad 3": everything that a case says. */
static void say(char out[256], const char *verdict, size_t (*conflicts)[2], size_t count)
{
    size_t len = (size_t)snprintf(out, 256, "%s", verdict);
    for (size_t i = 0; i < count && len < 256; i++) {
        len += (size_t)snprintf(out + len, 256 - len, " %zu-%zu", conflicts[i][0], conflicts[i][1]);
    }
}

static void say_bad(char out[256], size_t number)
{
    size_t len = strlen(out);
    snprintf(out + len, 256 - len, " bad %zu", number);
}

static void expected(struct bm_view read, char out[256])
{
    struct bm_element entries[DOCUMENTS_MAX];
    size_t conflicts[DOCUMENTS_MAX][2];
    size_t count = list_of(read, "conflicts", entries);
    for (size_t i = 0; i < count; i++) {
        struct bm_element end;
        cr_assert(find(entries[i].value, "0", &end));
        conflicts[i][0] = number_of(end.value);
        cr_assert(find(entries[i].value, "1", &end));
        conflicts[i][1] = number_of(end.value);
    }
    say(out, text_of(read, "verdict", ""), conflicts, count);
    count = list_of(read, "bad_docs", entries);
    for (size_t i = 0; i < count; i++) {
        say_bad(out, number_of(entries[i].value));
    }
}

static void judged(struct bm_view read, char out[256])
{
    struct bm_element entries[DOCUMENTS_MAX], element;
    struct bm_view documents[DOCUMENTS_MAX];
    struct naive_result result;
    struct naive_case input = {.major = NEWEST, .documents = documents};
    const char *server = text_of(read, "server", NULL);
    cr_assert(find(read, "index", &element));
    input.spec = element.value;
    if (find(read, "collection_options", &element)) {
        input.options = element.value;
    }
    if (strcmp(text_of(read, "spec_from", ""), "createIndexes") == 0) {
        input.origin = NAIVE_FROM_COMMAND;
    }
    if (server != NULL) {
        cr_assert_eq(sscanf(server + 2, "%d.%d", &input.major, &input.minor), 2, "%s", server);
    }
    input.count = list_of(read, "docs", entries);
    for (size_t i = 0; i < input.count; i++) {
        documents[i] = entries[i].value;
    }
    naive_judge(&input, &result);
    say(out, verdicts[result.verdict], result.conflicts, result.conflict_count);
    for (size_t i = 0; i < result.bad_count; i++) {
        say_bad(out, result.bad[i]);
    }
    naive_result_free(&result);
}

Test(naive_cases, the_naive_judge_knows_every_case)
{
    size_t count = 0;
    FILE *file = fopen(CASES, "r");
    char *line = malloc(LINE_MAX_BYTES);
    cr_assert_not_null(file);
    cr_assert_not_null(line);
    while (fgets(line, LINE_MAX_BYTES, file) != NULL) {
        char want[256], got[256];
        struct bm_buffer read = read_case(line);
        expected(bm_buffer_view(&read), want);
        judged(bm_buffer_view(&read), got);
        cr_expect_str_eq(got, want, "%s: %s, not %s", text_of(bm_buffer_view(&read), "name", ""),
                         got, want);
        bm_buffer_free(&read);
        count++;
    }
    free(line);
    fclose(file);
    cr_assert_eq(count, CASE_COUNT);
}
