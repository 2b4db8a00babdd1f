/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "key/generate.h"
#include "key/harvest.h"

/* A name that starts a path, and the first element so called in the current document. */
struct top {
    struct bm_view name;
    struct bm_element element;
    uint64_t found_in; /* number of the document it was found in */
    size_t next;       /* the other names of its bucket; NO_TOP: none */
};

struct maker {
    const struct bm_index *index;
    size_t *tops; /* by field */
    struct bm_harvest harvest;
    struct bm_keys keys;
};

#define BUCKETS 64u
#define NO_TOP SIZE_MAX
/* More scratch than this is given back: one huge document is no reason to keep it. */
#define SCRATCH_KEPT ((size_t)1 << 20)

struct bm_keyset {
    struct maker *makers;
    size_t maker_count;
    struct top *tops;
    size_t top_count;
    size_t top_capacity;
    size_t buckets[BUCKETS];
    uint64_t document; /* number of the current one, from 1 */
    struct bm_workshop workshop;
};

static size_t bucket_of(struct bm_view name)
{
    size_t mixed = name.len * 5;
    if (name.len > 0) {
        mixed += name.data[0] + (size_t)name.data[name.len - 1] * 3;
    }
    return mixed % BUCKETS;
}

static enum bm_status top_of(struct bm_keyset *keyset, struct bm_view name, size_t *number,
                             struct bm_error *err)
{
    size_t *bucket = &keyset->buckets[bucket_of(name)];
    for (size_t i = *bucket; i != NO_TOP; i = keyset->tops[i].next) {
        if (bm_view_equal(keyset->tops[i].name, name)) {
            *number = i;
            return BM_OK;
        }
    }
    if (bm_grow(&keyset->tops, keyset->top_count, &keyset->top_capacity, sizeof *keyset->tops,
                err) != BM_OK) {
        return BM_FAIL;
    }
    *number = keyset->top_count++;
    keyset->tops[*number] = (struct top){.name = name, .next = *bucket};
    *bucket = *number;
    return BM_OK;
}

static enum bm_status add_maker(struct bm_keyset *keyset, const struct bm_index *index,
                                struct bm_error *err)
{
    struct maker *maker = &keyset->makers[keyset->maker_count++];
    maker->index = index;
    maker->harvest.refusal = BM_BUFFER_INIT(65536);
    if (index->reason != NULL) {
        return BM_OK;
    }
    maker->tops = bm_allocate(index->field_count, sizeof *maker->tops, err);
    if (maker->tops == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < index->field_count; i++) {
        if (top_of(keyset, index->fields[i].components[0], &maker->tops[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (index->field_count > keyset->workshop.fields) {
        keyset->workshop.fields = index->field_count;
    }
    return BM_OK;
}

struct bm_keyset *bm_keyset_new(const struct bm_index *const *indexes, size_t count,
                                struct bm_error *err)
{
    struct bm_keyset *keyset = bm_allocate(1, sizeof *keyset, err);
    if (keyset == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        keyset->buckets[i] = NO_TOP;
    }
    keyset->workshop.scratch = BM_BUFFER_INIT(BM_KEY_BYTES_MOST);
    keyset->makers = bm_allocate(count, sizeof *keyset->makers, err);
    enum bm_status status = keyset->makers != NULL ? BM_OK : BM_FAIL;
    for (size_t i = 0; status == BM_OK && i < count; i++) {
        status = add_maker(keyset, indexes[i], err);
    }
    if (status != BM_OK) {
        bm_keyset_free(keyset);
        return NULL;
    }
    return keyset;
}

void bm_keyset_free(struct bm_keyset *keyset)
{
    if (keyset == NULL) {
        return;
    }
    for (size_t i = 0; i < keyset->maker_count; i++) {
        free(keyset->makers[i].tops);
        bm_harvest_free(&keyset->makers[i].harvest);
    }
    free(keyset->makers);
    free(keyset->tops);
    bm_workshop_free(&keyset->workshop);
    free(keyset);
}

const struct bm_keys *bm_keyset_keys(const struct bm_keyset *keyset, size_t number)
{
    return &keyset->makers[number].keys;
}

/* Notes an element if a path starts with its name; returns 1 if it is the first of that name. */
static int note_top(struct bm_keyset *keyset, const struct bm_element *element)
{
    size_t i = keyset->buckets[bucket_of(element->name)];
    while (i != NO_TOP && !bm_view_equal(keyset->tops[i].name, element->name)) {
        i = keyset->tops[i].next;
    }
    if (i == NO_TOP || keyset->tops[i].found_in == keyset->document) {
        return 0;
    }
    keyset->tops[i].element = *element;
    keyset->tops[i].found_in = keyset->document;
    return 1;
}

/* One pass over the top level, no further than the last name that is looked for. */
static enum bm_status find_tops(struct bm_keyset *keyset, struct bm_view document,
                                struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    size_t missing = keyset->top_count;
    if (missing == 0) {
        return BM_OK;
    }
    enum bm_status status = bm_elements_open(&elements, document, err);
    while (status == BM_OK && missing > 0) {
        status = bm_elements_next(&elements, &element, err);
        if (status == BM_OK) {
            missing -= (size_t)note_top(keyset, &element);
        }
    }
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

/* The `_id` index: the element as it is. Without one the server makes a new ObjectId. */
static enum bm_status make_whole(struct bm_keyset *keyset, struct maker *maker,
                                 const struct bm_element *element, struct bm_error *err)
{
    struct bm_harvest *harvest = &maker->harvest;
    bm_harvest_clear(harvest);
    if (element == NULL) {
        return BM_OK;
    }
    if (element->type == BM_TYPE_ARRAY) {
        return bm_harvest_refuse(harvest, "The '_id' value cannot be of type array", err);
    }
    if (element->type == BM_TYPE_REGEX) {
        return bm_harvest_refuse(harvest, "The '_id' value cannot be of type regex", err);
    }
    if (element->type == BM_TYPE_UNDEFINED) {
        return bm_harvest_refuse(harvest, "The '_id' value cannot be of type undefined", err);
    }
    struct bm_key_part part = {element->type, BM_ORIGIN_VALUE, element->value};
    return bm_harvest_add(&keyset->workshop, harvest, &part, 1, err);
}

static enum bm_status make_keys(struct bm_keyset *keyset, struct maker *maker, struct bm_error *err)
{
    const struct bm_element *tops[BM_FIELDS_MOST];
    for (size_t i = 0; i < maker->index->field_count; i++) {
        const struct top *top = &keyset->tops[maker->tops[i]];
        tops[i] = top->found_in == keyset->document ? &top->element : NULL;
    }
    struct bm_harvest *harvest = &maker->harvest;
    enum bm_status status = maker->index->rule == BM_RULE_WHOLE
                                ? make_whole(keyset, maker, tops[0], err)
                                : bm_generate(&keyset->workshop, maker->index, tops, harvest, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    maker->keys = (struct bm_keys){.keys = harvest->keys, .count = harvest->count};
    if (status == BM_END) {
        maker->keys.count = 0;
        maker->keys.unindexable = (const char *)harvest->refusal.data;
    }
    return BM_OK;
}

enum bm_status bm_keyset_make(struct bm_keyset *keyset, struct bm_view document,
                              struct bm_error *err)
{
    keyset->document++;
    keyset->workshop.origin = document.data;
    bm_arena_reset(&keyset->workshop.arena);
    if (keyset->workshop.scratch.capacity > SCRATCH_KEPT) {
        bm_buffer_free(&keyset->workshop.scratch);
    }
    for (size_t i = 0; i < keyset->maker_count; i++) {
        keyset->makers[i].keys = (struct bm_keys){.count = 0};
    }
    if (find_tops(keyset, document, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < keyset->maker_count; i++) {
        struct maker *maker = &keyset->makers[i];
        if (maker->index->reason == NULL && make_keys(keyset, maker, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
