/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bson_text.h"

#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

#include "base/bytes.h"

struct bm_buffer test_bson(const char *json)
{
    char text[4096];
    size_t len = strlen(json);
    cr_assert_lt(len, sizeof text);
    for (size_t i = 0; i < len; i++) {
        text[i] = json[i] == '\'' ? '"' : json[i];
    }
    bson_error_t wrong;
    bson_t *bson = bson_new_from_json((const uint8_t *)text, (ssize_t)len, &wrong);
    cr_assert_not_null(bson, "%s: %s", json, wrong.message);
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view bytes = {bson_get_data(bson), bson->len};
    cr_assert_eq(bm_buffer_append(&out, bytes, &err), BM_OK);
    bson_destroy(bson);
    return out;
}

struct bm_element test_element(const struct bm_buffer *document, const char *name)
{
    struct bm_element element;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view bytes = bm_buffer_view(document);
    cr_assert_eq(bm_document_find(bytes, bm_view_text(name), &element, &err), BM_OK, "%s", name);
    return element;
}

struct bm_buffer test_bson_numbers(uint32_t count)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    static const uint8_t start[] = {0, 0, 0, 0, BM_TYPE_ARRAY, 'a', 0, 0, 0, 0, 0};
    static const uint8_t end[2] = {0, 0};
    cr_assert_eq(bm_buffer_append(&out, (struct bm_view){start, sizeof start}, &err), BM_OK);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t entry[7] = {BM_TYPE_INT32, '0', 0};
        bm_put_le32(entry + 3, i);
        cr_assert_eq(bm_buffer_append(&out, (struct bm_view){entry, sizeof entry}, &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append(&out, (struct bm_view){end, sizeof end}, &err), BM_OK);
    bm_put_le32(out.data, (uint32_t)out.len);
    bm_put_le32(out.data + 7, (uint32_t)out.len - 8);
    return out;
}

void test_bson_append_token(struct bm_buffer *documents, int32_t id, const char *token)
{
    struct bm_error err = BM_ERROR_INIT;
    bson_t document = BSON_INITIALIZER;
    BSON_APPEND_INT32(&document, "_id", id);
    if (token != NULL) {
        BSON_APPEND_UTF8(&document, "t", token);
    } else {
        BSON_APPEND_NULL(&document, "t");
    }
    struct bm_view bytes = {bson_get_data(&document), document.len};
    cr_assert_eq(bm_buffer_append(documents, bytes, &err), BM_OK);
    bson_destroy(&document);
}
