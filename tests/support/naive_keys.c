/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_keys.h"

#include <string.h>

/* Where one field of the pattern stands. */
struct field {
    const char *rest; /* path not yet walked, "": its element is fixed */
    const struct naive_node *value;
    /* The field names an entry of the array just entered: that entry, what lies at the end of the
     * path through it (or the next array on it, or NULL), and the path behind that. */
    const struct naive_node *position;
    const struct naive_node *reached;
    const char *rest_reached;
};

struct walk {
    struct field fields[NAIVE_FIELDS];
    size_t missing; /* fields that were nowhere */
};

struct generator {
    struct naive_pool *pool;
    const struct naive_pattern *pattern;
    struct naive_keys *keys;
};

static const struct naive_node null_node = {.type = BM_TYPE_NULL, .name = ""};
static const struct naive_node undefined_node = {.type = BM_TYPE_UNDEFINED, .name = ""};

static size_t component_len(const char *path)
{
    return strcspn(path, ".");
}

/* Through objects to the first array or the end of the path; NULL: there is nothing. */
static const struct naive_node *reach(const struct naive_node *parent, const char **path)
{
    size_t len = component_len(*path);
    const struct naive_node *node = naive_entry(parent, *path, len);
    *path += len + ((*path)[len] == '.');
    if (node == NULL || node->type == BM_TYPE_ARRAY || **path == '\0') {
        return node;
    }
    return node->type == BM_TYPE_OBJECT ? reach(node, path) : NULL;
}

/* The next element of a field, from an object (NULL: none) or from the position it named. */
static const struct naive_node *advance(struct generator *generator, struct field *field,
                                        const struct naive_node *object)
{
    int named =
        object != NULL && naive_entry(object, field->rest, component_len(field->rest)) != NULL;
    if (named && field->position != NULL) {
        generator->keys->refused = "ambiguous position";
        return NULL;
    }
    if (named) {
        return reach(object, &field->rest);
    }
    if (field->position != NULL) {
        field->rest = field->rest_reached;
        return field->reached;
    }
    return NULL;
}

static int same_key(const struct naive_pattern *pattern, const struct naive_key *a,
                    const struct naive_key *b)
{
    for (size_t i = 0; i < pattern->count; i++) {
        if (!naive_equal(a->parts[i], b->parts[i], pattern->collator)) {
            return 0;
        }
    }
    return 1;
}

static int holds_type(const struct naive_node *node, uint8_t type)
{
    if (node->type == type) {
        return 1;
    }
    if (node->type != BM_TYPE_OBJECT && node->type != BM_TYPE_ARRAY) {
        return 0;
    }
    for (const struct naive_node *entry = node->first; entry != NULL; entry = entry->next) {
        if (holds_type(entry, type)) {
            return 1;
        }
    }
    return 0;
}

int naive_key_is_taken(const struct naive_pattern *pattern, const struct naive_key *key)
{
    for (size_t i = 0; i < pattern->count; i++) {
        if ((pattern->collator != NULL && holds_type(key->parts[i], BM_TYPE_SYMBOL)) ||
            (pattern->without_decimals && holds_type(key->parts[i], BM_TYPE_DECIMAL128))) {
            return 0;
        }
    }
    return 1;
}

static void emit(struct generator *generator, const struct walk *walk)
{
    const struct naive_pattern *pattern = generator->pattern;
    if (pattern->sparse && walk->missing == pattern->count) {
        return;
    }
    struct naive_key *key = naive_take(generator->pool, sizeof *key);
    for (size_t i = 0; i < pattern->count; i++) {
        key->parts[i] = walk->fields[i].value;
    }
    if (!naive_key_is_taken(pattern, key)) {
        generator->keys->refused = "a type the index does not take";
    }
    for (const struct naive_key *old = generator->keys->first; old != NULL; old = old->next) {
        if (same_key(pattern, old, key)) {
            return;
        }
    }
    key->next = generator->keys->first;
    generator->keys->first = key;
}

static void walk_from(struct generator *generator, struct walk walk,
                      const struct naive_node *object);

/* One step into an array: what is set for the fields that end at it, and where the others go on. */
struct entrance {
    const struct naive_node *value;
    const struct naive_node *object;
};

static void enter(struct generator *generator, struct walk walk, const char *at_array,
                  struct entrance entrance)
{
    for (size_t i = 0; i < generator->pattern->count; i++) {
        if (at_array[i] && walk.fields[i].rest[0] == '\0') {
            walk.fields[i].value = entrance.value;
        }
    }
    walk_from(generator, walk, entrance.object);
}

/* Fields whose next component names an entry of the array are walked through that entry, once. */
static void find_positions(struct walk *walk, size_t count, const struct naive_node *array)
{
    for (size_t i = 0; i < count; i++) {
        struct field *field = &walk->fields[i];
        field->position = NULL;
        if (field->rest[0] == '\0') {
            continue;
        }
        field->position = naive_entry(array, field->rest, component_len(field->rest));
        if (field->position != NULL) {
            field->rest_reached = field->rest;
            field->reached = reach(array, &field->rest_reached);
        }
    }
}

enum expansion { EXPAND_ENTRIES, KEEP_WHOLE };

static void expand(struct generator *generator, struct walk *walk, const char *at_array,
                   const struct naive_node *array, enum expansion expansion)
{
    if (array->first == NULL) {
        for (size_t i = 0; i < generator->pattern->count; i++) {
            walk->fields[i].position = NULL;
        }
        enter(generator, *walk, at_array, (struct entrance){&undefined_node, NULL});
        return;
    }
    find_positions(walk, generator->pattern->count, array);
    for (const struct naive_node *entry = array->first; entry != NULL && !generator->keys->refused;
         entry = entry->next) {
        const struct naive_node *value = expansion == KEEP_WHOLE ? array : entry;
        const struct naive_node *object = entry->type == BM_TYPE_OBJECT ? entry : NULL;
        enter(generator, *walk, at_array, (struct entrance){value, object});
    }
}

static void walk_from(struct generator *generator, struct walk walk,
                      const struct naive_node *object)
{
    const struct naive_node *array = NULL;
    char at_array[NAIVE_FIELDS] = {0};
    enum expansion expansion = EXPAND_ENTRIES;
    for (size_t i = 0; i < generator->pattern->count && !generator->keys->refused; i++) {
        struct field *field = &walk.fields[i];
        if (field->rest[0] == '\0') {
            continue;
        }
        const struct naive_node *element = advance(generator, field, object);
        if (element == NULL) {
            field->rest = "";
            field->value = &null_node;
            walk.missing++;
        } else if (element->type != BM_TYPE_ARRAY) {
            field->value = element;
        } else if (array != NULL && array != element) {
            generator->keys->refused = "parallel arrays";
        } else {
            array = element;
            at_array[i] = 1;
            /* An array that a position led to is a value where the path ends. */
            expansion = element == field->position ? KEEP_WHOLE : EXPAND_ENTRIES;
        }
    }
    if (generator->keys->refused) {
        return;
    }
    if (array == NULL) {
        emit(generator, &walk);
    } else {
        expand(generator, &walk, at_array, array, expansion);
    }
}

struct naive_keys naive_keys_of(struct naive_pool *pool, const struct naive_pattern *pattern,
                                const struct naive_node *document)
{
    struct naive_keys keys = {NULL, NULL};
    struct generator generator = {pool, pattern, &keys};
    struct walk walk = {.missing = 0};
    for (size_t i = 0; i < pattern->count; i++) {
        walk.fields[i].rest = pattern->paths[i];
    }
    walk_from(&generator, walk, document);
    return keys;
}

int naive_keys_meet(const struct naive_pattern *pattern, const struct naive_keys *a,
                    const struct naive_keys *b)
{
    for (const struct naive_key *left = a->first; left != NULL; left = left->next) {
        for (const struct naive_key *right = b->first; right != NULL; right = right->next) {
            if (same_key(pattern, left, right)) {
                return 1;
            }
        }
    }
    return 0;
}
