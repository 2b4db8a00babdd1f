/* SPDX-License-Identifier: Apache-2.0 */
#include "support/results.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "bsonmend/document.h"

char *test_result_text(const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    char *copy = bm_copy_text(text, &err);
    cr_assert_not_null(copy);
    return copy;
}

struct bm_view test_result_view(const void *bytes, size_t len)
{
    struct bm_error err = BM_ERROR_INIT;
    char *copy = bm_copy_view((struct bm_view){bytes, len}, &err);
    cr_assert_not_null(copy);
    return (struct bm_view){(const uint8_t *)copy, len};
}

struct bm_view test_result_document(const void *element, size_t len)
{
    uint8_t bytes[64] = {0};
    cr_assert_leq(len + 5, sizeof bytes);
    bm_put_le32(bytes, (uint32_t)len + 5);
    memcpy(bytes + 4, element, len);
    return test_result_view(bytes, len + 5);
}

struct bm_violation *test_result_violation(struct bm_result *result, const char *ns,
                                           const char *index)
{
    struct bm_violation *more =
        realloc(result->violations, (result->violation_count + 1) * sizeof *more);
    cr_assert_not_null(more);
    result->violations = more;
    more += result->violation_count++;
    *more = (struct bm_violation){.ns = test_result_text(ns), .index = test_result_text(index)};
    return more;
}

static void set_index(struct bm_index_result *index, const char *name, const char *key_text,
                      const char *key, size_t key_len)
{
    *index = (struct bm_index_result){.name = test_result_text(name),
                                      .key_text = test_result_text(key_text),
                                      .key = test_result_document(key, key_len),
                                      .unique = 1,
                                      .judged = 1,
                                      .keys = 1000};
}

static void set_place(struct bm_document_place *place, uint64_t ordinal, uint64_t offset,
                      uint8_t last)
{
    uint8_t id[TEST_ID_LEN];
    memcpy(id, TEST_ID, sizeof id);
    id[sizeof id - 1] = last;
    *place = (struct bm_document_place){.known = 1,
                                        .id = test_result_view(id, sizeof id),
                                        .ordinal = ordinal,
                                        .offset = offset,
                                        .empty = BM_EMPTY_NULL};
}

void test_result_story(struct bm_result *result)
{
    bm_result_init(result);
    result->command = BM_COMMAND_CHECK;
    result->input = (struct bm_stream_result){.path = test_result_text("dump"),
                                              .container = BM_CONTAINER_DIRECTORY,
                                              .codec = BM_CODEC_GZIP,
                                              .documents = 1000,
                                              .bytes = 232650};
    strcpy(result->server_version, "7.0.16");
    result->passes = 2;
    result->namespaces = calloc(1, sizeof *result->namespaces);
    cr_assert_not_null(result->namespaces);
    result->namespace_count = 1;
    struct bm_namespace_result *ns = &result->namespaces[0];
    ns->ns = test_result_text("a.b");
    ns->documents = 1000;
    ns->bytes = 232650;
    ns->judged = 1;
    ns->indexes = calloc(3, sizeof *ns->indexes);
    cr_assert_not_null(ns->indexes);
    ns->index_count = 3;
    set_index(&ns->indexes[0], "_id_", "{ _id: 1 }", "\x10_id\0\1\0\0\0", 9);
    set_index(&ns->indexes[1], "resultToken_1", "{ resultToken: 1 }", "\x10resultToken\0\1\0\0\0",
              17);
    set_index(&ns->indexes[2], "code_1", "{ code: 1 }",
              "\x10"
              "code\0\1\0\0\0",
              10);
    ns->indexes[1].keys = 901;
    ns->indexes[1].groups = 1;
    ns->indexes[1].violations = 99;
    result->violation_total = 99;
    struct bm_violation *violation = test_result_violation(result, "a.b", "resultToken_1");
    violation->key = test_result_document(TEST_NULL, TEST_NULL_LEN);
    violation->e11000 = test_result_text("E11000 duplicate key error collection: a.b index: "
                                         "resultToken_1 dup key: { resultToken: null }");
    violation->count = 100;
    violation->empties.missing = 50;
    violation->empties.null = 50;
    ns->indexes[1].mends = calloc(1, sizeof *ns->indexes[1].mends);
    cr_assert_not_null(ns->indexes[1].mends);
    ns->indexes[1].mends[0] = test_result_text("--fill a.b:resultToken=hex:32");
    ns->indexes[1].mend_count = 1;
    violation->documents = calloc(2, sizeof *violation->documents);
    cr_assert_not_null(violation->documents);
    violation->document_count = 2;
    set_place(&violation->documents[0], 0, 0, 0xaa);
    set_place(&violation->documents[1], 10, 2310, 0xab);
}

void test_result_without_advice(struct bm_result *result)
{
    struct bm_index_result *index = &result->namespaces[0].indexes[1];
    free(index->mends[0]);
    index->mend_count = 0;
}

static char *finish(struct bm_writer *writer, struct bm_buffer *buffer, enum bm_status status,
                    const struct bm_error *err)
{
    cr_assert_eq(status, BM_OK, "%s", err->text);
    char *text = strndup(buffer->len > 0 ? (const char *)buffer->data : "", buffer->len);
    cr_assert_not_null(text);
    bm_writer_free(writer);
    bm_buffer_free(buffer);
    return text;
}

char *test_result_as_text(const struct bm_result *result, const struct bm_text_options *options)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_writer *writer = bm_writer_buffer_new(&buffer, &err);
    cr_assert_not_null(writer);
    return finish(writer, &buffer, bm_report_text(result, options, writer, &err), &err);
}

char *test_result_as_json(const struct bm_result *result, enum bm_redaction redaction)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_writer *writer = bm_writer_buffer_new(&buffer, &err);
    cr_assert_not_null(writer);
    return finish(writer, &buffer, bm_report_json(result, redaction, writer, &err), &err);
}

char *test_result_as_notes(const struct bm_result *result)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_writer *writer = bm_writer_buffer_new(&buffer, &err);
    cr_assert_not_null(writer);
    return finish(writer, &buffer, bm_report_notes(result, "bsonmend: ", writer, &err), &err);
}
