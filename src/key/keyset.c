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
    size_t *tops;        /* by field */
    size_t *filter_tops; /* by condition of the filter */
    struct bm_harvest harvest;
    struct bm_keys keys;
};

#define BUCKETS 64u
#define NO_TOP SIZE_MAX
/* More scratch than this is given back: one huge document is no reason to keep it. */
#define SCRATCH_KEPT ((size_t)1 << 20)
/* Keys of one document, over all indexes, that are in memory together. */
#define TOGETHER_MOST ((size_t)64 << 20)

struct bm_keyset {
    struct maker *makers;
    size_t maker_count;
    struct top *tops;
    size_t top_count;
    size_t top_capacity;
    size_t buckets[BUCKETS];
    const struct bm_element **found;  /* for one filter: its tops in the current document */
    size_t filter_top_count;          /* most of any filter */
    uint64_t document;                /* number of the current one, from 1 */
    int is_crowded;                   /* it has keys of one index at a time */
    const struct bm_outline *outline; /* of the current document, NULL: none */
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

static enum bm_status add_filter_tops(struct bm_keyset *keyset, struct maker *maker,
                                      struct bm_error *err)
{
    const struct bm_filter *filter = maker->index->filter;
    maker->filter_tops = bm_allocate(filter->count, sizeof *maker->filter_tops, err);
    if (maker->filter_tops == NULL) {
        return BM_FAIL;
    }
    if (filter->count > keyset->filter_top_count) {
        keyset->filter_top_count = filter->count;
    }
    for (size_t i = 0; i < filter->count; i++) {
        const struct bm_field *field = &filter->conditions[i].field;
        maker->filter_tops[i] = NO_TOP;
        if (field->count > 0 &&
            top_of(keyset, field->components[0], &maker->filter_tops[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
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
    return index->filter != NULL ? add_filter_tops(keyset, maker, err) : BM_OK;
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
    keyset->workshop.units = BM_UNITS_INIT;
    keyset->makers = bm_allocate(count, sizeof *keyset->makers, err);
    enum bm_status status = keyset->makers != NULL ? BM_OK : BM_FAIL;
    for (size_t i = 0; status == BM_OK && i < count; i++) {
        status = add_maker(keyset, indexes[i], err);
    }
    if (status == BM_OK) {
        keyset->found = bm_allocate(keyset->filter_top_count, sizeof *keyset->found, err);
    }
    if (keyset->found == NULL) {
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
        free(keyset->makers[i].filter_tops);
        bm_harvest_free(&keyset->makers[i].harvest);
    }
    free(keyset->makers);
    free(keyset->tops);
    free(keyset->found);
    bm_workshop_free(&keyset->workshop);
    free(keyset);
}

const struct bm_keys *bm_keyset_keys(const struct bm_keyset *keyset, size_t number)
{
    return &keyset->makers[number].keys;
}

/* Most names differ from those looked for, by their lengths mostly. */
static int is_called(const struct top *top, struct bm_view name)
{
    return top->name.len == name.len && memcmp(top->name.data, name.data, name.len) == 0;
}

/* Where to put the element of this name, if a path starts with it and it is the first so called;
 * else NULL. */
static struct bm_element *first_of(struct bm_keyset *keyset, struct bm_view name)
{
    size_t i = keyset->buckets[bucket_of(name)];
    while (i != NO_TOP && !is_called(&keyset->tops[i], name)) {
        i = keyset->tops[i].next;
    }
    if (i == NO_TOP || keyset->tops[i].found_in == keyset->document) {
        return NULL;
    }
    keyset->tops[i].found_in = keyset->document;
    return &keyset->tops[i].element;
}

/* By the outline: only what is looked for is made an element [measured: a
 * document of ten fields with one index takes 127 ns from its check to its key, 211 by elements].
 */
static void find_outlined_tops(struct bm_keyset *keyset, struct bm_view document)
{
    const struct bm_outline *outline = keyset->outline;
    size_t missing = keyset->top_count;
    for (size_t i = 0; i < outline->count && missing > 0; i++) {
        struct bm_element *first = first_of(keyset, bm_outline_name(outline, document, i));
        if (first != NULL) {
            *first = bm_outline_element(outline, document, i);
            missing--;
        }
    }
}

/* One pass over the top level, no further than the last name that is looked for. */
static enum bm_status find_tops(struct bm_keyset *keyset, struct bm_view document,
                                struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    size_t missing = keyset->top_count;
    if (keyset->outline != NULL && keyset->outline->is_whole) {
        find_outlined_tops(keyset, document);
        return BM_OK;
    }
    enum bm_status status = missing > 0 ? bm_elements_open(&elements, document, err) : BM_OK;
    while (status == BM_OK && missing > 0) {
        status = bm_elements_next(&elements, &element, err);
        struct bm_element *first = status == BM_OK ? first_of(keyset, element.name) : NULL;
        if (first != NULL) {
            *first = element;
            missing--;
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
    const char *problem =
        bm_index_id_problem(maker->index, keyset->workshop.document, keyset->outline, element);
    if (problem != NULL) {
        return bm_harvest_refuse_as(harvest, problem, err);
    }
    struct bm_key_part part = {element->type, BM_ORIGIN_VALUE, element->value};
    return bm_harvest_add(&keyset->workshop, harvest, maker->index, &part, err);
}

static const struct bm_element *top_at(const struct bm_keyset *keyset, size_t number)
{
    const struct top *top = &keyset->tops[number];
    return top->found_in == keyset->document ? &top->element : NULL;
}

/* A document without _id gets an ObjectId before any filter sees it: one later than all others. */
static const struct bm_element *fresh_id(void)
{
    static const uint8_t bytes[] = "\7_id\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    static const struct bm_element id = {.type = BM_TYPE_OBJECT_ID,
                                         .name = {bytes + 1, 3},
                                         .value = {bytes + 5, 12},
                                         .raw = {bytes, 17}};
    return &id;
}

static int names_id(const struct bm_field *field)
{
    return field->count > 0 && bm_view_equal(field->components[0], bm_view_text("_id"));
}

/* Whether a partial index holds the document. BM_END: the server would not take the document. */
static enum bm_status match(struct bm_keyset *keyset, struct maker *maker, int *matches,
                            struct bm_error *err)
{
    const struct bm_filter *filter = maker->index->filter;
    for (size_t i = 0; i < filter->count; i++) {
        size_t top = maker->filter_tops[i];
        keyset->found[i] = top != NO_TOP ? top_at(keyset, top) : NULL;
        if (keyset->found[i] == NULL && names_id(&filter->conditions[i].field)) {
            keyset->found[i] = fresh_id();
        }
    }
    struct bm_matching matching = {
        .tops = keyset->found,
        .origin = keyset->workshop.origin,
        .units = &keyset->workshop.units,
    };
    enum bm_status status = bm_filter_match(filter, &matching, matches, err);
    return status == BM_END ? bm_harvest_refuse(&maker->harvest, matching.refusal, err) : status;
}

/* A key with a fresh _id in it equals no other. */
static int has_fresh_id(const struct bm_index *index, const struct bm_element *const *tops)
{
    for (size_t i = 0; i < index->field_count; i++) {
        if (tops[i] == NULL && index->fields[i].count == 1 && names_id(&index->fields[i])) {
            return 1;
        }
    }
    return 0;
}

static enum bm_status generate(struct bm_keyset *keyset, struct maker *maker, struct bm_error *err)
{
    const struct bm_index *index = maker->index;
    const struct bm_element *tops[BM_FIELDS_MOST];
    for (size_t i = 0; i < index->field_count; i++) {
        tops[i] = top_at(keyset, maker->tops[i]);
    }
    if (index->rule == BM_RULE_WHOLE) {
        return make_whole(keyset, maker, tops[0], err);
    }
    enum bm_status status = bm_generate(&keyset->workshop, index, tops, &maker->harvest, err);
    if (status == BM_OK && has_fresh_id(index, tops)) {
        maker->harvest.count = 0;
    }
    return status;
}

static enum bm_status make_keys(struct bm_keyset *keyset, struct maker *maker, struct bm_error *err)
{
    struct bm_harvest *harvest = &maker->harvest;
    enum bm_status status = BM_OK;
    int matches = 1;
    if (maker->index->filter != NULL) {
        status = match(keyset, maker, &matches, err);
    }
    if (status == BM_OK && !matches) {
        return BM_OK;
    }
    if (status == BM_OK) {
        status = generate(keyset, maker, err);
    }
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    maker->keys = (struct bm_keys){.keys = harvest->keys, .count = harvest->count};
    if (status == BM_END) {
        maker->keys.count = 0;
        maker->keys.unindexable = (const char *)harvest->refusal.data;
        maker->keys.own_limit = harvest->own_limit;
    }
    return BM_OK;
}

/* Ends the life of all keys. */
static void drop_keys(struct bm_keyset *keyset)
{
    bm_arena_reset(&keyset->workshop.arena);
    for (size_t i = 0; i < keyset->maker_count; i++) {
        keyset->makers[i].keys = (struct bm_keys){.count = 0};
    }
}

/* As above, with what harvests keep for the next document: a crowd's share is not small. */
static void drop_crowd(struct bm_keyset *keyset)
{
    drop_keys(keyset);
    for (size_t i = 0; i < keyset->maker_count; i++) {
        bm_harvest_clear(&keyset->makers[i].harvest);
    }
}

/*
 * Of a crowded document the keys are made for every index too, one after the other: damage must be
 * told by now, on whatever path it lies.
 */
static enum bm_status make_all(struct bm_keyset *keyset, struct bm_error *err)
{
    size_t listed = 0; /* bytes that harvests take beside the arena */
    for (size_t i = 0; i < keyset->maker_count; i++) {
        struct maker *maker = &keyset->makers[i];
        if (maker->index->reason == NULL && make_keys(keyset, maker, err) != BM_OK) {
            return BM_FAIL;
        }
        listed += maker->keys.count * sizeof(struct bm_key);
        keyset->is_crowded |=
            keyset->maker_count > 1 && keyset->workshop.arena.taken + listed > TOGETHER_MOST;
        if (keyset->is_crowded) {
            drop_crowd(keyset);
        }
    }
    return BM_OK;
}

enum bm_status bm_keyset_make(struct bm_keyset *keyset, struct bm_view document,
                              struct bm_error *err)
{
    return bm_keyset_make_by(keyset, document, NULL, err);
}

enum bm_status bm_keyset_make_by(struct bm_keyset *keyset, struct bm_view document,
                                 const struct bm_outline *outline, struct bm_error *err)
{
    keyset->document++;
    keyset->outline = outline;
    keyset->workshop.document = document;
    keyset->workshop.origin = document.data;
    keyset->is_crowded = 0;
    drop_keys(keyset);
    if (keyset->workshop.scratch.capacity > SCRATCH_KEPT) {
        bm_buffer_free(&keyset->workshop.scratch);
    }
    return find_tops(keyset, document, err) == BM_OK ? make_all(keyset, err) : BM_FAIL;
}

int bm_keyset_is_crowded(const struct bm_keyset *keyset)
{
    return keyset->is_crowded;
}

enum bm_status bm_keyset_turn_to(struct bm_keyset *keyset, size_t number, struct bm_error *err)
{
    struct maker *maker = &keyset->makers[number];
    if (!keyset->is_crowded || maker->index->reason != NULL) {
        return BM_OK;
    }
    drop_crowd(keyset);
    return make_keys(keyset, maker, err);
}
