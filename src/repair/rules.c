/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repair/rules_parts.h"

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

static void free_changes(struct bm_rules *rules)
{
    for (size_t i = 0; i < rules->unset_count; i++) {
        free(rules->unsets[i].ns);
        free(rules->unsets[i].field);
    }
    free(rules->unsets);
    for (size_t i = 0; i < rules->duplicate_count; i++) {
        free(rules->duplicates[i].ns);
        free(rules->duplicates[i].index);
    }
    free(rules->duplicates);
    for (size_t i = 0; i < rules->keep_count; i++) {
        free(rules->keeps[i].ns);
        free(rules->keeps[i].field);
    }
    free(rules->keeps);
    for (size_t i = 0; i < rules->index_count; i++) {
        free(rules->indexes[i].ns);
        free(rules->indexes[i].index);
    }
    free(rules->indexes);
    for (size_t i = 0; i < rules->require_count; i++) {
        free(rules->requires[i].ns);
        free(rules->requires[i].field);
    }
    free(rules->requires);
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
    free_changes(rules);
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

enum bm_status bm_rules_add_fill(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    struct bm_token_shape shape = {.kind = BM_TOKEN_UNSAID, .text = "auto"};
    struct bm_view left = bm_view_text(text);
    struct bm_view ns;
    struct bm_view field;
    const char *equals = strchr(text, '=');
    if (equals != NULL) {
        left.len = (size_t)(equals - text);
        if (bm_token_shape_parse(equals + 1, &shape, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_rules_split(left, text, &ns, &field, err) != BM_OK) {
        return BM_FAIL;
    }
    if (field.len == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill '%s' names no field", text);
    }
    return bm_rules_put_fill(rules, ns, field, &shape, err);
}

/* The parts between commas; the array is the caller's. */
static enum bm_status split_fields(struct bm_view list, struct bm_view **fields, size_t *count,
                                   struct bm_error *err)
{
    size_t at = 0;
    for (;;) {
        const uint8_t *start = list.data + at;
        const uint8_t *comma = at < list.len ? memchr(start, ',', list.len - at) : NULL;
        size_t end = comma != NULL ? (size_t)(comma - list.data) : list.len;
        if (grow_by_one(fields, *count, sizeof **fields, err) != BM_OK) {
            return BM_FAIL;
        }
        (*fields)[(*count)++] = (struct bm_view){start, end - at};
        if (comma == NULL) {
            return BM_OK;
        }
        at = end + 1;
    }
}

enum bm_status bm_rules_add_unique(struct bm_rules *rules, const char *text, struct bm_error *err)
{
    struct bm_view ns;
    struct bm_view list;
    struct bm_view *fields = NULL;
    size_t count = 0;
    if (bm_rules_split(bm_view_text(text), text, &ns, &list, err) != BM_OK) {
        return BM_FAIL;
    }
    if (list.len == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--unique '%s' names no field", text);
    }
    enum bm_status status = split_fields(list, &fields, &count, err);
    if (status == BM_OK) {
        status = bm_rules_put_unique(rules, ns, fields, count, err);
    }
    free(fields);
    return status;
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

enum bm_status bm_rules_set_empty(struct bm_rules *rules, const char *list, struct bm_error *err)
{
    unsigned empty = 0;
    const char *at = list;
    for (;;) {
        size_t len = strcspn(at, ",");
        enum bm_emptiness bit = bm_rules_emptiness((struct bm_view){(const uint8_t *)at, len});
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
