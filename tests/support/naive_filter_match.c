/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_filter_parts.h"

#include <string.h>

/* The first server whose null is not undefined. */
#define MAJOR_OF_PLAIN_NULL 8

/* The elements a path sees; NULL among them: the field is missing. */
struct sight {
    const struct naive_node *element;
    struct sight *next;
};

struct view {
    struct naive_pool *pool;
    struct sight *first;
};

static void see(struct view *view, const struct naive_node *element)
{
    struct sight *sight = naive_take(view->pool, sizeof *sight);
    sight->element = element;
    sight->next = view->first;
    view->first = sight;
}

static size_t component_len(const char *path)
{
    return strcspn(path, ".");
}

/* "": there is nothing behind the first component. */
static const char *behind(const char *path)
{
    size_t len = component_len(path);
    return path[len] == '.' ? path + len + 1 : path + len;
}

static void look_in_object(struct view *view, const struct naive_node *object, const char *path);

static int is_position(const struct naive_node *entry, const char *path)
{
    size_t len = component_len(path);
    return len > 0 && strspn(path, "0123456789") == len && entry->name_len == len &&
           memcmp(entry->name, path, len) == 0;
}

static void look_in_array(struct view *view, const struct naive_node *array, const char *path)
{
    for (const struct naive_node *entry = array->first; entry != NULL; entry = entry->next) {
        if (entry->type == BM_TYPE_OBJECT) {
            look_in_object(view, entry, path);
        }
        if (!is_position(entry, path)) {
            continue;
        }
        if (*behind(path) == '\0') {
            see(view, entry);
        } else if (entry->type == BM_TYPE_OBJECT) {
            look_in_object(view, entry, behind(path));
        } else if (entry->type == BM_TYPE_ARRAY) {
            look_in_array(view, entry, behind(path));
        }
    }
}

static void look_at_end(struct view *view, const struct naive_node *element)
{
    if (element->type == BM_TYPE_ARRAY) {
        for (const struct naive_node *entry = element->first; entry != NULL; entry = entry->next) {
            see(view, entry);
        }
    }
    see(view, element);
}

static void look_in_object(struct view *view, const struct naive_node *object, const char *path)
{
    const struct naive_node *element = naive_entry(object, path, component_len(path));
    const char *rest = behind(path);
    if (element == NULL) {
        see(view, NULL);
    } else if (*rest == '\0') {
        look_at_end(view, element);
    } else if (element->type == BM_TYPE_OBJECT) {
        look_in_object(view, element, rest);
    } else if (element->type == BM_TYPE_ARRAY) {
        look_in_array(view, element, rest);
    } else {
        see(view, NULL);
    }
}

static int is_nan(const struct naive_node *node)
{
    return naive_is_number(node) && node->number.kind == NAIVE_NAN;
}

static int allows_equal(enum naive_operation operation)
{
    return operation == NAIVE_EQUAL || operation == NAIVE_GREATER_EQUAL ||
           operation == NAIVE_LESS_EQUAL;
}

static int goes_up(enum naive_operation operation)
{
    return operation == NAIVE_GREATER || operation == NAIVE_GREATER_EQUAL;
}

static int goes_down(enum naive_operation operation)
{
    return operation == NAIVE_LESS || operation == NAIVE_LESS_EQUAL;
}

/* element NULL: missing. */
static int compares(const struct naive_filter *filter, const struct naive_node *element,
                    const struct naive_node *value, struct UCollator *collator)
{
    enum naive_operation operation =
        filter->operation == NAIVE_IN ? NAIVE_EQUAL : filter->operation;
    if (value->type == BM_TYPE_NULL && (element == NULL || (element->type == BM_TYPE_UNDEFINED &&
                                                            filter->major < MAJOR_OF_PLAIN_NULL))) {
        return allows_equal(operation);
    }
    if (element == NULL || naive_class(element) != naive_class(value)) {
        return (value->type == BM_TYPE_MIN_KEY && goes_up(operation)) ||
               (value->type == BM_TYPE_MAX_KEY && goes_down(operation));
    }
    if (is_nan(element) || is_nan(value)) {
        return is_nan(element) && is_nan(value) && allows_equal(operation);
    }
    if (operation == NAIVE_EQUAL) {
        return naive_equal(element, value, collator);
    }
    int order = naive_order(element, value, collator);
    return (order > 0 && goes_up(operation)) || (order < 0 && goes_down(operation)) ||
           (order == 0 && allows_equal(operation));
}

static int has_type(const struct naive_node *element, const struct naive_node *value)
{
    if (element == NULL) {
        return 0;
    }
    if (value->type != BM_TYPE_ARRAY) {
        return naive_type_is(value, element->type) == 1;
    }
    for (const struct naive_node *entry = value->first; entry != NULL; entry = entry->next) {
        if (naive_type_is(entry, element->type) == 1) {
            return 1;
        }
    }
    return 0;
}

static int is_met(const struct naive_filter *filter, const struct naive_node *element,
                  struct UCollator *collator)
{
    if (filter->operation == NAIVE_EXISTS) {
        return element != NULL;
    }
    if (filter->operation == NAIVE_TYPE) {
        return has_type(element, filter->value);
    }
    if (filter->operation != NAIVE_IN) {
        return compares(filter, element, filter->value, collator);
    }
    for (const struct naive_node *entry = filter->value->first; entry != NULL;
         entry = entry->next) {
        if (compares(filter, element, entry, collator)) {
            return 1;
        }
    }
    return 0;
}

int naive_filter_matches(struct naive_pool *pool, const struct naive_filter *filter,
                         const struct naive_node *document, struct UCollator *collator)
{
    struct view view = {pool, NULL};
    if (filter->operation == NAIVE_AND || filter->operation == NAIVE_OR) {
        int decisive = filter->operation == NAIVE_OR;
        for (const struct naive_filter *part = filter->first; part != NULL; part = part->next) {
            if (naive_filter_matches(pool, part, document, collator) == decisive) {
                return decisive;
            }
        }
        return !decisive;
    }
    look_in_object(&view, document, filter->path);
    for (const struct sight *sight = view.first; sight != NULL; sight = sight->next) {
        if (is_met(filter, sight->element, collator)) {
            return 1;
        }
    }
    return 0;
}

int naive_type_is(const struct naive_node *operand, uint8_t type)
{
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {
        {"double", BM_TYPE_DOUBLE},
        {"string", BM_TYPE_STRING},
        {"object", BM_TYPE_OBJECT},
        {"array", BM_TYPE_ARRAY},
        {"binData", BM_TYPE_BINARY},
        {"undefined", BM_TYPE_UNDEFINED},
        {"objectId", BM_TYPE_OBJECT_ID},
        {"bool", BM_TYPE_BOOL},
        {"date", BM_TYPE_DATE},
        {"null", BM_TYPE_NULL},
        {"regex", BM_TYPE_REGEX},
        {"dbPointer", BM_TYPE_DB_POINTER},
        {"javascript", BM_TYPE_CODE},
        {"symbol", BM_TYPE_SYMBOL},
        {"javascriptWithScope", BM_TYPE_CODE_WITH_SCOPE},
        {"int", BM_TYPE_INT32},
        {"timestamp", BM_TYPE_TIMESTAMP},
        {"long", BM_TYPE_INT64},
        {"decimal", BM_TYPE_DECIMAL128},
        {"minKey", BM_TYPE_MIN_KEY},
        {"maxKey", BM_TYPE_MAX_KEY},
    };
    struct naive_node code = {.type = BM_TYPE_INT32};
    struct naive_node element = {.type = type};
    struct naive_pool pool = {NULL};
    int known = -1;
    if (operand->type == BM_TYPE_STRING && operand->bytes.len == 6 &&
        memcmp(operand->bytes.data, "number", 6) == 0) {
        return naive_is_number(&element);
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        int named = operand->type == BM_TYPE_STRING &&
                    operand->bytes.len == strlen(types[i].name) &&
                    memcmp(operand->bytes.data, types[i].name, operand->bytes.len) == 0;
        int number = types[i].type == BM_TYPE_MIN_KEY ? -1 : types[i].type;
        naive_number_of_integer(&pool, number, &code.number);
        if (named ||
            (naive_is_number(operand) && naive_number_order(&operand->number, &code.number) == 0)) {
            known = types[i].type == type;
        }
    }
    naive_pool_free(&pool);
    return known;
}
