/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"

#include "base/memory.h"

#define ALL_EMPTY (BM_EMPTY_MISSING | BM_EMPTY_NULL | BM_EMPTY_UNDEFINED | BM_EMPTY_BLANK)

void bm_rules_init(struct bm_rules *rules)
{
    *rules = (struct bm_rules){.empty = ALL_EMPTY, .attempts = 3};
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    free(texts);
}

void bm_rules_free(struct bm_rules *rules)
{
    for (size_t i = 0; i < rules->fill_count; i++) {
        free(rules->fills[i].ns);
        free(rules->fills[i].field);
    }
    free(rules->fills);
    for (size_t i = 0; i < rules->unique_count; i++) {
        free(rules->uniques[i].ns);
        free_texts(rules->uniques[i].fields, rules->uniques[i].field_count);
    }
    free(rules->uniques);
    free_texts(rules->includes, rules->include_count);
    free_texts(rules->excludes, rules->exclude_count);
    bm_rules_init(rules);
}

/* The arrays of a rules struct carry no capacity: there are few rules, and they are added once. */
static enum bm_status grow_by_one(void *array_address, size_t count, size_t element,
                                  struct bm_error *err)
{
    size_t capacity = count;
    return bm_grow(array_address, count, &capacity, element, err);
}

/* "NS:" in front of a rule; a field cannot hold ':', a namespace can. */
static enum bm_status split_namespace(struct bm_view left, const char *whole, char **ns,
                                      struct bm_view *rest, struct bm_error *err)
{
    size_t colon = left.len;
    while (colon > 0 && left.data[colon - 1] != ':') {
        colon--;
    }
    *rest = (struct bm_view){left.data + colon, left.len - colon};
    if (colon == 0) {
        return BM_OK;
    }
    struct bm_view name = {left.data, colon - 1};
    const uint8_t *dot = name.len > 0 ? memchr(name.data, '.', name.len) : NULL;
    if (dot == NULL || dot == name.data || dot + 1 == name.data + name.len) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "'%s': a namespace before ':' is written DATABASE.COLLECTION", whole);
    }
    *ns = bm_copy_view(name, err);
    return *ns != NULL ? BM_OK : BM_FAIL;
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

static enum bm_status parse_fill(const char *text, struct bm_fill_rule *rule, struct bm_error *err)
{
    struct bm_view left = bm_view_text(text);
    const char *equals = strchr(text, '=');
    if (equals != NULL) {
        left.len = (size_t)(equals - text);
        if (bm_token_shape_parse(equals + 1, &rule->shape, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    struct bm_view field;
    if (split_namespace(left, text, &rule->ns, &field, err) != BM_OK) {
        return BM_FAIL;
    }
    if (field.len == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill '%s' names no field", text);
    }
    rule->field = bm_copy_view(field, err);
    return rule->field != NULL ? check_paths(&rule->field, 1, err) : BM_FAIL;
}

enum bm_status bm_rules_add_fill(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    struct bm_fill_rule rule = {.shape = {.kind = BM_TOKEN_UNSAID}};
    if (parse_fill(text, &rule, err) != BM_OK ||
        grow_by_one(&rules->fills, rules->fill_count, sizeof rule, err) != BM_OK) {
        free(rule.ns);
        free(rule.field);
        return BM_FAIL;
    }
    rules->fills[rules->fill_count++] = rule;
    return BM_OK;
}

static enum bm_status split_fields(struct bm_view list, struct bm_unique_rule *rule,
                                   struct bm_error *err)
{
    size_t at = 0;
    for (;;) {
        const uint8_t *start = list.data + at;
        const uint8_t *comma = at < list.len ? memchr(start, ',', list.len - at) : NULL;
        size_t end = comma != NULL ? (size_t)(comma - list.data) : list.len;
        if (grow_by_one(&rule->fields, rule->field_count, sizeof *rule->fields, err) != BM_OK) {
            return BM_FAIL;
        }
        char *field = bm_copy_view((struct bm_view){start, end - at}, err);
        if (field == NULL) {
            return BM_FAIL;
        }
        rule->fields[rule->field_count++] = field;
        if (comma == NULL) {
            return check_paths(rule->fields, rule->field_count, err);
        }
        at = end + 1;
    }
}

enum bm_status bm_rules_add_unique(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    struct bm_unique_rule rule = {.ns = NULL};
    struct bm_view list;
    if (split_namespace(bm_view_text(text), text, &rule.ns, &list, err) != BM_OK) {
        goto fail;
    }
    if (list.len == 0) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "--unique '%s' names no field", text);
        goto fail;
    }
    if (split_fields(list, &rule, err) != BM_OK ||
        grow_by_one(&rules->uniques, rules->unique_count, sizeof rule, err) != BM_OK) {
        goto fail;
    }
    rules->uniques[rules->unique_count++] = rule;
    return BM_OK;
fail:
    free(rule.ns);
    free_texts(rule.fields, rule.field_count);
    return BM_FAIL;
}

static enum bm_status check_pattern(const char *pattern, struct bm_error *err)
{
    if (*pattern == '\0') {
        return bm_fail(err, BM_ERROR_USAGE, 0, "an empty namespace pattern matches nothing");
    }
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at != '\\') {
            continue;
        }
        at++;
        if (*at == '\0') {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "namespace pattern '%s' ends in a backslash with nothing to escape",
                           pattern);
        }
    }
    return BM_OK;
}

static enum bm_status add_pattern(char ***patterns, size_t *count, const char *pattern,
                                  struct bm_error *err)
{
    if (check_pattern(pattern, err) != BM_OK ||
        grow_by_one(patterns, *count, sizeof **patterns, err) != BM_OK) {
        return BM_FAIL;
    }
    char *copy = bm_copy_text(pattern, err);
    if (copy == NULL) {
        return BM_FAIL;
    }
    (*patterns)[(*count)++] = copy;
    return BM_OK;
}

enum bm_status bm_rules_add_include(struct bm_rules *rules, const char *pattern,
                                    struct bm_error *err)
{
    return add_pattern(&rules->includes, &rules->include_count, pattern, err);
}

enum bm_status bm_rules_add_exclude(struct bm_rules *rules, const char *pattern,
                                    struct bm_error *err)
{
    return add_pattern(&rules->excludes, &rules->exclude_count, pattern, err);
}

static enum bm_emptiness emptiness_named(struct bm_view word)
{
    static const struct {
        const char *name;
        enum bm_emptiness bit;
    } names[] = {{"missing", BM_EMPTY_MISSING},
                 {"null", BM_EMPTY_NULL},
                 {"undefined", BM_EMPTY_UNDEFINED},
                 {"blank", BM_EMPTY_BLANK}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (bm_view_equal(word, bm_view_text(names[i].name))) {
            return names[i].bit;
        }
    }
    return BM_NOT_EMPTY;
}

enum bm_status bm_rules_set_empty(struct bm_rules *rules, const char *list, struct bm_error *err)
{
    unsigned empty = 0;
    const char *at = list;
    for (;;) {
        size_t len = strcspn(at, ",");
        enum bm_emptiness bit = emptiness_named((struct bm_view){(const uint8_t *)at, len});
        if (bit == BM_NOT_EMPTY) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--empty '%s' takes a list of missing, null, undefined, blank", list);
        }
        empty |= (unsigned)bit;
        if (at[len] == '\0') {
            break;
        }
        at += len + 1;
    }
    rules->empty = empty;
    return BM_OK;
}

/* Goes back only to the last `*`: an earlier one cannot help where a later one failed. */
static int pattern_matches(const char *pattern, const char *name)
{
    const char *after_star = NULL;
    const char *retry = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = name;
            continue;
        }
        const char *literal = *pattern == '\\' ? pattern + 1 : pattern;
        if (*literal != '\0' && *literal == *name) {
            pattern = literal + 1;
            name++;
            continue;
        }
        if (after_star == NULL) {
            return 0;
        }
        pattern = after_star;
        name = ++retry;
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

/* Buckets go by the name of their time-series collection too, the only one that users see. */
static const char *logical_name(const char *ns, char *out, size_t size)
{
    static const char buckets[] = ".system.buckets.";
    const char *dot = strchr(ns, '.');
    if (dot == NULL || strncmp(dot, buckets, sizeof buckets - 1) != 0) {
        return ns;
    }
    int len = snprintf(out, size, "%.*s.%s", (int)(dot - ns), ns, dot + sizeof buckets - 1);
    return len > 0 && (size_t)len < size ? out : ns;
}

static int any_matches(char *const *patterns, size_t count, const char *ns)
{
    char logical[512];
    const char *other = logical_name(ns, logical, sizeof logical);
    for (size_t i = 0; i < count; i++) {
        if (pattern_matches(patterns[i], ns) || pattern_matches(patterns[i], other)) {
            return 1;
        }
    }
    return 0;
}

int bm_rules_select(const struct bm_rules *rules, const char *ns)
{
    if (rules->include_count > 0 && !any_matches(rules->includes, rules->include_count, ns)) {
        return 0;
    }
    return !any_matches(rules->excludes, rules->exclude_count, ns);
}
