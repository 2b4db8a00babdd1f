/* SPDX-License-Identifier: Apache-2.0 */
/* One document: its check, its elements, its keys and its text agree about what is sound. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/buffer.h"
#include "bsonmend/key.h"
#include "doc/extjson.h"

enum { DEPTH_MAX = 100 };

static int has_document(uint8_t type)
{
    return type == BM_TYPE_OBJECT || type == BM_TYPE_ARRAY;
}

/* Every element of a sound document can be had, level by level. */
static void walk(struct bm_view document, int depth)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status status;
    struct bm_outline outline;
    size_t count = 0;
    FUZZ_HOLDS(bm_document_outline(document, &outline, &err) == BM_OK);
    FUZZ_HOLDS(bm_elements_open(&elements, document, &err) == BM_OK);
    while ((status = bm_elements_next(&elements, &element, &err)) == BM_OK) {
        FUZZ_HOLDS(!outline.is_whole ||
                   bm_outline_element(&outline, document, count).value.data == element.value.data);
        count++;
        FUZZ_HOLDS(element.raw.data >= document.data);
        FUZZ_HOLDS(element.raw.data + element.raw.len <= document.data + document.len);
        FUZZ_HOLDS(element.raw.len == 1 + element.name.len + 1 + element.value.len);
        if (has_document(element.type) && depth < DEPTH_MAX) {
            walk(element.value, depth + 1);
        }
    }
    FUZZ_HOLDS(status == BM_END && count == outline.count);
}

/* What stands before the damage is whole. */
static void walk_sound(struct bm_view document, size_t sound)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    FUZZ_HOLDS(sound <= document.len);
    if (bm_elements_open(&elements, document, &err) != BM_OK) {
        return;
    }
    while (elements.at < sound) {
        FUZZ_HOLDS(bm_elements_next(&elements, &element, &err) == BM_OK);
        if (has_document(element.type)) {
            FUZZ_HOLDS(bm_document_check(element.value, NULL, &err) == BM_OK);
        }
    }
}

static void make_keys(struct bm_view document, enum bm_status sound)
{
    static const char *const paths[3] = {"a", "a.b", "t"};
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_index *indexes[4];
    struct bm_index *owned[4];
    owned[0] = bm_index_of_fields("a_1", &paths[0], 1, &err);
    owned[1] = bm_index_of_fields("a.b_1_t_1", &paths[1], 2, &err);
    owned[2] = bm_index_of_fields("t_1", &paths[2], 1, &err);
    owned[3] = bm_index_of_fields("a_1_t_1", (const char *const[]){"a", "t"}, 2, &err);
    for (size_t i = 0; i < 4; i++) {
        FUZZ_HOLDS(owned[i] != NULL);
        indexes[i] = owned[i];
    }
    struct bm_keyset *keyset = bm_keyset_new(indexes, 4, &err);
    FUZZ_HOLDS(keyset != NULL);
    enum bm_status made = bm_keyset_make(keyset, document, &err);
    FUZZ_HOLDS(made == BM_OK || sound != BM_OK || err.code == BM_ERROR_MEMORY);
    for (size_t i = 0; made == BM_OK && i < 4; i++) {
        const struct bm_keys *keys = bm_keyset_keys(keyset, i);
        for (size_t k = 0; k < keys->count && k < 50; k++) {
            struct bm_buffer text = BM_BUFFER_INIT(1u << 24);
            struct bm_buffer bson = BM_BUFFER_INIT(1u << 24);
            FUZZ_HOLDS(keys->keys[k].canonical.len > 0);
            if (sound == BM_OK && bm_key_text(indexes[i], &keys->keys[k], &text, &err) == BM_OK &&
                bm_key_document(indexes[i], &keys->keys[k], &bson, &err) == BM_OK) {
                FUZZ_HOLDS(bm_document_check(bm_buffer_view(&bson), NULL, &err) == BM_OK);
            }
            bm_buffer_free(&text);
            bm_buffer_free(&bson);
        }
    }
    bm_keyset_free(keyset);
    for (size_t i = 0; i < 4; i++) {
        bm_index_free(owned[i]);
    }
}

/* The text of any document is JSON without control bytes. */
static void print_text(struct bm_view document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer text = BM_BUFFER_INIT(1u << 26);
    FUZZ_HOLDS(bm_json_document(document, &text, &err) == BM_OK);
    FUZZ_HOLDS(text.len >= 2 && text.data[0] == '{' && text.data[text.len - 1] == '}');
    for (size_t i = 0; i < text.len; i++) {
        FUZZ_HOLDS(text.data[i] >= 0x20);
    }
    bm_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view document = {data, size};
    uint8_t *framed = NULL;
    size_t sound = 0;
    /* The framing is the container's; here the inside counts. */
    if (size >= BM_DOCUMENT_MIN) {
        framed = malloc(size);
        FUZZ_HOLDS(framed != NULL);
        memcpy(framed, data, size);
        for (unsigned i = 0; i < 4; i++) {
            framed[i] = (uint8_t)(size >> (8 * i));
        }
        framed[size - 1] = 0;
        document.data = framed;
    }
    enum bm_status status = bm_document_check(document, &sound, &err);
    FUZZ_HOLDS(status == BM_OK || err.code == BM_ERROR_CORRUPT);
    if (status == BM_OK) {
        walk(document, 0);
    } else {
        walk_sound(document, sound);
    }
    if (size >= BM_DOCUMENT_MIN) {
        make_keys(document, status);
    }
    print_text(document);
    free(framed);
    return 0;
}
