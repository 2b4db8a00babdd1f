/* SPDX-License-Identifier: Apache-2.0 */
/* A line such as those of fixtures/cases, {"index": …, "docs": […]}: an index has a reason or makes
 * keys, all distinct and the same when made again, of sound documents always. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/buffer.h"
#include "bsonmend/key.h"
#include "catalog/index_specs.h"
#include "doc/extjson.h"

enum { KEYS_COMPARED = 40 };

static void check_text(const struct bm_index *index, const struct bm_key *key)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer text = BM_BUFFER_INIT(1u << 24);
    FUZZ_HOLDS(bm_key_message(index, "d.c", key, &text, &err) == BM_OK);
    FUZZ_HOLDS(text.len < 40000);
    bm_buffer_free(&text);
}

static void check_keys(const struct bm_index *index, const struct bm_keys *keys,
                       const struct bm_keys *again)
{
    FUZZ_HOLDS(keys->unindexable == NULL || keys->count == 0);
    FUZZ_HOLDS(keys->unindexable == NULL || strlen(keys->unindexable) <= 1024);
    FUZZ_HOLDS((keys->unindexable == NULL) == (again->unindexable == NULL));
    FUZZ_HOLDS(keys->count == again->count);
    for (size_t i = 0; i < keys->count && i < KEYS_COMPARED; i++) {
        FUZZ_HOLDS(bm_view_equal(keys->keys[i].canonical, again->keys[i].canonical));
        for (size_t j = 0; j < i; j++) {
            FUZZ_HOLDS(!bm_view_equal(keys->keys[i].canonical, keys->keys[j].canonical));
        }
        check_text(index, &keys->keys[i]);
    }
}

static void make_keys(const struct bm_index *index, struct bm_view documents)
{
    static const char *const field[] = {"a.0.b"};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element document;
    struct bm_index *other = bm_index_of_fields("other", field, 1, &err);
    const struct bm_index *list[] = {other, index};
    struct bm_keyset *one = bm_keyset_new(&index, 1, &err);
    struct bm_keyset *two = bm_keyset_new(list, 2, &err);
    FUZZ_HOLDS(other != NULL && one != NULL && two != NULL);
    enum bm_status next = bm_elements_open(&elements, documents, &err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &document, &err)) == BM_OK) {
        if (document.type != BM_TYPE_OBJECT) {
            continue;
        }
        struct bm_error damage = BM_ERROR_INIT;
        int is_sound = bm_document_check(document.value, NULL, &damage) == BM_OK;
        damage = BM_ERROR_INIT;
        enum bm_status made = bm_keyset_make(one, document.value, &damage);
        FUZZ_HOLDS(made == BM_OK || (!is_sound && damage.code == BM_ERROR_CORRUPT));
        FUZZ_HOLDS(made == BM_OK || damage.offset < document.value.len);
        damage = BM_ERROR_INIT;
        if (made == BM_OK && bm_keyset_make(two, document.value, &damage) == BM_OK) {
            check_keys(index, bm_keyset_keys(one, 0), bm_keyset_keys(two, 1));
        }
    }
    bm_keyset_free(one);
    bm_keyset_free(two);
    bm_index_free(other);
}

/* For each server whose rules differ. */
static void judge(struct bm_view entry, struct bm_view documents)
{
    static const char *const servers[] = {"", "3.6", "5.0", "7.0"};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index_spec spec;
    FUZZ_HOLDS(bm_index_spec_read(entry, &spec, &err) == BM_OK);
    spec.name = "i";
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        const struct bm_index_home home = {bm_server_parse(servers[i]), BM_NAMESPACE_COLLECTION};
        struct bm_index *index = bm_index_new(&spec, &home, &err);
        FUZZ_HOLDS(index != NULL);
        FUZZ_HOLDS(!bm_index_is_refused(index) || bm_index_reason(index) != NULL);
        make_keys(index, documents);
        bm_index_free(index);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element index;
    struct bm_element documents;
    struct bm_buffer bson = BM_BUFFER_INIT(1u << 25);
    if (bm_json_parse((struct bm_view){data, size}, &bson, &err) == BM_OK &&
        bm_document_find(bm_buffer_view(&bson), bm_view_text("index"), &index, &err) == BM_OK &&
        bm_document_find(bm_buffer_view(&bson), bm_view_text("docs"), &documents, &err) == BM_OK &&
        index.type == BM_TYPE_OBJECT && documents.type == BM_TYPE_ARRAY) {
        /* Some inputs have a byte of their documents damaged, the same one each time. */
        size_t at =
            (size_t)(documents.value.data - bson.data) + 4 + size * 31 % documents.value.len;
        if (size % 4 == 3 && at < bson.len) {
            bson.data[at] ^= (uint8_t)(1u << size % 7);
        }
        judge(index.value, documents.value);
    }
    bm_buffer_free(&bson);
    return 0;
}
