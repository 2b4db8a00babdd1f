/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_filter_parts.h"

#include <string.h>

struct reading {
    struct naive_pool *pool;
    int major;
    enum naive_admission admission; /* the worst met so far */
};

/* Servers from here on take $or, $in and $and within others. */
#define MAJOR_OF_TREES 6
/* How deep (internalPartialFilterExpressionMaxDepth), conditions included. */
#define DEPTH_MAX 4

static void refuse(struct reading *reading, enum naive_admission admission)
{
    if (reading->admission != NAIVE_REFUSED) {
        reading->admission = admission;
    }
}

static struct naive_filter *part_of(struct reading *reading, struct naive_filter *parent,
                                    enum naive_operation operation)
{
    struct naive_filter *part = naive_take(reading->pool, sizeof *part);
    struct naive_filter **link = &parent->first;
    part->operation = operation;
    part->major = reading->major;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = part;
    return part;
}

static void check_list(struct reading *reading, const struct naive_node *list)
{
    if (list->type != BM_TYPE_ARRAY || reading->major < MAJOR_OF_TREES) {
        refuse(reading, NAIVE_REFUSED);
        return;
    }
    for (const struct naive_node *entry = list->first; entry != NULL; entry = entry->next) {
        if (entry->type == BM_TYPE_REGEX) {
            refuse(reading, NAIVE_UNSUPPORTED);
        } else if (entry->type == BM_TYPE_UNDEFINED) {
            refuse(reading, NAIVE_REFUSED);
        }
    }
}

static void check_types(struct reading *reading, const struct naive_node *value)
{
    const struct naive_node *entry = value->type == BM_TYPE_ARRAY ? value->first : value;
    if (entry == NULL) {
        refuse(reading, NAIVE_REFUSED);
    }
    for (; entry != NULL; entry = value->type == BM_TYPE_ARRAY ? entry->next : NULL) {
        if (naive_type_is(entry, BM_TYPE_NULL) < 0) {
            refuse(reading, NAIVE_REFUSED);
        }
    }
}

/* What nothing can be now, and once all was: below MinKey, above MaxKey. */
static int is_past_the_ends(const struct naive_filter *part)
{
    int below = part->operation == NAIVE_LESS || part->operation == NAIVE_LESS_EQUAL;
    int above = part->operation == NAIVE_GREATER || part->operation == NAIVE_GREATER_EQUAL;
    return (below && part->value->type == BM_TYPE_MIN_KEY) ||
           (above && part->value->type == BM_TYPE_MAX_KEY);
}

static void read_operator(struct reading *reading, const char *path,
                          const struct naive_node *operand, struct naive_filter *parent)
{
    static const struct {
        const char *name;
        enum naive_operation operation;
    } operators[] = {
        {"$eq", NAIVE_EQUAL},  {"$gt", NAIVE_GREATER},     {"$gte", NAIVE_GREATER_EQUAL},
        {"$lt", NAIVE_LESS},   {"$lte", NAIVE_LESS_EQUAL}, {"$exists", NAIVE_EXISTS},
        {"$type", NAIVE_TYPE}, {"$in", NAIVE_IN},
    };
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (strcmp(operators[i].name, operand->name) != 0) {
            continue;
        }
        struct naive_filter *part = part_of(reading, parent, operators[i].operation);
        part->path = path;
        part->value = operand;
        if (part->operation == NAIVE_EXISTS && !naive_is_true(operand)) {
            refuse(reading, NAIVE_REFUSED);
        } else if (part->operation == NAIVE_TYPE) {
            check_types(reading, operand);
        } else if (part->operation == NAIVE_IN) {
            check_list(reading, operand);
        } else if (operand->type == BM_TYPE_UNDEFINED ||
                   (operand->type == BM_TYPE_REGEX && part->operation != NAIVE_EQUAL)) {
            refuse(reading, NAIVE_REFUSED);
        } else if (reading->major < 5 && is_past_the_ends(part)) {
            refuse(reading, NAIVE_UNSUPPORTED);
        }
        return;
    }
    int geo =
        strcmp(operand->name, "$geoWithin") == 0 || strcmp(operand->name, "$geoIntersects") == 0;
    refuse(reading, geo && reading->major >= MAJOR_OF_TREES ? NAIVE_UNSUPPORTED : NAIVE_REFUSED);
}

static void read_field(struct reading *reading, const struct naive_node *field,
                       struct naive_filter *parent)
{
    if (field->type == BM_TYPE_OBJECT && field->first != NULL && field->first->name[0] == '$') {
        for (const struct naive_node *operand = field->first; operand != NULL;
             operand = operand->next) {
            read_operator(reading, field->name, operand, parent);
        }
        return;
    }
    if (field->type == BM_TYPE_REGEX || field->type == BM_TYPE_UNDEFINED) {
        refuse(reading, NAIVE_REFUSED);
    }
    struct naive_filter *part = part_of(reading, parent, NAIVE_EQUAL);
    part->path = field->name;
    part->value = field;
}

static void read_document(struct reading *reading, const struct naive_node *document,
                          struct naive_filter *parent);

static void read_list(struct reading *reading, const struct naive_node *list,
                      struct naive_filter *tree)
{
    if (list->type != BM_TYPE_ARRAY || list->first == NULL) {
        refuse(reading, NAIVE_REFUSED);
        return;
    }
    for (const struct naive_node *entry = list->first; entry != NULL; entry = entry->next) {
        if (entry->type == BM_TYPE_OBJECT) {
            read_document(reading, entry, tree);
        } else {
            refuse(reading, NAIVE_REFUSED);
        }
    }
}

/* The conditions of a document hold together; a single one stands for itself. */
static void read_document(struct reading *reading, const struct naive_node *document,
                          struct naive_filter *parent)
{
    struct naive_filter together = {.operation = NAIVE_AND};
    for (const struct naive_node *field = document->first; field != NULL; field = field->next) {
        if (strcmp(field->name, "$and") == 0) {
            read_list(reading, field, part_of(reading, &together, NAIVE_AND));
        } else if (strcmp(field->name, "$or") == 0) {
            read_list(reading, field, part_of(reading, &together, NAIVE_OR));
        } else if (field->name[0] == '$') {
            refuse(reading, NAIVE_REFUSED);
        } else {
            read_field(reading, field, &together);
        }
    }
    if (together.first != NULL && together.first->next == NULL) {
        struct naive_filter *only = part_of(reading, parent, together.first->operation);
        *only = *together.first;
    } else {
        part_of(reading, parent, NAIVE_AND)->first = together.first;
    }
}

/* Before the servers that take trees: one AND, at the top, and no OR. */
static int is_tree(const struct naive_filter *filter, int level)
{
    if (filter->operation == NAIVE_OR || (filter->operation == NAIVE_AND && level > 0)) {
        return 1;
    }
    for (const struct naive_filter *part = filter->first; part != NULL; part = part->next) {
        if (is_tree(part, level + 1)) {
            return 1;
        }
    }
    return 0;
}

static int depth_of(const struct naive_filter *filter)
{
    int depth = 0;
    for (const struct naive_filter *part = filter->first; part != NULL; part = part->next) {
        int below = depth_of(part);
        depth = below > depth ? below : depth;
    }
    return depth + 1;
}

enum naive_admission naive_filter_read(struct naive_pool *pool, const struct naive_node *document,
                                       int major, struct naive_filter **out)
{
    struct reading reading = {pool, major, NAIVE_ADMITTED};
    struct naive_filter root = {.operation = NAIVE_AND};
    read_document(&reading, document, &root);
    *out = root.first;
    if (major < MAJOR_OF_TREES ? is_tree(root.first, 0) : depth_of(root.first) > DEPTH_MAX) {
        refuse(&reading, NAIVE_REFUSED);
    }
    return reading.admission;
}
