/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/rules_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bsonmend/key.h"

/* The arrays of a rules struct carry no capacity: there are few rules, and they are added once. */
static enum bm_status grow_by_one(void *array_address, size_t count, size_t element,
                                  struct bm_error *err)
{
    size_t capacity = count;
    return bm_grow(array_address, count, &capacity, element, err);
}

int bm_rules_is_namespace(struct bm_view name)
{
    const uint8_t *dot = name.len > 0 ? memchr(name.data, '.', name.len) : NULL;
    return dot != NULL && dot != name.data && dot + 1 != name.data + name.len;
}

enum bm_status bm_rules_split(struct bm_view left, const char *whole, struct bm_view *ns,
                              struct bm_view *rest, struct bm_error *err)
{
    size_t colon = left.len;
    while (colon > 0 && left.data[colon - 1] != ':') {
        colon--;
    }
    *rest = (struct bm_view){left.data + colon, left.len - colon};
    *ns = (struct bm_view){NULL, 0};
    if (colon == 0) {
        return BM_OK;
    }
    *ns = (struct bm_view){left.data, colon - 1};
    if (!bm_rules_is_namespace(*ns)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "'%s': a namespace before ':' is written DATABASE.COLLECTION", whole);
    }
    return BM_OK;
}

/* A copy of a part that may hold no zero byte, as names of namespaces, fields and indexes. */
static enum bm_status copy_part(struct bm_view part, char **out, struct bm_error *err)
{
    if (part.len > 0 && memchr(part.data, 0, part.len) != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a name with a zero byte in it");
    }
    *out = bm_copy_view(part, err);
    return *out != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status copy_namespace(struct bm_view ns, char **out, struct bm_error *err)
{
    *out = NULL;
    return ns.data == NULL ? BM_OK : copy_part(ns, out, err);
}

/* The server's rules for index paths; what they refuse cannot be judged or filled. */
static enum bm_status check_paths(char *const *fields, size_t count, struct bm_error *err)
{
    const char **paths = bm_allocate(count, sizeof *paths, err);
    if (paths == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        paths[i] = fields[i];
    }
    struct bm_index *index = bm_index_of_fields("", paths, count, err);
    bm_index_free(index);
    free(paths);
    return index != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status copy_path(struct bm_view field, char **out, struct bm_error *err)
{
    if (field.len == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "no field is named");
    }
    return copy_part(field, out, err) == BM_OK ? check_paths(out, 1, err) : BM_FAIL;
}

/* ---- rules of a field ---- */

enum bm_status bm_rules_put_fill(struct bm_rules *rules, struct bm_view ns, struct bm_view field,
                                 const struct bm_token_shape *shape, struct bm_error *err)
{
    struct bm_fill_rule rule = {.shape = *shape};
    if (copy_namespace(ns, &rule.ns, err) != BM_OK || copy_path(field, &rule.field, err) != BM_OK ||
        grow_by_one(&rules->fills, rules->fill_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.field);
        return BM_FAIL;
    }
    rules->fills[rules->fill_count++] = rule;
    return BM_OK;
}

enum bm_status bm_rules_put_unset(struct bm_rules *rules, struct bm_view ns, struct bm_view field,
                                  struct bm_error *err)
{
    struct bm_unset_rule rule = {.ns = NULL};
    if (copy_namespace(ns, &rule.ns, err) != BM_OK || copy_path(field, &rule.field, err) != BM_OK ||
        grow_by_one(&rules->unsets, rules->unset_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.field);
        return BM_FAIL;
    }
    rules->unsets[rules->unset_count++] = rule;
    return BM_OK;
}

enum bm_status bm_rules_put_require(struct bm_rules *rules, struct bm_view ns, struct bm_view field,
                                    struct bm_error *err)
{
    struct bm_require_rule rule = {.ns = NULL};
    if (copy_namespace(ns, &rule.ns, err) != BM_OK || copy_path(field, &rule.field, err) != BM_OK ||
        grow_by_one(&rules->requires, rules->require_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.field);
        return BM_FAIL;
    }
    rules->requires[rules->require_count++] = rule;
    return BM_OK;
}

static enum bm_status copy_fields(const struct bm_view *fields, size_t count,
                                  struct bm_unique_rule *rule, struct bm_error *err)
{
    rule->fields = bm_allocate(count, sizeof *rule->fields, err);
    if (rule->fields == NULL) {
        return BM_FAIL;
    }
    for (; rule->field_count < count; rule->field_count++) {
        if (copy_part(fields[rule->field_count], &rule->fields[rule->field_count], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return check_paths(rule->fields, count, err);
}

enum bm_status bm_rules_put_unique(struct bm_rules *rules, struct bm_view ns,
                                   const struct bm_view *fields, size_t count, struct bm_error *err)
{
    struct bm_unique_rule rule = {.ns = NULL};
    if (count == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "no field is named");
    }
    if (copy_namespace(ns, &rule.ns, err) != BM_OK ||
        copy_fields(fields, count, &rule, err) != BM_OK ||
        grow_by_one(&rules->uniques, rules->unique_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        for (size_t i = 0; i < rule.field_count; i++) {
            free(rule.fields[i]);
        }
        free(rule.fields);
        return BM_FAIL;
    }
    rules->uniques[rules->unique_count++] = rule;
    return BM_OK;
}

/* ---- words ---- */

struct word {
    const char *name;
    int value;
};

/* The value of a word, -1: it is none of these. */
static int find_word(const struct word *words, size_t count, struct bm_view name)
{
    for (size_t i = 0; i < count; i++) {
        if (bm_view_equal(name, bm_view_text(words[i].name))) {
            return words[i].value;
        }
    }
    return -1;
}

enum bm_emptiness bm_rules_emptiness(struct bm_view word)
{
    static const struct word words[] = {{"missing", BM_EMPTY_MISSING},
                                        {"null", BM_EMPTY_NULL},
                                        {"undefined", BM_EMPTY_UNDEFINED},
                                        {"blank", BM_EMPTY_BLANK}};
    int value = find_word(words, sizeof words / sizeof *words, word);
    return value < 0 ? BM_NOT_EMPTY : (enum bm_emptiness)value;
}

static enum bm_status refuse(struct bm_view word, const char *what, struct bm_error *err)
{
    int len = word.len < 60 ? (int)word.len : 60;
    return bm_fail(err, BM_ERROR_USAGE, 0, "'%.*s' is none of %s", len, (const char *)word.data,
                   what);
}

static enum bm_status copy_index(struct bm_view name, char **out, struct bm_error *err)
{
    if (name.len == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "no index is named");
    }
    return copy_part(name, out, err);
}

/* ---- rules of an index ---- */

enum bm_status bm_rules_put_duplicate(struct bm_rules *rules, struct bm_view ns,
                                      struct bm_view index, struct bm_view action,
                                      struct bm_error *err)
{
    static const struct word words[] = {{"fail", BM_DUPLICATE_FAIL},
                                        {"refill", BM_DUPLICATE_REFILL},
                                        {"reject", BM_DUPLICATE_REJECT},
                                        {"leave", BM_DUPLICATE_LEAVE}};
    struct bm_duplicate_rule rule = {.ns = NULL};
    int value = find_word(words, sizeof words / sizeof *words, action);
    if (value < 0) {
        return refuse(action, "fail, refill, reject, leave", err);
    }
    rule.action = (enum bm_duplicate_action)value;
    if (copy_namespace(ns, &rule.ns, err) != BM_OK ||
        copy_index(index, &rule.index, err) != BM_OK ||
        grow_by_one(&rules->duplicates, rules->duplicate_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.index);
        return BM_FAIL;
    }
    rules->duplicates[rules->duplicate_count++] = rule;
    return BM_OK;
}

static enum bm_status parse_index_action(struct bm_view text, struct bm_index_rule *rule,
                                         struct bm_error *err)
{
    static const struct word actions[] = {{"partial", BM_INDEX_ACTION_PARTIAL},
                                          {"sparse", BM_INDEX_ACTION_SPARSE},
                                          {"nonunique", BM_INDEX_ACTION_NONUNIQUE},
                                          {"drop", BM_INDEX_ACTION_DROP}};
    static const struct word types[] = {{"string", BM_PARTIAL_STRING},
                                        {"objectId", BM_PARTIAL_OBJECT_ID},
                                        {"binData", BM_PARTIAL_BIN_DATA},
                                        {"number", BM_PARTIAL_NUMBER},
                                        {"date", BM_PARTIAL_DATE}};
    const uint8_t *colon = text.len > 0 ? memchr(text.data, ':', text.len) : NULL;
    struct bm_view name = {text.data, colon != NULL ? (size_t)(colon - text.data) : text.len};
    int action = find_word(actions, sizeof actions / sizeof *actions, name);
    if (action < 0 || (colon != NULL && action != BM_INDEX_ACTION_PARTIAL)) {
        return refuse(text, "partial[:TYPE], sparse, nonunique, drop", err);
    }
    rule->action = (enum bm_index_action)action;
    rule->partial = BM_PARTIAL_STRING;
    if (colon != NULL) {
        struct bm_view type = {colon + 1, text.len - name.len - 1};
        int found = find_word(types, sizeof types / sizeof *types, type);
        if (found < 0) {
            return refuse(type, "string, objectId, binData, number, date", err);
        }
        rule->partial = (enum bm_partial_type)found;
    }
    return BM_OK;
}

enum bm_status bm_rules_put_index(struct bm_rules *rules, struct bm_view ns, struct bm_view index,
                                  struct bm_view action, struct bm_error *err)
{
    struct bm_index_rule rule = {.ns = NULL};
    if (parse_index_action(action, &rule, err) != BM_OK ||
        copy_namespace(ns, &rule.ns, err) != BM_OK ||
        copy_index(index, &rule.index, err) != BM_OK ||
        grow_by_one(&rules->indexes, rules->index_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.index);
        return BM_FAIL;
    }
    rules->indexes[rules->index_count++] = rule;
    return BM_OK;
}

/* ---- which document stays ---- */

static enum bm_status parse_keep(struct bm_view text, struct bm_keep_rule *rule,
                                 struct bm_error *err)
{
    static const struct word bare[] = {{"first", BM_KEEP_FIRST}, {"last", BM_KEEP_LAST}};
    static const struct word by_field[] = {{"newest", BM_KEEP_NEWEST}, {"oldest", BM_KEEP_OLDEST}};
    const uint8_t *open = text.len > 0 ? memchr(text.data, '(', text.len) : NULL;
    struct bm_view name = {text.data, open != NULL ? (size_t)(open - text.data) : text.len};
    int which = open != NULL ? find_word(by_field, 2, name) : find_word(bare, 2, name);
    if (which < 0 || (open != NULL && text.data[text.len - 1] != ')')) {
        return refuse(text, "first, last, newest(FIELD), oldest(FIELD)", err);
    }
    rule->which = (enum bm_keep)which;
    if (open == NULL) {
        return BM_OK;
    }
    struct bm_view field = {open + 1, text.len - name.len - 2};
    return copy_path(field, &rule->field, err);
}

enum bm_status bm_rules_put_keep(struct bm_rules *rules, struct bm_view ns, struct bm_view which,
                                 struct bm_error *err)
{
    struct bm_keep_rule rule = {.ns = NULL};
    if (parse_keep(which, &rule, err) != BM_OK || copy_namespace(ns, &rule.ns, err) != BM_OK ||
        grow_by_one(&rules->keeps, rules->keep_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.field);
        return BM_FAIL;
    }
    rules->keeps[rules->keep_count++] = rule;
    return BM_OK;
}
