/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "key/index.h"
#include "key/size.h"

/* Where a path starts, and of which index. */
struct start {
    struct bm_view name;
    size_t index;
};

struct bm_hazards {
    const struct bm_index *const *indexes; /* borrowed */
    size_t count;
    struct start *starts;
    size_t start_count;
    size_t *met; /* by index: paths of the current document that lead into a container */
    struct bm_keyset *keyset;
    const char **words; /* by index, of the current document */
};

static int has_position(const struct bm_field *field)
{
    for (size_t i = 1; i < field->count; i++) {
        struct bm_view component = field->components[i];
        if (component.len > 0 && component.data[0] >= '0' && component.data[0] <= '9') {
            return 1;
        }
    }
    return 0;
}

/* How many paths have to lead into containers before a document can fail the index. Two, for
 * parallel arrays; one where a position, a hash or a collation has rules of its own; 0: it cannot
 * fail for what it contains. */
static size_t needed(const struct bm_index *index)
{
    if (index->collation != NULL || index->kind == BM_INDEX_HASHED) {
        return 1;
    }
    for (size_t i = 0; i < index->field_count; i++) {
        if (has_position(&index->fields[i])) {
            return 1;
        }
    }
    return index->field_count > 1 ? 2 : 0;
}

int bm_index_can_fail(const struct bm_index *index)
{
    int is_hashed = index->kind == BM_INDEX_HASHED && index->standing == BM_STANDING_SOUND &&
                    index->filter == NULL;
    int is_made = index->kind == BM_INDEX_BTREE && index->reason == NULL;
    return (is_made && (index->limits_keys || needed(index) > 0)) || is_hashed;
}

static enum bm_status find_starts(struct bm_hazards *hazards, struct bm_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < hazards->count; i++) {
        total += hazards->indexes[i]->field_count;
    }
    hazards->starts = bm_allocate(total, sizeof *hazards->starts, err);
    if (hazards->starts == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < hazards->count; i++) {
        const struct bm_index *index = hazards->indexes[i];
        for (size_t f = 0; f < index->field_count; f++) {
            hazards->starts[hazards->start_count++] =
                (struct start){index->fields[f].components[0], i};
        }
    }
    return BM_OK;
}

struct bm_hazards *bm_hazards_new(const struct bm_index *const *indexes, size_t count,
                                  struct bm_error *err)
{
    struct bm_hazards *hazards = bm_allocate(1, sizeof *hazards, err);
    if (hazards == NULL) {
        return NULL;
    }
    hazards->indexes = indexes;
    hazards->count = count;
    hazards->met = bm_allocate(count, sizeof *hazards->met, err);
    hazards->words = bm_allocate(count, sizeof *hazards->words, err);
    hazards->keyset = bm_keyset_new(indexes, count, err);
    if (hazards->met == NULL || hazards->words == NULL || hazards->keyset == NULL ||
        find_starts(hazards, err) != BM_OK) {
        bm_hazards_free(hazards);
        return NULL;
    }
    return hazards;
}

void bm_hazards_free(struct bm_hazards *hazards)
{
    if (hazards == NULL) {
        return;
    }
    bm_keyset_free(hazards->keyset);
    free(hazards->starts);
    free(hazards->met);
    free(hazards->words);
    free(hazards);
}

/* A value that can hold what fails an index, or is it. */
static int is_suspect(uint8_t type)
{
    return type == BM_TYPE_ARRAY || type == BM_TYPE_OBJECT || type == BM_TYPE_SYMBOL;
}

static void note_suspect(struct bm_hazards *hazards, const struct bm_element *element)
{
    for (size_t i = 0; i < hazards->start_count; i++) {
        if (bm_view_equal(hazards->starts[i].name, element->name)) {
            hazards->met[hazards->starts[i].index]++;
        }
    }
}

/* Ordinary documents end here. */
static enum bm_status may_fail(struct bm_hazards *hazards, struct bm_view document, int *may,
                               struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    *may = 0;
    memset(hazards->met, 0, hazards->count * sizeof *hazards->met);
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        if (is_suspect(element.type)) {
            note_suspect(hazards, &element);
        }
    }
    for (size_t i = 0; i < hazards->count; i++) {
        const struct bm_index *index = hazards->indexes[i];
        size_t least = needed(index);
        /* Fields may overlap, and sort keys are longer than strings. */
        int is_large =
            index->limits_keys &&
            (index->collation != NULL || document.len * index->field_count >= BM_KEY_BYTES_LIMIT);
        *may |= is_large || (least > 0 && hazards->met[i] >= least);
    }
    return next == BM_FAIL ? BM_FAIL : BM_OK;
}

/* Any array on the way of a path fails a hashed index (mongod expression_keys_private.cpp). */
static int meets_array(struct bm_view document, const struct bm_field *field)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element element = {.type = BM_TYPE_OBJECT, .value = document};
    for (size_t i = 0; i < field->count && element.type == BM_TYPE_OBJECT; i++) {
        if (bm_document_find(element.value, field->components[i], &element, &damage) != BM_OK) {
            return 0;
        }
    }
    return element.type == BM_TYPE_ARRAY;
}

static const char *hashed_words(const struct bm_index *index, struct bm_view document)
{
    for (size_t i = 0; i < index->field_count; i++) {
        if (meets_array(document, &index->fields[i])) {
            return "hashed indexes do not currently support array values";
        }
    }
    return NULL;
}

enum bm_status bm_hazards_look(struct bm_hazards *hazards, struct bm_view document,
                               struct bm_error *err)
{
    int may;
    int fails = 0;
    if (may_fail(hazards, document, &may, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!may) {
        return BM_OK;
    }
    if (bm_keyset_make(hazards->keyset, document, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < hazards->count; i++) {
        if (bm_keyset_turn_to(hazards->keyset, i, err) != BM_OK) {
            return BM_FAIL;
        }
        const struct bm_keys *keys = bm_keyset_keys(hazards->keyset, i);
        hazards->words[i] = hazards->indexes[i]->kind == BM_INDEX_HASHED
                                ? hashed_words(hazards->indexes[i], document)
                            : keys->own_limit != NULL ? NULL
                                                      : keys->unindexable;
        fails |= hazards->words[i] != NULL;
    }
    return fails ? BM_END : BM_OK;
}

const char *bm_hazards_words(const struct bm_hazards *hazards, size_t number)
{
    return hazards->words[number];
}
