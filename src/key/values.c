/* SPDX-License-Identifier: Apache-2.0 */
#include "key/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"

void bm_values_clear(struct bm_values *values)
{
    values->count = 0;
    bm_arena_reset(&values->arena);
}

void bm_values_free(struct bm_values *values)
{
    bm_arena_free(&values->arena);
    bm_buffer_free(&values->form);
    bm_buffer_free(&values->copy);
    free(values->forms);
}

/* ---- a copy with its fields sorted ---- */

struct copying {
    struct bm_values *values;
    const uint8_t *origin;
};

/* The recursion goes down at most BM_DEPTH_MOST levels. */
static enum bm_status copy_document(const struct copying *copying, uint8_t type,
                                    struct bm_view document, unsigned depth, struct bm_error *err);

/* From the type byte on. */
static enum bm_status copy_element(const struct copying *copying, struct bm_view raw,
                                   unsigned depth, struct bm_error *err)
{
    struct bm_buffer *copy = &copying->values->copy;
    uint8_t type = raw.data[0];
    size_t head = 1 + strlen((const char *)raw.data + 1) + 1;
    if (type == BM_TYPE_CODE_WITH_SCOPE || raw.len > BM_KEY_BYTES_MOST - copy->len) {
        return BM_END;
    }
    if (type != BM_TYPE_OBJECT && type != BM_TYPE_ARRAY) {
        return bm_buffer_append(copy, raw, err);
    }
    const struct bm_view value = {raw.data + head, raw.len - head};
    return bm_buffer_append(copy, (struct bm_view){raw.data, head}, err) == BM_OK
               ? copy_document(copying, type, value, depth + 1, err)
               : BM_FAIL;
}

/* Of two fields of one name the first stays the first. */
static int by_name(const void *a, const void *b)
{
    const struct bm_view *one = a;
    const struct bm_view *other = b;
    int order = strcmp((const char *)one->data + 1, (const char *)other->data + 1);
    return order != 0 ? order : (one->data > other->data) - (one->data < other->data);
}

/* The elements of a document from their type byte on, in the arena. */
static enum bm_status list_elements(const struct copying *copying, struct bm_view document,
                                    struct bm_view **list, size_t *count, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    *count = 0;
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        ++*count;
    }
    if (next == BM_FAIL) {
        return bm_offset_from(err, document, copying->origin);
    }
    struct bm_arena *arena = &copying->values->arena;
    if (arena->taken > BM_KEY_BYTES_MOST ||
        *count > (BM_KEY_BYTES_MOST - arena->taken) / sizeof **list) {
        return BM_END;
    }
    *list = bm_arena_take(arena, (*count + 1) * sizeof **list, err);
    if (*list == NULL) {
        return BM_FAIL;
    }
    size_t number = 0;
    next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        (*list)[number++] = element.raw;
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status copy_document(const struct copying *copying, uint8_t type,
                                    struct bm_view document, unsigned depth, struct bm_error *err)
{
    static const uint8_t length[4] = {0};
    struct bm_buffer *copy = &copying->values->copy;
    size_t start = copy->len;
    struct bm_view *list = NULL;
    size_t count;
    if (depth == BM_DEPTH_MOST) {
        return BM_END;
    }
    enum bm_status status = list_elements(copying, document, &list, &count, err);
    if (status != BM_OK) {
        return status;
    }
    if (type == BM_TYPE_OBJECT) {
        qsort(list, count, sizeof *list, by_name);
    }
    status = bm_buffer_append(copy, (struct bm_view){length, sizeof length}, err);
    for (size_t i = 0; i < count && status == BM_OK; i++) {
        status = copy_element(copying, list[i], depth, err);
    }
    if (status != BM_OK) {
        return status;
    }
    if (bm_buffer_append_byte(copy, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_put_le32(copy->data + start, (uint32_t)(copy->len - start));
    return BM_OK;
}

/* ---- the values ---- */

static enum bm_status keep_form(struct bm_values *values, struct bm_error *err)
{
    struct bm_view form = bm_buffer_view(&values->form);
    if (values->arena.taken > BM_KEY_BYTES_MOST ||
        form.len > BM_KEY_BYTES_MOST - values->arena.taken) {
        return BM_END;
    }
    if (bm_grow(&values->forms, values->count, &values->capacity, sizeof *values->forms, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    uint8_t *kept = bm_arena_take(&values->arena, form.len, err);
    if (kept == NULL) {
        return BM_FAIL;
    }
    memcpy(kept, form.data, form.len);
    values->forms[values->count++] = (struct bm_view){kept, form.len};
    return BM_OK;
}

enum bm_status bm_values_add(struct bm_values *values, const struct bm_element *value,
                             const uint8_t *origin, struct bm_error *err)
{
    const struct copying copying = {values, origin};
    struct bm_canonical canonical = {.out = &values->form, .origin = origin};
    struct bm_view bytes = value->value;
    if (value->type == BM_TYPE_CODE_WITH_SCOPE) {
        return BM_END;
    }
    bm_buffer_clear(&values->form);
    if (value->type == BM_TYPE_OBJECT || value->type == BM_TYPE_ARRAY) {
        bm_buffer_clear(&values->copy);
        enum bm_status status = copy_document(&copying, value->type, bytes, 0, err);
        if (status != BM_OK) {
            return status;
        }
        bytes = bm_buffer_view(&values->copy);
    }
    enum bm_status status = bm_canonical_append(&canonical, value->type, bytes, err);
    return status == BM_OK ? keep_form(values, err) : status;
}

static int by_bytes(const void *a, const void *b)
{
    const struct bm_view *one = a;
    const struct bm_view *other = b;
    return one->len != other->len ? (one->len > other->len) - (one->len < other->len)
                                  : memcmp(one->data, other->data, one->len);
}

enum bm_status bm_values_add_all(struct bm_values *values, const struct bm_element *array,
                                 const uint8_t *origin, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    enum bm_status next = bm_elements_open(&elements, array->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        enum bm_status status = bm_values_add(values, &entry, origin, err);
        if (status != BM_OK) {
            return status;
        }
    }
    if (next == BM_FAIL) {
        return bm_offset_from(err, array->value, origin);
    }
    if (values->count > 1) {
        qsort(values->forms, values->count, sizeof *values->forms, by_bytes);
    }
    return BM_OK;
}

int bm_values_differ(const struct bm_values *values)
{
    for (size_t i = 1; i < values->count; i++) {
        if (by_bytes(&values->forms[i - 1], &values->forms[i]) == 0) {
            return 0;
        }
    }
    return 1;
}

int bm_values_have(const struct bm_values *values, const struct bm_values *one)
{
    return values->count > 0 && bsearch(&one->forms[0], values->forms, values->count,
                                        sizeof *values->forms, by_bytes) != NULL;
}
