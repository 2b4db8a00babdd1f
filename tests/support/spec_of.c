/* SPDX-License-Identifier: Apache-2.0 */
#include "support/spec_of.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "base/memory.h"
#include "catalog/index_specs.h"
#include "doc/extjson.h"
#include "support/bson_text.h"

static struct test_spec make(const char *entry, const char *server, int is_unique)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_index_home home = {bm_server_parse(server), BM_NAMESPACE_COLLECTION};
    struct test_spec spec = {.entry = BM_BUFFER_INIT((size_t)1 << 20)};
    char *json = bm_copy_text(entry, &err);
    for (char *at = json; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    struct bm_view text = bm_view_text(json);
    cr_assert_eq(bm_json_parse(text, &spec.entry, &err), BM_OK, "%s: %s", entry, err.text);
    free(json);
    cr_assert_eq(bm_index_spec_read(bm_buffer_view(&spec.entry), &spec.spec, &err), BM_OK);
    spec.spec.name = "i_1";
    spec.spec.unique |= is_unique;
    spec.index = bm_index_new(&spec.spec, &home, &err);
    cr_assert_not_null(spec.index, "%s: %s", entry, err.text);
    return spec;
}

struct test_spec test_spec_of(const char *entry, const char *server)
{
    return make(entry, server, 1);
}

struct test_spec test_plain_spec_of(const char *entry, const char *server)
{
    return make(entry, server, 0);
}

void test_spec_free(struct test_spec *spec)
{
    bm_index_free(spec->index);
    bm_buffer_free(&spec->entry);
}

static struct bm_keyset *keyset_of(const struct test_spec *spec)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_index *list[] = {spec->index};
    cr_assert_null(bm_index_reason(spec->index), "%s", bm_index_reason(spec->index));
    struct bm_keyset *keyset = bm_keyset_new(list, 1, &err);
    cr_assert_not_null(keyset);
    return keyset;
}

char *test_spec_keys_of(const struct test_spec *spec, struct bm_view document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_keyset *keyset = keyset_of(spec);
    cr_assert_eq(bm_keyset_make(keyset, document, &err), BM_OK, "%s", err.text);
    const struct bm_keys *keys = bm_keyset_keys(keyset, 0);
    if (keys->unindexable != NULL) {
        cr_assert_eq(keys->count, 0);
        cr_assert_eq(bm_buffer_printf(&out, &err, "refused: %s", keys->unindexable), BM_OK);
    } else if (keys->count == 0) {
        cr_assert_eq(bm_buffer_append_text(&out, "none", &err), BM_OK);
    }
    for (size_t i = 0; i < keys->count; i++) {
        cr_assert_eq(bm_buffer_append_text(&out, i == 0 ? "" : " ", &err), BM_OK);
        cr_assert_eq(bm_key_text(spec->index, &keys->keys[i], &out, &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_byte(&out, 0, &err), BM_OK);
    bm_keyset_free(keyset);
    return (char *)out.data;
}

char *test_spec_keys(const struct test_spec *spec, const char *document)
{
    struct bm_buffer bytes = test_bson(document);
    char *keys = test_spec_keys_of(spec, bm_buffer_view(&bytes));
    bm_buffer_free(&bytes);
    return keys;
}

void test_spec_expect(const struct test_spec *spec, const char *document, const char *keys)
{
    char *found = test_spec_keys(spec, document);
    cr_assert_str_eq(found, keys, "%s: %s", document, found);
    free(found);
}

size_t test_spec_shared(const struct test_spec *spec, struct bm_view one, struct bm_view other)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_keyset *a = keyset_of(spec);
    struct bm_keyset *b = keyset_of(spec);
    size_t shared = 0;
    cr_assert_eq(bm_keyset_make(a, one, &err), BM_OK);
    cr_assert_eq(bm_keyset_make(b, other, &err), BM_OK);
    const struct bm_keys *left = bm_keyset_keys(a, 0);
    const struct bm_keys *right = bm_keyset_keys(b, 0);
    for (size_t i = 0; i < left->count; i++) {
        for (size_t j = 0; j < right->count; j++) {
            shared += (size_t)bm_view_equal(left->keys[i].canonical, right->keys[j].canonical);
        }
    }
    bm_keyset_free(a);
    bm_keyset_free(b);
    return shared;
}
