/* SPDX-License-Identifier: Apache-2.0 */
#include "key/generate.h"

#include <stdlib.h>

#include "base/memory.h"
#include "key/harvest.h"
#include "key/text.h"

/*
 * The walk of mongod's btree_key_generator.cpp. All paths of an index go down together: at each
 * level every path runs through objects until it ends or stands at an array; all that stand at one
 * must stand at the same one; it is then expanded once, entry by entry, one level down. A component
 * such as the 0 of a.0 may name an entry of the array instead of a field of the entries: what it
 * leads to is found before the entries are visited, and counts for each of them.
 */
enum trail_state { TRAIL_OPEN, TRAIL_AT_ARRAY, TRAIL_SETTLED };

/* How far one field of the index has come. */
struct bm_trail {
    enum trail_state state;
    int positional;          /* its next component names an entry of the array around */
    size_t used;             /* components behind it */
    struct bm_key_part part; /* TRAIL_SETTLED */
    struct bm_element array; /* TRAIL_AT_ARRAY */
    struct bm_element entry; /* positional: the entry itself … */
    struct bm_element goal;  /* … and where the path leads from it, */
    int goal_found;          /* if anywhere, */
    size_t goal_used;        /* with so many components behind it */
};

struct walk {
    struct bm_workshop *workshop;
    const struct bm_index *index;
    const struct bm_element *const *tops;
    struct bm_harvest *harvest;
};

void bm_workshop_free(struct bm_workshop *workshop)
{
    bm_arena_free(&workshop->arena);
    bm_buffer_free(&workshop->scratch);
    bm_units_free(&workshop->units);
    for (size_t i = 0; i <= BM_DEPTH_MOST; i++) {
        free(workshop->levels[i]);
    }
}

static struct bm_trail *trails_of(const struct walk *walk, size_t level, struct bm_error *err)
{
    struct bm_workshop *workshop = walk->workshop;
    if (workshop->levels[level] == NULL) {
        workshop->levels[level] = bm_allocate(workshop->fields, sizeof(struct bm_trail), err);
    }
    return workshop->levels[level];
}

static void settle(struct bm_trail *trail, const struct bm_element *element)
{
    trail->state = TRAIL_SETTLED;
    trail->part = (struct bm_key_part){
        .type = element->type, .origin = BM_ORIGIN_VALUE, .value = element->value};
}

static void settle_without(struct bm_trail *trail, enum bm_type type, enum bm_origin origin)
{
    trail->state = TRAIL_SETTLED;
    trail->part = (struct bm_key_part){.type = (uint8_t)type, .origin = origin};
}

/* A look-up whose failure tells its place in the whole document. */
static enum bm_status find(const struct walk *walk, struct bm_view document, struct bm_view name,
                           struct bm_element *out, struct bm_error *err)
{
    enum bm_status status = bm_document_find(document, name, out, err);
    return status == BM_FAIL ? bm_offset_from(err, document, walk->workshop->origin) : status;
}

/*
 * From the element that component *used of the field names, on through objects: BM_OK with the
 * element where the path ends or meets an array; BM_END: it leads nowhere.
 */
static enum bm_status follow(const struct walk *walk, const struct bm_field *field, size_t *used,
                             struct bm_element *element, struct bm_error *err)
{
    for (;;) {
        ++*used;
        if (element->type == BM_TYPE_ARRAY || *used == field->count) {
            return BM_OK;
        }
        if (element->type != BM_TYPE_OBJECT) {
            return BM_END;
        }
        enum bm_status status = find(walk, element->value, field->components[*used], element, err);
        if (status != BM_OK) {
            return status;
        }
    }
}

/* The server's error 16746: a name that is both an entry and a field of an entry. */
static enum bm_status refuse_ambiguous(const struct walk *walk, const struct bm_trail *trail,
                                       struct bm_error *err)
{
    enum { SHOWN = 200 };
    struct bm_buffer text = BM_BUFFER_INIT(65536);
    struct bm_text array = bm_text_start(&text, 2 * SHOWN);
    struct bm_view name = trail->entry.name;
    name.len = name.len < SHOWN ? name.len : SHOWN;
    enum bm_status status = BM_FAIL;
    if (bm_buffer_append_text(&text,
                              "Ambiguous field name found in array (do not use numeric field names "
                              "in embedded elements in an array), field: '",
                              err) != BM_OK ||
        bm_buffer_append(&text, name, err) != BM_OK ||
        bm_buffer_append_text(&text, "' for array: ", err) != BM_OK ||
        bm_text_document(&array, BM_TYPE_OBJECT, trail->array.value, err) != BM_OK ||
        bm_text_finish(&array, err) != BM_OK || bm_buffer_append_byte(&text, 0, err) != BM_OK) {
        goto out;
    }
    status = bm_harvest_refuse_as(walk->harvest, (const char *)text.data, err);
out:
    bm_buffer_free(&text);
    return status;
}

static enum bm_status refuse_parallel(const struct walk *walk, const struct bm_element *later,
                                      const struct bm_element *first, struct bm_error *err)
{
    enum { SHOWN = 200 };
    struct bm_buffer text = BM_BUFFER_INIT(65536);
    struct bm_view names[2] = {later->name, first->name};
    enum bm_status status = bm_buffer_append_text(&text, "cannot index parallel arrays", err);
    for (size_t i = 0; status == BM_OK && i < 2; i++) {
        struct bm_view name = names[i];
        name.len = name.len < SHOWN ? name.len : SHOWN;
        if (bm_buffer_append_text(&text, " [", err) != BM_OK ||
            bm_buffer_append(&text, name, err) != BM_OK ||
            bm_buffer_append_text(&text, "]", err) != BM_OK) {
            status = BM_FAIL;
        }
    }
    if (status == BM_OK) {
        status = bm_buffer_append_byte(&text, 0, err);
    }
    if (status == BM_OK) {
        status = bm_harvest_refuse_as(walk->harvest, (const char *)text.data, err);
    }
    bm_buffer_free(&text);
    return status;
}

/* The element that an open trail's next component names at this level. BM_END: none. */
static enum bm_status named(const struct walk *walk, size_t level, size_t number,
                            const struct bm_view *object, struct bm_element *out,
                            struct bm_error *err)
{
    if (level == 0) {
        if (walk->tops[number] == NULL) {
            return BM_END;
        }
        *out = *walk->tops[number];
        return BM_OK;
    }
    const struct bm_trail *trail = &walk->workshop->levels[level][number];
    const struct bm_field *field = &walk->index->fields[number];
    return object != NULL ? find(walk, *object, field->components[trail->used], out, err) : BM_END;
}

/*
 * Takes one open trail as far as this level goes. *nested is set when it came over an entry that is
 * an array itself: such an array is not expanded at its end. BM_END: refused.
 */
static enum bm_status advance(const struct walk *walk, size_t level, size_t number,
                              const struct bm_view *object, int *nested, struct bm_error *err)
{
    struct bm_trail *trail = &walk->workshop->levels[level][number];
    const struct bm_field *field = &walk->index->fields[number];
    struct bm_element element;
    enum bm_status status = named(walk, level, number, object, &element, err);
    if (status == BM_OK && trail->positional) {
        return refuse_ambiguous(walk, trail, err);
    }
    if (status == BM_OK) {
        status = follow(walk, field, &trail->used, &element, err);
    } else if (status == BM_END && trail->positional) {
        *nested |= trail->entry.type == BM_TYPE_ARRAY;
        trail->used = trail->goal_used;
        element = trail->goal;
        status = trail->goal_found ? BM_OK : BM_END;
    }
    trail->positional = 0;
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_END) {
        settle_without(trail, BM_TYPE_NULL, BM_ORIGIN_MISSING);
    } else if (element.type == BM_TYPE_ARRAY) {
        trail->state = TRAIL_AT_ARRAY;
        trail->array = element;
    } else {
        settle(trail, &element);
    }
    return BM_OK;
}

/* For trails that go on behind an array: whether their next component names one of its entries. */
static enum bm_status look_at_positions(const struct walk *walk, size_t level, struct bm_error *err)
{
    struct bm_trail *trails = walk->workshop->levels[level];
    for (size_t i = 0; i < walk->index->field_count; i++) {
        struct bm_trail *trail = &trails[i];
        const struct bm_field *field = &walk->index->fields[i];
        if (trail->state != TRAIL_AT_ARRAY || trail->used == field->count) {
            continue;
        }
        enum bm_status status =
            find(walk, trail->array.value, field->components[trail->used], &trail->entry, err);
        if (status == BM_OK) {
            trail->positional = 1;
            trail->goal = trail->entry;
            trail->goal_used = trail->used;
            status = follow(walk, field, &trail->goal_used, &trail->goal, err);
            trail->goal_found = status == BM_OK;
        }
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status walk_level(const struct walk *walk, size_t level,
                                 const struct bm_view *object, struct bm_error *err);

/* One level down for one entry of the array, or once for an empty one (entry NULL). */
static enum bm_status enter(const struct walk *walk, size_t level, const struct bm_element *entry,
                            int nested, struct bm_error *err)
{
    struct bm_trail *below = trails_of(walk, level + 1, err);
    if (below == NULL) {
        return BM_FAIL;
    }
    const struct bm_trail *here = walk->workshop->levels[level];
    for (size_t i = 0; i < walk->index->field_count; i++) {
        below[i] = here[i];
        if (here[i].state != TRAIL_AT_ARRAY) {
            continue;
        }
        below[i].state = TRAIL_OPEN;
        if (here[i].used < walk->index->fields[i].count) {
            continue;
        }
        if (entry == NULL) {
            settle_without(&below[i], BM_TYPE_UNDEFINED, BM_ORIGIN_EMPTY_ARRAY);
        } else {
            settle(&below[i], nested ? &here[i].array : entry);
        }
    }
    int is_object = entry != NULL && entry->type == BM_TYPE_OBJECT;
    enum bm_status status = bm_harvest_work(walk->harvest, is_object ? entry->value.len : 0, err);
    return status == BM_OK ? walk_level(walk, level + 1, is_object ? &entry->value : NULL, err)
                           : status;
}

/* Whether the keys made for an entry of the array depend on that entry. */
static int entries_differ(const struct walk *walk, size_t level, int nested)
{
    const struct bm_trail *trails = walk->workshop->levels[level];
    for (size_t i = 0; i < walk->index->field_count; i++) {
        int ended = trails[i].used == walk->index->fields[i].count;
        if (trails[i].state == TRAIL_AT_ARRAY && (ended ? !nested : !trails[i].positional)) {
            return 1;
        }
    }
    return 0;
}

/* All that is left to ask of an entry whose keys are known: no name may be ambiguous. */
static enum bm_status check_names(const struct walk *walk, size_t level,
                                  const struct bm_element *entry, struct bm_error *err)
{
    const struct bm_trail *trails = walk->workshop->levels[level];
    for (size_t i = 0; entry->type == BM_TYPE_OBJECT && i < walk->index->field_count; i++) {
        const struct bm_trail *trail = &trails[i];
        if (trail->state != TRAIL_AT_ARRAY || !trail->positional) {
            continue;
        }
        struct bm_element other;
        struct bm_view name = walk->index->fields[i].components[trail->used];
        enum bm_status status = find(walk, entry->value, name, &other, err);
        if (status == BM_OK) {
            return refuse_ambiguous(walk, trail, err);
        }
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status expand(const struct walk *walk, size_t level, struct bm_view array,
                             int nested, struct bm_error *err)
{
    if (level == BM_DEPTH_MOST) {
        return bm_harvest_refuse(walk->harvest, BM_REFUSAL_DEPTH, err);
    }
    struct bm_elements entries;
    struct bm_element entry;
    enum bm_status status = bm_harvest_work(walk->harvest, array.len, err);
    if (status != BM_OK) {
        return status;
    }
    if (bm_elements_open(&entries, array, err) != BM_OK) {
        return bm_offset_from(err, array, walk->workshop->origin);
    }
    status = bm_elements_next(&entries, &entry, err);
    if (status == BM_END) {
        return enter(walk, level, NULL, nested, err);
    }
    if (status == BM_OK && look_at_positions(walk, level, err) != BM_OK) {
        return BM_FAIL;
    }
    int differ = entries_differ(walk, level, nested);
    for (int first = 1; status == BM_OK; first = 0) {
        enum bm_status made = differ || first ? enter(walk, level, &entry, nested, err)
                                              : check_names(walk, level, &entry, err);
        if (made != BM_OK) {
            return made;
        }
        status = bm_elements_next(&entries, &entry, err);
    }
    return status == BM_END ? BM_OK : bm_offset_from(err, array, walk->workshop->origin);
}

/* A sparse index drops keys of which nothing is there, each by itself. */
static enum bm_status add_parts(const struct walk *walk, const struct bm_key_part *parts,
                                struct bm_error *err)
{
    int is_there = !walk->index->sparse;
    for (size_t i = 0; !is_there && i < walk->index->field_count; i++) {
        is_there = parts[i].origin != BM_ORIGIN_MISSING;
    }
    return is_there ? bm_harvest_add(walk->workshop, walk->harvest, walk->index, parts, err)
                    : BM_OK;
}

static enum bm_status add_key(const struct walk *walk, size_t level, struct bm_error *err)
{
    const struct bm_trail *trails = walk->workshop->levels[level];
    struct bm_key_part parts[BM_FIELDS_MOST];
    for (size_t i = 0; i < walk->index->field_count; i++) {
        parts[i] = trails[i].part;
    }
    return add_parts(walk, parts, err);
}

/* Recursion: one level for each array on the way, at most BM_DEPTH_MOST. */
static enum bm_status walk_level(const struct walk *walk, size_t level,
                                 const struct bm_view *object, struct bm_error *err)
{
    struct bm_trail *trails = walk->workshop->levels[level];
    const struct bm_element *array = NULL;
    int nested = 0;
    for (size_t i = 0; i < walk->index->field_count; i++) {
        if (trails[i].state != TRAIL_OPEN) {
            continue;
        }
        enum bm_status status = advance(walk, level, i, object, &nested, err);
        if (status != BM_OK) {
            return status;
        }
        if (trails[i].state != TRAIL_AT_ARRAY) {
            continue;
        }
        if (array == NULL) {
            array = &trails[i].array;
        } else if (array->value.data != trails[i].array.value.data) {
            return refuse_parallel(walk, &trails[i].array, array, err);
        }
    }
    return array == NULL ? add_key(walk, level, err)
                         : expand(walk, level, array->value, nested, err);
}

/* Most documents have no array on a path, hence one key. BM_END: this one has. */
static enum bm_status find_only_key(const struct walk *walk, struct bm_key_part *parts,
                                    struct bm_error *err)
{
    for (size_t i = 0; i < walk->index->field_count; i++) {
        parts[i] = (struct bm_key_part){.type = BM_TYPE_NULL, .origin = BM_ORIGIN_MISSING};
        const struct bm_element *top = walk->tops[i];
        if (top == NULL) {
            continue;
        }
        if (top->type == BM_TYPE_ARRAY) {
            return BM_END;
        }
        if (walk->index->fields[i].count == 1) {
            parts[i] = (struct bm_key_part){top->type, BM_ORIGIN_VALUE, top->value};
            continue;
        }
        size_t used = 0;
        struct bm_element element = *top;
        enum bm_status status = follow(walk, &walk->index->fields[i], &used, &element, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (status == BM_OK && element.type == BM_TYPE_ARRAY) {
            return BM_END;
        }
        if (status == BM_OK) {
            parts[i] = (struct bm_key_part){element.type, BM_ORIGIN_VALUE, element.value};
        }
    }
    return BM_OK;
}

static enum bm_status walk_arrays(const struct walk *walk, struct bm_error *err)
{
    struct bm_trail *trails = trails_of(walk, 0, err);
    if (trails == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < walk->index->field_count; i++) {
        trails[i].state = TRAIL_OPEN;
        trails[i].positional = 0;
        trails[i].used = 0;
    }
    enum bm_status status = walk_level(walk, 0, NULL, err);
    return status == BM_OK && walk->harvest->count > 1
               ? bm_harvest_distinct(walk->workshop, walk->harvest, err)
               : status;
}

enum bm_status bm_generate(struct bm_workshop *workshop, const struct bm_index *index,
                           const struct bm_element *const *tops, struct bm_harvest *harvest,
                           struct bm_error *err)
{
    struct walk walk = {workshop, index, tops, harvest};
    struct bm_key_part parts[BM_FIELDS_MOST];
    bm_harvest_clear(harvest);
    enum bm_status status = find_only_key(&walk, parts, err);
    if (status == BM_OK) {
        return add_parts(&walk, parts, err);
    }
    return status == BM_END ? walk_arrays(&walk, err) : BM_FAIL;
}
