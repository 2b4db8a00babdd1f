/* SPDX-License-Identifier: Apache-2.0 */
#include "key/canonical.h"
#include "key/filter.h"
#include "key/number.h"

/*
 * Which elements a path leads to is not what it is for keys: of an array at the end its entries and
 * then itself, from an array on the way only what lies in its entries. One element that meets the
 * condition is enough, so the search stops there.
 */
struct search {
    const struct bm_filter *filter;
    struct bm_matching *matching;
    const struct bm_condition *condition;
    size_t work; /* bytes of arrays walked: positions can lead to one array again and again */
    int met;
};

#define WORK_MOST ((size_t)1 << 30)
#define WORK_OF_A_VISIT ((size_t)256)

/* ---- one element ---- */

static int meets_order(enum bm_filter_kind kind, int order)
{
    switch (kind) {
    case BM_FILTER_EQUAL:
    case BM_FILTER_IN:
        return order == 0;
    case BM_FILTER_LESS:
        return order < 0;
    case BM_FILTER_LESS_OR_EQUAL:
        return order <= 0;
    case BM_FILTER_GREATER:
        return order > 0;
    case BM_FILTER_GREATER_OR_EQUAL:
        return order >= 0;
    case BM_FILTER_AND:
    case BM_FILTER_OR:
    case BM_FILTER_EXISTS:
    case BM_FILTER_TYPE:
        break;
    }
    return 0;
}

/* Values of two classes: only null, MinKey and MaxKey have a say. NULL: missing. */
static int meets_class(const struct search *search, uint8_t operand,
                       const struct bm_element *element)
{
    enum bm_filter_kind kind = search->condition->kind;
    int is_nothing =
        element == NULL || (element->type == BM_TYPE_UNDEFINED && search->filter->takes_undefined);
    switch (operand) {
    case BM_TYPE_NULL:
        return is_nothing && meets_order(kind, 0);
    case BM_TYPE_MIN_KEY:
        return kind == BM_FILTER_GREATER || kind == BM_FILTER_GREATER_OR_EQUAL;
    case BM_TYPE_MAX_KEY:
        return kind == BM_FILTER_LESS || kind == BM_FILTER_LESS_OR_EQUAL;
    default:
        return 0;
    }
}

/* Before all numbers: nothing else is before minus infinity. */
static int is_nan(const struct bm_element *element)
{
    static const uint8_t least[8] = {0, 0, 0, 0, 0, 0, 0xf0, 0xff};
    return bm_compare_class(element->type) == bm_compare_class(BM_TYPE_DOUBLE) &&
           bm_number_compare(element->type, element->value.data, BM_TYPE_DOUBLE, least) < 0;
}

static enum bm_status try_operand(struct search *search, const struct bm_element *operand,
                                  const struct bm_element *element, struct bm_error *err)
{
    if (element == NULL || bm_compare_class(element->type) != bm_compare_class(operand->type)) {
        search->met = meets_class(search, operand->type, element);
        return BM_OK;
    }
    enum bm_refusal refusal = BM_REFUSAL_DEPTH;
    struct bm_comparing comparing = {search->filter->collation, search->matching->units,
                                     search->matching->origin, &refusal};
    int order;
    enum bm_status status = bm_compare_values(&comparing, element, operand, &order, err);
    if (status == BM_END) {
        search->matching->refusal = refusal;
    }
    if (status != BM_OK) {
        return status;
    }
    /* NaN is equal to itself and neither before nor behind any number. */
    search->met = order != 0 && (is_nan(element) || is_nan(operand))
                      ? 0
                      : meets_order(search->condition->kind, order);
    return BM_OK;
}

static enum bm_status try_list(struct search *search, const struct bm_element *element,
                               struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element operand;
    enum bm_status next = bm_elements_open(&elements, search->condition->operand.value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &operand, err)) == BM_OK) {
        enum bm_status status = try_operand(search, &operand, element, err);
        if (status != BM_OK || search->met) {
            return status;
        }
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* NULL: the path leads to nothing. */
static enum bm_status try_element(struct search *search, const struct bm_element *element,
                                  struct bm_error *err)
{
    const struct bm_condition *condition = search->condition;
    switch (condition->kind) {
    case BM_FILTER_EXISTS:
        search->met = element != NULL;
        return BM_OK;
    case BM_FILTER_TYPE:
        search->met =
            element != NULL && (condition->types[element->type / 8] >> element->type % 8 & 1) != 0;
        return BM_OK;
    case BM_FILTER_IN:
        return try_list(search, element, err);
    case BM_FILTER_EQUAL:
    case BM_FILTER_LESS:
    case BM_FILTER_LESS_OR_EQUAL:
    case BM_FILTER_GREATER:
    case BM_FILTER_GREATER_OR_EQUAL:
        return try_operand(search, &condition->operand, element, err);
    case BM_FILTER_AND:
    case BM_FILTER_OR:
        break;
    }
    return BM_OK;
}

/* ---- the way there ---- */

static int is_position(struct bm_view component, struct bm_view name)
{
    for (size_t i = 0; i < component.len; i++) {
        if (component.data[i] < '0' || component.data[i] > '9') {
            return 0;
        }
    }
    return component.len > 0 && bm_view_equal(component, name);
}

static enum bm_status search_array(struct search *search, const struct bm_element *array,
                                   size_t used, unsigned depth, struct bm_error *err);

/* From an element that the first `used` components have led to. */
static enum bm_status search_from(struct search *search, struct bm_element element, size_t used,
                                  unsigned depth, struct bm_error *err)
{
    const struct bm_field *field = &search->condition->field;
    for (; used < field->count && element.type != BM_TYPE_ARRAY; used++) {
        if (element.type != BM_TYPE_OBJECT) {
            return try_element(search, NULL, err);
        }
        struct bm_view object = element.value;
        enum bm_status status = bm_document_find(object, field->components[used], &element, err);
        if (status == BM_FAIL) {
            return bm_offset_from(err, object, search->matching->origin);
        }
        if (status == BM_END) {
            return try_element(search, NULL, err);
        }
    }
    return element.type == BM_TYPE_ARRAY ? search_array(search, &element, used, depth, err)
                                         : try_element(search, &element, err);
}

/* The entry stands where the next component, its position, leads. */
static enum bm_status search_position(struct search *search, const struct bm_element *entry,
                                      size_t used, unsigned depth, struct bm_error *err)
{
    if (used + 1 == search->condition->field.count) {
        return try_element(search, entry, err);
    }
    if (entry->type == BM_TYPE_ARRAY) {
        return search_array(search, entry, used + 1, depth + 1, err);
    }
    return entry->type == BM_TYPE_OBJECT ? search_from(search, *entry, used + 1, depth + 1, err)
                                         : BM_OK;
}

static enum bm_status search_entry(struct search *search, const struct bm_element *entry,
                                   size_t used, unsigned depth, struct bm_error *err)
{
    const struct bm_field *field = &search->condition->field;
    enum bm_status status = BM_OK;
    if (used == field->count) {
        return try_element(search, entry, err);
    }
    if (entry->type == BM_TYPE_OBJECT) {
        status = search_from(search, *entry, used, depth + 1, err);
    }
    if (status == BM_OK && !search->met && is_position(field->components[used], entry->name)) {
        status = search_position(search, entry, used, depth, err);
    }
    return status;
}

static enum bm_status search_array(struct search *search, const struct bm_element *array,
                                   size_t used, unsigned depth, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    if (depth >= BM_DEPTH_MOST || array->value.len + WORK_OF_A_VISIT > WORK_MOST - search->work) {
        search->matching->refusal = depth >= BM_DEPTH_MOST ? BM_REFUSAL_DEPTH : BM_REFUSAL_NUMBER;
        return BM_END;
    }
    search->work += array->value.len + WORK_OF_A_VISIT;
    enum bm_status next = bm_elements_open(&elements, array->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        enum bm_status status = search_entry(search, &entry, used, depth, err);
        if (status != BM_OK || search->met) {
            return status;
        }
    }
    if (next == BM_FAIL) {
        return bm_offset_from(err, array->value, search->matching->origin);
    }
    return used == search->condition->field.count ? try_element(search, array, err) : BM_OK;
}

/* ---- conditions ---- */

static enum bm_status meet(struct search *search, size_t number, struct bm_error *err);

/* Of an $and all, of an $or one of the parts. Recursion is as deep as filters may be. */
static enum bm_status meet_parts(struct search *search, size_t number, int enough,
                                 struct bm_error *err)
{
    const struct bm_condition *conditions = search->filter->conditions;
    search->met = !enough;
    for (size_t part = number + 1; part < conditions[number].end; part = conditions[part].end) {
        enum bm_status status = meet(search, part, err);
        if (status != BM_OK || search->met == enough) {
            return status;
        }
    }
    return BM_OK;
}

static enum bm_status meet(struct search *search, size_t number, struct bm_error *err)
{
    const struct bm_condition *condition = &search->filter->conditions[number];
    if (condition->kind == BM_FILTER_AND || condition->kind == BM_FILTER_OR) {
        return meet_parts(search, number, condition->kind == BM_FILTER_OR, err);
    }
    const struct bm_element *top = search->matching->tops[number];
    search->condition = condition;
    search->met = 0;
    return top != NULL ? search_from(search, *top, 1, 0, err) : try_element(search, NULL, err);
}

enum bm_status bm_filter_match(const struct bm_filter *filter, struct bm_matching *matching,
                               int *matches, struct bm_error *err)
{
    struct search search = {.filter = filter, .matching = matching};
    enum bm_status status = meet(&search, 0, err);
    *matches = search.met;
    return status;
}
