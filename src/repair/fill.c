/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/fill.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "repair/token.h"

/* One rule's way through one document. */
struct visit {
    struct bm_fill_walk *walk;
    const struct bm_fill *fill;
    size_t number;
    const uint8_t *start;            /* of the whole document */
    const struct bm_fill_wish *wish; /* NULL: only what is empty */
    size_t parent_count; /* on the stacks: at most two parents and one step a component */
    size_t step_count;
};

static enum bm_status keep_parents(struct bm_fill_walk *walk, const struct visit *visit,
                                   struct bm_error *err)
{
    for (size_t i = 0; i < visit->parent_count; i++) {
        if (bm_grow(&walk->parents, walk->parent_count, &walk->parent_capacity,
                    sizeof *walk->parents, err) != BM_OK) {
            return BM_FAIL;
        }
        walk->parents[walk->parent_count++] = walk->stack_parents[i];
    }
    return BM_OK;
}

static enum bm_status keep_steps(struct bm_fill_walk *walk, const struct visit *visit,
                                 struct bm_error *err)
{
    for (size_t i = 0; i < visit->step_count; i++) {
        if (bm_grow(&walk->steps, walk->step_count, &walk->step_capacity, sizeof *walk->steps,
                    err) != BM_OK) {
            return BM_FAIL;
        }
        walk->steps[walk->step_count++] = walk->stack_steps[i];
    }
    return BM_OK;
}

/* What is taken out was there, so that what comes in alone decides, long before the end of a
 * document of very many places. */
static void weigh_place(const struct visit *visit, const struct bm_fill_place *place)
{
    struct bm_fill_walk *walk = visit->walk;
    const struct bm_fill *fill = visit->fill;
    if (fill->shape == NULL) {
        walk->removed += place->raw.len;
        return;
    }
    size_t token = bm_token_bytes(fill->shape);
    if (token > 0 && place->raw.len == 0) {
        token += 2 + fill->components[fill->component_count - 1].len; /* type, name, its end */
    }
    walk->added += token;
    walk->removed += place->raw_value;
    walk->is_overgrown |= walk->added > BM_DOCUMENT_MAX_OPLOG;
}

/* Takes a place if it is empty by the rule, or wished for. `value` is what the wish is asked for,
 * NULL: nothing is there. */
static enum bm_status add_place(const struct visit *visit, struct bm_fill_place place,
                                const struct bm_element *value, struct bm_error *err)
{
    struct bm_fill_walk *walk = visit->walk;
    const struct bm_fill_wish *wish = visit->wish;
    if ((visit->fill->empty & place.empty) == 0) {
        if (wish == NULL || !wish->wants(wish->context, visit->number, value)) {
            return BM_OK;
        }
        place.is_wished = 1;
    }
    weigh_place(visit, &place);
    if (walk->is_overgrown) {
        return BM_OK;
    }
    place.fill = (uint32_t)visit->number;
    place.parent_at = (uint32_t)walk->parent_count;
    place.parent_count = (uint8_t)visit->parent_count;
    place.step_at = (uint32_t)walk->step_count;
    place.step_count = (uint8_t)visit->step_count;
    if (keep_parents(walk, visit, err) != BM_OK || keep_steps(walk, visit, err) != BM_OK ||
        bm_grow(&walk->places, walk->count, &walk->capacity, sizeof *walk->places, err) != BM_OK) {
        return BM_FAIL;
    }
    walk->places[walk->count++] = place;
    return BM_OK;
}

static enum bm_status visit_document(struct visit *visit, struct bm_view document, size_t component,
                                     struct bm_error *err);

static enum bm_status add_element(const struct visit *visit, const struct bm_element *element,
                                  enum bm_emptiness empty, size_t component, struct bm_error *err)
{
    struct bm_fill_place place = {
        .empty = (uint8_t)empty,
        .raw = element->raw,
        .raw_value = (uint32_t)element->value.len,
        .at = (uint32_t)(element->raw.data - visit->start),
        .present = (uint8_t)component,
    };
    return add_place(visit, place, element, err);
}

/* On the way entries that are objects are gone into and all others left alone, arrays too; at the
 * end of the path the entries are the values, and an array among them is none. */
static enum bm_status visit_entry(struct visit *visit, const struct bm_element *entry,
                                  size_t component, struct bm_error *err)
{
    if (component + 1 < visit->fill->component_count) {
        return entry->type == BM_TYPE_OBJECT
                   ? visit_document(visit, entry->value, component + 1, err)
                   : BM_OK;
    }
    /* An array that is no way to somewhere is no empty field, whatever lies in it. */
    return entry->type != BM_TYPE_ARRAY ? add_element(visit, entry, BM_NOT_EMPTY, component, err)
                                        : BM_OK;
}

static enum bm_status visit_array(struct visit *visit, struct bm_view array, size_t component,
                                  struct bm_error *err)
{
    struct bm_elements entries;
    struct bm_element entry;
    if (bm_elements_open(&entries, array, err) != BM_OK) {
        return BM_FAIL;
    }
    visit->walk->stack_parents[visit->parent_count++] = (size_t)(array.data - visit->start);
    struct bm_fill_step *step = &visit->walk->stack_steps[visit->step_count++];
    *step = (struct bm_fill_step){component, 0};
    enum bm_status status;
    while ((status = bm_elements_next(&entries, &entry, err)) == BM_OK) {
        if (visit_entry(visit, &entry, component, err) != BM_OK) {
            return BM_FAIL;
        }
        step->position++;
    }
    visit->step_count--;
    visit->parent_count--;
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status visit_element(struct visit *visit, const struct bm_element *element,
                                    size_t component, struct bm_error *err)
{
    int is_last = component + 1 == visit->fill->component_count;
    if (element->type == BM_TYPE_ARRAY && (!is_last || visit->wish != NULL)) {
        return visit_array(visit, element->value, component, err);
    }
    if (is_last) {
        return add_element(visit, element, bm_emptiness_of(element), component, err);
    }
    return element->type == BM_TYPE_OBJECT
               ? visit_document(visit, element->value, component + 1, err)
               : BM_OK;
}

/* A name may come twice: what would be uncovered is taken out as well, so that nothing is left to a
 * second run. */
static enum bm_status visit_repeats(struct visit *visit, struct bm_view document, size_t component,
                                    const struct bm_element *first, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status status = bm_elements_open(&elements, document, err);
    while (status == BM_OK && (status = bm_elements_next(&elements, &element, err)) == BM_OK) {
        if (element.raw.data > first->raw.data && bm_view_equal(element.name, first->name) &&
            add_element(visit, &element, bm_emptiness_of(&element), component, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* Goes down one component a level, so that the rule's own path bounds the recursion. */
static enum bm_status visit_document(struct visit *visit, struct bm_view document, size_t component,
                                     struct bm_error *err)
{
    struct bm_element element;
    size_t start = (size_t)(document.data - visit->start);
    visit->walk->stack_parents[visit->parent_count++] = start;
    enum bm_status status =
        bm_document_find(document, visit->fill->components[component], &element, err);
    if (status == BM_OK) {
        status = visit_element(visit, &element, component, err);
        if (status == BM_OK && visit->fill->shape == NULL &&
            component + 1 == visit->fill->component_count) {
            status = visit_repeats(visit, document, component, &element, err);
        }
    } else if (status == BM_END) {
        struct bm_fill_place place = {
            .empty = BM_EMPTY_MISSING,
            /* before the document's closing zero */
            .at = (uint32_t)(start + bm_le32(document.data) - 1),
            .present = (uint8_t)component,
        };
        status = add_place(visit, place, NULL, err);
    }
    visit->parent_count--;
    return status;
}

static int compare_places(const void *left, const void *right)
{
    const struct bm_fill_place *a = left;
    const struct bm_fill_place *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->fill < b->fill ? -1 : a->fill > b->fill;
}

enum bm_status bm_fill_find(struct bm_fill_walk *walk, const struct bm_target *target,
                            struct bm_view document, const struct bm_fill_wish *wish,
                            struct bm_error *err)
{
    walk->count = walk->parent_count = walk->step_count = 0;
    walk->added = walk->removed = 0;
    walk->is_overgrown = 0;
    for (size_t i = 0; i < target->fill_count; i++) {
        struct visit visit = {
            .walk = walk,
            .fill = &target->fills[i],
            .number = i,
            .start = document.data,
            .wish = wish,
        };
        if (visit_document(&visit, document, 0, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    walk->is_overgrown |= document.len + walk->added > walk->removed + BM_DOCUMENT_MAX_OPLOG;
    if (walk->is_overgrown) {
        walk->count = 0;
        return BM_OK;
    }
    if (target->fill_count > 1 && walk->count > 1) {
        qsort(walk->places, walk->count, sizeof *walk->places, compare_places);
    }
    return BM_OK;
}

void bm_fill_walk_free(struct bm_fill_walk *walk)
{
    free(walk->places);
    free(walk->parents);
    free(walk->steps);
    walk->places = NULL;
    walk->parents = NULL;
    walk->steps = NULL;
    walk->capacity = walk->parent_capacity = walk->step_capacity = 0;
}

/* ---- what goes in ---- */

struct building {
    const struct bm_target *target;
    struct bm_view values;
    struct bm_buffer *out;
};

static struct bm_view component_of(const struct building *building,
                                   const struct bm_fill_place *place, size_t depth)
{
    return building->target->fills[place->fill].components[depth];
}

/* Moves the places that share the first one's component up to it; returns how many they are. */
static size_t gather(const struct building *building, struct bm_fill_place *places, size_t count,
                     size_t depth)
{
    struct bm_view name = component_of(building, &places[0], depth);
    size_t run = 1;
    for (size_t i = 1; i < count; i++) {
        if (!bm_view_equal(component_of(building, &places[i], depth), name)) {
            continue;
        }
        struct bm_fill_place moved = places[i];
        memmove(&places[run + 1], &places[run], (i - run) * sizeof *places);
        places[run++] = moved;
    }
    return run;
}

static enum bm_status append_head(const struct building *building, uint8_t type,
                                  struct bm_view name, struct bm_error *err)
{
    if (bm_buffer_append_byte(building->out, type, err) != BM_OK ||
        bm_buffer_append(building->out, name, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(building->out, 0, err);
}

/* An element for places that share a component: the token itself, or a parent with them inside. */
static enum bm_status append_element(const struct building *building, struct bm_fill_place *places,
                                     size_t count, size_t depth, struct bm_error *err)
{
    struct bm_view name = component_of(building, &places[0], depth);
    if (depth + 1 == building->target->fills[places[0].fill].component_count) {
        struct bm_view value = {building->values.data + places[0].value_at, places[0].value_len};
        return append_head(building, places[0].type, name, err) == BM_OK
                   ? bm_buffer_append(building->out, value, err)
                   : BM_FAIL;
    }
    static const uint8_t zeros[4] = {0};
    if (append_head(building, BM_TYPE_OBJECT, name, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t start = building->out->len;
    if (bm_buffer_append(building->out, (struct bm_view){zeros, sizeof zeros}, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count;) {
        size_t run = gather(building, places + i, count - i, depth + 1);
        if (append_element(building, places + i, run, depth + 1, err) != BM_OK) {
            return BM_FAIL;
        }
        i += run;
    }
    if (bm_buffer_append_byte(building->out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_put_le32(building->out->data + start, (uint32_t)(building->out->len - start));
    return BM_OK;
}

enum bm_status bm_fill_append(const struct bm_target *target, struct bm_fill_place *places,
                              size_t count, struct bm_view values, struct bm_buffer *out,
                              size_t *served, struct bm_error *err)
{
    struct building building = {target, values, out};
    *served = gather(&building, places, count, places[0].present);
    return append_element(&building, places, *served, places[0].present, err);
}

enum bm_status bm_fill_path(const struct bm_fill_walk *walk, const struct bm_target *target,
                            const struct bm_fill_place *place, struct bm_buffer *out,
                            struct bm_error *err)
{
    const struct bm_fill *fill = &target->fills[place->fill];
    size_t step = 0;
    for (size_t i = 0; i <= place->present; i++) {
        if ((i > 0 && bm_buffer_append_byte(out, '.', err) != BM_OK) ||
            bm_buffer_append(out, fill->components[i], err) != BM_OK) {
            return BM_FAIL;
        }
        if (step < place->step_count && walk->steps[place->step_at + step].component == i) {
            if (bm_buffer_printf(out, err, ".%" PRIu64,
                                 walk->steps[place->step_at + step].position) != BM_OK) {
                return BM_FAIL;
            }
            step++;
        }
    }
    return BM_OK;
}
