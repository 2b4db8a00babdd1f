/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/oplog_risk.h"

#include <string.h>

#include "doc/number.h"

static const char left_out[] = "it is not in what is set above it";
static const char taken_out[] = "it is taken out";
static const char blocked[] = "what is above it is no document then";
static const char not_known[] = "the form of the update is not known";

/* One rule against one operation. */
struct reading {
    const struct bm_fill *fill;
    struct bm_oplog_risk *risk;
};

static void found(const struct reading *reading, const char *reason)
{
    if (reading->risk->reason == NULL) {
        *reading->risk = (struct bm_oplog_risk){reading->fill->field, reason};
    }
}

/* The field would be missing; a rule may not count that as empty. */
static void found_missing(const struct reading *reading, const char *reason)
{
    if ((reading->fill->empty & BM_EMPTY_MISSING) != 0) {
        found(reading, reason);
    }
}

static int is_component(const struct reading *reading, size_t depth, struct bm_view name)
{
    return bm_view_equal(reading->fill->components[depth], name);
}

/* ---- values ---- */

static enum bm_status read_value(const struct reading *reading, const struct bm_element *value,
                                 size_t depth, struct bm_error *err);

/* A document in which the component `depth` of the path is looked for. */
static enum bm_status read_document(const struct reading *reading, struct bm_view document,
                                    size_t depth, struct bm_error *err)
{
    struct bm_element element;
    enum bm_status status =
        bm_document_find(document, reading->fill->components[depth], &element, err);
    if (status == BM_END) {
        found_missing(reading, left_out);
        return BM_OK;
    }
    return status == BM_OK ? read_value(reading, &element, depth, err) : BM_FAIL;
}

/* An entry of an array above the field, which would stand in it as component `depth`. */
static enum bm_status read_entry(const struct reading *reading, const struct bm_element *entry,
                                 size_t depth, struct bm_error *err)
{
    if (entry->type == BM_TYPE_OBJECT) {
        return read_document(reading, entry->value, depth, err);
    }
    found_missing(reading, blocked);
    return BM_OK;
}

static enum bm_status read_array(const struct reading *reading, struct bm_view array, size_t depth,
                                 struct bm_error *err)
{
    struct bm_elements entries;
    struct bm_element entry;
    size_t count = 0;
    if (bm_elements_open(&entries, array, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status;
    while ((status = bm_elements_next(&entries, &entry, err)) == BM_OK) {
        count++;
        if (read_entry(reading, &entry, depth, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (status == BM_END && count == 0) {
        found_missing(reading, blocked);
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* The value of component `depth`; the rule's own path bounds the recursion. */
static enum bm_status read_value(const struct reading *reading, const struct bm_element *value,
                                 size_t depth, struct bm_error *err)
{
    if (depth + 1 == reading->fill->component_count) {
        unsigned empty = (unsigned)bm_emptiness_of(value);
        if ((reading->fill->empty & empty) != 0) {
            found(reading, "it is set to what counts as empty");
        }
        return BM_OK;
    }
    if (value->type == BM_TYPE_ARRAY) {
        return read_array(reading, value->value, depth + 1, err);
    }
    return read_entry(reading, value, depth + 1, err);
}

enum bm_status bm_oplog_risk_document(const struct bm_target *target, struct bm_view document,
                                      struct bm_oplog_risk *risk, struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        const struct reading reading = {&target->fills[i], risk};
        if (read_document(&reading, document, 0, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- operators ---- */

/* How the path of an update stands to that of a rule. */
enum relation {
    RELATION_APART,
    RELATION_ABOVE,  /* of a component above the field, or of the field itself */
    RELATION_ENTRY,  /* of one entry of an array above the field */
    RELATION_BESIDE, /* in an entry of an array above the field, beside it */
    RELATION_INSIDE
};

static int is_position(struct bm_view component)
{
    size_t digits = 0;
    while (digits < component.len && component.data[digits] >= '0' &&
           component.data[digits] <= '9') {
        digits++;
    }
    return component.len > 0 && digits == component.len;
}

static struct bm_view next_component(struct bm_view *path)
{
    const uint8_t *dot = path->len > 0 ? memchr(path->data, '.', path->len) : NULL;
    size_t len = dot != NULL ? (size_t)(dot - path->data) : path->len;
    struct bm_view component = {path->data, len};
    size_t taken = dot != NULL ? len + 1 : len;
    *path = (struct bm_view){path->data + taken, path->len - taken};
    return component;
}

/* A number behind a component of the rule is a position: rules have no numbers. *depth: components
 * of the rule that the path has. */
static enum relation relate(const struct bm_fill *fill, struct bm_view path, size_t *depth)
{
    int has_position = 0;
    int is_entry = 0;
    *depth = 0;
    while (path.len > 0) {
        struct bm_view component = next_component(&path);
        if (*depth == fill->component_count) {
            return RELATION_INSIDE;
        }
        is_entry = *depth > 0 && is_position(component);
        if (is_entry) {
            has_position = 1;
        } else if (bm_view_equal(component, fill->components[*depth])) {
            (*depth)++;
        } else {
            return has_position ? RELATION_BESIDE : RELATION_APART;
        }
    }
    return is_entry ? RELATION_ENTRY : RELATION_ABOVE;
}

static enum bm_status read_set(const struct reading *reading, const struct bm_element *change,
                               struct bm_error *err)
{
    size_t depth;
    switch (relate(reading->fill, change->name, &depth)) {
    case RELATION_APART:
    case RELATION_INSIDE:
        return BM_OK;
    case RELATION_BESIDE:
        found_missing(reading, "a new entry may come into an array above it");
        return BM_OK;
    case RELATION_ENTRY:
        return read_entry(reading, change, depth, err);
    case RELATION_ABOVE:
        break;
    }
    return depth > 0 ? read_value(reading, change, depth - 1, err) : BM_OK;
}

static enum bm_status read_unset(const struct reading *reading, const struct bm_element *change,
                                 struct bm_error *err)
{
    size_t depth;
    enum relation relation = relate(reading->fill, change->name, &depth);
    (void)err;
    if ((relation == RELATION_ABOVE && depth > 0) || relation == RELATION_ENTRY) {
        found_missing(reading, taken_out);
    }
    return BM_OK;
}

static enum bm_status read_unknown(const struct reading *reading, const struct bm_element *change,
                                   struct bm_error *err)
{
    size_t depth;
    (void)err;
    if (relate(reading->fill, change->name, &depth) != RELATION_APART) {
        found(reading, "it is changed by an operator that is not known");
    }
    return BM_OK;
}

/* Servers log all operators as these; $rename and others were before that. */
static const struct {
    const char *name;
    enum bm_status (*read)(const struct reading *, const struct bm_element *, struct bm_error *);
} operators[] = {
    {"$set", read_set},
    {"$unset", read_unset},
};

/* $rename has paths as values too. */
static void read_target(const struct reading *reading, const struct bm_element *change)
{
    size_t depth;
    if (relate(reading->fill, bm_oplog_string(change), &depth) != RELATION_APART && depth > 0) {
        found(reading, "something is renamed to it");
    }
}

static enum bm_status read_operator(const struct reading *reading,
                                    const struct bm_element *operator, struct bm_error * err)
{
    enum bm_status (*read)(const struct reading *, const struct bm_element *, struct bm_error *) =
        read_unknown;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (bm_view_equal(operator->name, bm_view_text(operators[i].name))) {
            read = operators[i].read;
        }
    }
    struct bm_elements changes;
    struct bm_element change;
    if (operator->type != BM_TYPE_OBJECT) {
        found(reading, not_known);
        return BM_OK;
    }
    if (bm_elements_open(&changes, operator->value, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status;
    while ((status = bm_elements_next(&changes, &change, err)) == BM_OK) {
        if (read(reading, &change, err) != BM_OK) {
            return BM_FAIL;
        }
        if (read == read_unknown) {
            read_target(reading, &change);
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* ---- differences ---- */

static enum bm_status read_difference(const struct reading *reading, struct bm_view difference,
                                      size_t depth, struct bm_error *err);

static int is_array_difference(struct bm_view difference)
{
    struct bm_error unheard = BM_ERROR_INIT;
    struct bm_element element;
    return bm_document_find(difference, bm_view_text("a"), &element, &unheard) == BM_OK &&
           element.type == BM_TYPE_BOOL;
}

/* {a: true, l: new length, u<position>: value, s<position>: difference} of an array above. */
static enum bm_status read_array_part(const struct reading *reading, const struct bm_element *part,
                                      size_t depth, struct bm_error *err)
{
    struct bm_view rest = {part->name.data + 1, part->name.len - 1};
    double length;
    if (bm_view_equal(part->name, bm_view_text("a"))) {
        return BM_OK;
    }
    if (bm_view_equal(part->name, bm_view_text("l"))) {
        if (!bm_number_of(part, &length) || length <= 0) {
            found_missing(reading, blocked);
        }
        return BM_OK;
    }
    if (part->name.data[0] == 'u' && is_position(rest)) {
        return read_entry(reading, part, depth, err);
    }
    if (part->name.data[0] == 's' && is_position(rest) && part->type == BM_TYPE_OBJECT) {
        /* An array in an array is no way to the field. */
        return is_array_difference(part->value) ? BM_OK
                                                : read_difference(reading, part->value, depth, err);
    }
    found(reading, not_known);
    return BM_OK;
}

/* What was of component `depth` before becomes another document or array. */
static enum bm_status read_inner(const struct reading *reading, const struct bm_element *part,
                                 size_t depth, struct bm_error *err)
{
    struct bm_elements parts;
    struct bm_element inner;
    if (depth + 1 == reading->fill->component_count) {
        return BM_OK; /* a field with something in it is not empty */
    }
    if (part->type != BM_TYPE_OBJECT) {
        found(reading, not_known);
        return BM_OK;
    }
    if (!is_array_difference(part->value)) {
        return read_difference(reading, part->value, depth + 1, err);
    }
    if (bm_elements_open(&parts, part->value, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status;
    while ((status = bm_elements_next(&parts, &inner, err)) == BM_OK) {
        if (inner.name.len == 0) {
            found(reading, not_known);
        } else if (read_array_part(reading, &inner, depth + 1, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* {d: {name: false}, u: {name: value}, i: {name: value}, s<name>: difference}. */
static enum bm_status read_part(const struct reading *reading, const struct bm_element *part,
                                size_t depth, struct bm_error *err)
{
    struct bm_element element;
    if (part->name.len > 0 && part->name.data[0] == 's') {
        struct bm_view name = {part->name.data + 1, part->name.len - 1};
        return is_component(reading, depth, name) ? read_inner(reading, part, depth, err) : BM_OK;
    }
    if (part->name.len != 1 || strchr("dui", part->name.data[0]) == NULL ||
        part->type != BM_TYPE_OBJECT) {
        found(reading, not_known);
        return BM_OK;
    }
    enum bm_status status =
        bm_document_find(part->value, reading->fill->components[depth], &element, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    if (part->name.data[0] == 'd') {
        found_missing(reading, taken_out);
        return BM_OK;
    }
    return read_value(reading, &element, depth, err);
}

/* Differences of a document whose names are component `depth`; one level of the rule's path a
 * recursion. */
static enum bm_status read_difference(const struct reading *reading, struct bm_view difference,
                                      size_t depth, struct bm_error *err)
{
    struct bm_elements parts;
    struct bm_element part;
    if (bm_elements_open(&parts, difference, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status;
    while ((status = bm_elements_next(&parts, &part, err)) == BM_OK) {
        if (read_part(reading, &part, depth, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* ---- updates ---- */

/* $v: 1 or none: operators; 2: {$v: 2, diff: …}. */
static enum bm_status read_update(const struct reading *reading, struct bm_view update,
                                  struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    double version = 1;
    enum bm_status status = bm_document_find(update, bm_view_text("$v"), &element, err);
    if (status == BM_OK && !bm_number_of(&element, &version)) {
        found(reading, not_known);
    }
    if (status == BM_FAIL || bm_elements_open(&elements, update, err) != BM_OK) {
        return BM_FAIL;
    }
    while ((status = bm_elements_next(&elements, &element, err)) == BM_OK) {
        enum bm_status read = BM_OK;
        if (bm_view_equal(element.name, bm_view_text("$v"))) {
            continue;
        }
        if (version == 1 && element.name.len > 0 && element.name.data[0] == '$') {
            read = read_operator(reading, &element, err);
        } else if (version == 2 && element.type == BM_TYPE_OBJECT &&
                   bm_view_equal(element.name, bm_view_text("diff"))) {
            read = read_difference(reading, element.value, 0, err);
        } else {
            found(reading, not_known);
        }
        if (read != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

enum bm_status bm_oplog_risk_update(const struct bm_target *target, struct bm_view update,
                                    struct bm_oplog_risk *risk, struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        const struct reading reading = {&target->fills[i], risk};
        if (read_update(&reading, update, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- look-ups ---- */

/* By the fields of a shard key beside _id, whose paths stand there as names. */
enum bm_status bm_oplog_risk_lookup(const struct bm_target *target, struct bm_view document,
                                    struct bm_oplog_risk *risk, struct bm_error *err)
{
    for (size_t i = 0; document.len > 0 && i < target->fill_count; i++) {
        const struct bm_fill *fill = &target->fills[i];
        struct bm_oplog_risk own = {NULL, NULL};
        const struct reading reading = {fill, &own};
        struct bm_element element;
        enum bm_status status =
            bm_document_find(document, bm_view_text(fill->field), &element, err);
        if (status == BM_OK) {
            status = read_value(&reading, &element, fill->component_count - 1, err);
        } else if (status == BM_END) {
            status = bm_document_find(document, fill->components[0], &element, err);
            status = status == BM_OK ? read_value(&reading, &element, 0, err) : status;
        }
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (own.reason != NULL && risk->reason == NULL) {
            *risk = (struct bm_oplog_risk){
                fill->field, "the document is looked up by it, and it is empty there"};
        }
    }
    return BM_OK;
}
