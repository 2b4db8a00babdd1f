/* SPDX-License-Identifier: Apache-2.0 */
#include "support/index_of.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/memory.h"
#include "key/text.h"
#include "support/bson_text.h"

struct bm_index *test_index_of(const char *fields)
{
    struct bm_error err = BM_ERROR_INIT;
    char *copy = bm_copy_text(fields, &err);
    const char *paths[64];
    size_t count = 0;
    char *rest = copy;
    for (char *path = strtok_r(copy, ",", &rest); path != NULL; path = strtok_r(NULL, ",", &rest)) {
        paths[count++] = path;
    }
    struct bm_index *index = bm_index_of_fields("test_1", paths, count, &err);
    cr_assert_not_null(index, "%s: %s", fields, err.text);
    free(copy);
    return index;
}

static void put(struct bm_buffer *out, const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append_text(out, text, &err), BM_OK);
}

static void put_key(struct bm_buffer *out, const struct bm_key *key, size_t count)
{
    struct bm_error err = BM_ERROR_INIT;
    for (size_t i = 0; i < count; i++) {
        struct bm_text text = bm_text_start(out, 4096);
        put(out, i == 0 ? "(" : ",");
        cr_assert_eq(bm_text_value(&text, key->parts[i].type, key->parts[i].value, &err), BM_OK);
    }
    put(out, ")");
}

char *test_keys_of(const char *fields, const char *json)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index *index = test_index_of(fields);
    const struct bm_index *list[] = {index};
    struct bm_keyset *keyset = bm_keyset_new(list, 1, &err);
    cr_assert_not_null(keyset);
    struct bm_buffer document = test_bson(json);
    cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK, "%s", err.text);
    const struct bm_keys *keys = bm_keyset_keys(keyset, 0);
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    if (keys->unindexable != NULL) {
        cr_assert_eq(keys->count, 0);
        put(&out, "refused: ");
        put(&out, keys->unindexable);
    } else if (keys->count == 0) {
        put(&out, "none");
    }
    for (size_t i = 0; i < keys->count; i++) {
        put(&out, i == 0 ? "" : " ");
        put_key(&out, &keys->keys[i], bm_index_field_count(index));
    }
    cr_assert_eq(bm_buffer_append_byte(&out, 0, &err), BM_OK);
    bm_keyset_free(keyset);
    bm_index_free(index);
    bm_buffer_free(&document);
    return (char *)out.data;
}
