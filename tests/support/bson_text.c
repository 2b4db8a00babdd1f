/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bson_text.h"

#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

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
