/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_judge.h"

#include <stdlib.h>
#include <string.h>

#include "support/naive_filter.h"
#include "support/naive_keys.h"

struct judging {
    const struct naive_case *judged;
    struct naive_result *result;
    struct naive_pool pool;
    const struct naive_node *spec;
    const struct naive_node *options;
    struct naive_pattern pattern;
    struct naive_filter *filter; /* NULL: none */
    int is_id;
    const char *unknowable; /* why keys cannot be told, or NULL */
    int takes_no_collation; /* for its kind */
};

/* What servers before 4.2 take as a key, less one byte. */
#define KEY_SIZE_MAX 1023

static int refuse(struct judging *judging, enum naive_verdict verdict, const char *reason)
{
    judging->result->verdict = verdict;
    judging->result->refused = reason;
    return 0;
}

/* 1, 0, or -1: neither a bool nor a number. */
static int flag(const struct naive_node *spec, const char *name)
{
    const struct naive_node *field = naive_field(spec, name);
    if (field == NULL) {
        return 0;
    }
    if (field->type != BM_TYPE_BOOL && !naive_is_number(field)) {
        return -1;
    }
    return naive_is_true(field);
}

static int text_is(const struct naive_node *node, const char *text)
{
    return node->bytes.len == strlen(text) && memcmp(node->bytes.data, text, node->bytes.len) == 0;
}

/* The default index: one field, _id, of value 1. */
static int is_id_pattern(const struct naive_node *key)
{
    return key->first != NULL && key->first->next == NULL && strcmp(key->first->name, "_id") == 0 &&
           naive_is_number(key->first) && key->first->number.count == 1 &&
           key->first->number.digits[0] == 1 && key->first->number.exponent == 0 &&
           !key->first->number.negative;
}

static int path_is_good(const char *path)
{
    size_t at = 0;
    for (;;) {
        size_t len = strcspn(path + at, ".");
        if (len == 0) {
            return 0;
        }
        if (path[at] == '$') {
            int reference = (len == 3 && strncmp(path + at, "$id", 3) == 0) ||
                            (len == 4 && strncmp(path + at, "$ref", 4) == 0) ||
                            (len == 3 && strncmp(path + at, "$db", 3) == 0);
            if (at == 0 || !reference) {
                return 0;
            }
        }
        if (path[at + len] == '\0') {
            return 1;
        }
        at += len + 1;
    }
}

static int is_wildcard(const char *path)
{
    size_t len = strlen(path);
    return len >= 3 && strcmp(path + len - 3, "$**") == 0 && (len == 3 || path[len - 4] == '.');
}

/* A kind of index that is named in the key. */
static int read_plugin(struct judging *judging, const struct naive_node *field)
{
    int haystack = judging->judged->major < 5 && text_is(field, "geoHaystack");
    if (haystack || text_is(field, "text") || text_is(field, "2d") || text_is(field, "2dsphere")) {
        if (text_is(field, "2d") && judging->pattern.count > 1) {
            return refuse(judging, NAIVE_CANNOT_INDEX, "a plane that comes second");
        }
        judging->unknowable = "keys of another kind";
        judging->takes_no_collation |= !text_is(field, "2dsphere");
        return 1;
    }
    return refuse(judging, NAIVE_CANNOT_INDEX, "a kind that is never unique");
}

static int read_field(struct judging *judging, const struct naive_node *field)
{
    struct naive_pattern *pattern = &judging->pattern;
    if (is_wildcard(field->name)) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a wildcard is never unique");
    }
    if (!path_is_good(field->name) || pattern->count == NAIVE_FIELDS) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a path the server does not take");
    }
    for (size_t i = 0; i < pattern->count; i++) {
        if (strcmp(pattern->paths[i], field->name) == 0) {
            return refuse(judging, NAIVE_CANNOT_INDEX, "a field twice");
        }
    }
    pattern->paths[pattern->count++] = field->name;
    if (field->type == BM_TYPE_STRING) {
        return read_plugin(judging, field);
    }
    if (!naive_is_number(field) || !naive_is_true(field) || field->number.kind == NAIVE_NAN) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a value that is no direction");
    }
    return 1;
}

static int read_key(struct judging *judging)
{
    const struct naive_node *key = naive_field(judging->spec, "key");
    if (key == NULL || key->type != BM_TYPE_OBJECT || key->first == NULL || key->encoded > 2048) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "no key");
    }
    for (const struct naive_node *field = key->first; field != NULL; field = field->next) {
        if (!read_field(judging, field)) {
            return 0;
        }
    }
    return 1;
}

static int read_collation(struct judging *judging)
{
    const struct naive_node *collation = naive_field(judging->spec, "collation");
    if (judging->options != NULL &&
        (judging->is_id || (collation == NULL && judging->judged->origin == NAIVE_FROM_COMMAND))) {
        collation = naive_field(judging->options, "collation");
    }
    if (collation == NULL) {
        return 1;
    }
    if (collation->type != BM_TYPE_OBJECT) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a collation that is no object");
    }
    const struct naive_node *locale = naive_field(collation, "locale");
    if (judging->takes_no_collation && locale != NULL && !text_is(locale, "simple")) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a collation where none can be");
    }
    const char *reason = naive_collator_open(collation, &judging->pattern.collator);
    return reason == NULL ? 1 : refuse(judging, NAIVE_CANNOT_INDEX, reason);
}

static int read_filter(struct judging *judging)
{
    const struct naive_node *filter = naive_field(judging->spec, "partialFilterExpression");
    if (filter == NULL) {
        return 1;
    }
    if (filter->type == BM_TYPE_OBJECT && filter->first == NULL && judging->pattern.sparse) {
        judging->unknowable = "an empty filter that may not be sent";
        return 1;
    }
    if (filter->type != BM_TYPE_OBJECT || judging->pattern.sparse || judging->is_id) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a filter where none can be");
    }
    switch (naive_filter_read(&judging->pool, filter, judging->judged->major, &judging->filter)) {
    case NAIVE_ADMITTED:
        break;
    case NAIVE_REFUSED:
        return refuse(judging, NAIVE_CANNOT_INDEX, "a filter the server does not take");
    case NAIVE_UNSUPPORTED:
        return refuse(judging, NAIVE_UNKNOWN, "a filter that is not understood");
    }
    return 1;
}

static int is_before_4_2(const struct judging *judging)
{
    return judging->judged->major < 4 ||
           (judging->judged->major == 4 && judging->judged->minor < 2);
}

/* Options whose names the server knows, and one that is for keys of one field. */
static int read_names(struct judging *judging)
{
    static const char *const known[] = {"key",
                                        "name",
                                        "v",
                                        "ns",
                                        "unique",
                                        "sparse",
                                        "_id",
                                        "background",
                                        "dropDups",
                                        "weights",
                                        "collation",
                                        "partialFilterExpression",
                                        "expireAfterSeconds"};
    for (const struct naive_node *option = judging->spec->first; option != NULL;
         option = option->next) {
        int is_known = 0;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            is_known |= strcmp(option->name, known[i]) == 0;
        }
        if (!is_known && is_before_4_2(judging)) {
            return refuse(judging, NAIVE_CANNOT_INDEX, "an option the server does not know");
        }
        if (strcmp(option->name, "expireAfterSeconds") == 0 && judging->pattern.count != 1) {
            if (!is_before_4_2(judging)) {
                return refuse(judging, NAIVE_CANNOT_INDEX, "a TTL over several fields");
            }
            judging->unknowable = "a TTL over several fields";
        }
    }
    return 1;
}

/* 0: the verdict stands without a look at the documents. */
static int read_spec(struct judging *judging)
{
    const struct naive_node *spec = judging->spec;
    const struct naive_node *key = naive_field(spec, "key");
    int unique = flag(spec, "unique"), sparse = flag(spec, "sparse");
    judging->is_id = key != NULL && key->type == BM_TYPE_OBJECT && is_id_pattern(key);
    if (unique < 0 || sparse < 0) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "an option that is neither bool nor number");
    }
    if (!unique && !judging->is_id) {
        return 0;
    }
    if (judging->options != NULL && naive_field(judging->options, "timeseries") != NULL) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a time series has no unique index");
    }
    if (unique && judging->judged->major >= 6 && flag(spec, "prepareUnique") == 1) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "unique and prepareUnique");
    }
    if (judging->is_id && sparse) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a sparse index on _id");
    }
    judging->pattern.sparse = sparse;
    const struct naive_node *version = naive_field(spec, "v");
    judging->pattern.without_decimals = judging->judged->origin == NAIVE_FROM_COMMAND &&
                                        version != NULL && version->number.count == 1 &&
                                        version->number.digits[0] == 1;
    if (!read_key(judging) || (!judging->is_id && !read_names(judging))) {
        return 0;
    }
    if (!read_collation(judging) || !read_filter(judging)) {
        return 0;
    }
    if (judging->unknowable != NULL) {
        return refuse(judging, NAIVE_UNKNOWN, judging->unknowable);
    }
    if (judging->pattern.without_decimals && judging->pattern.collator != NULL) {
        return refuse(judging, NAIVE_CANNOT_INDEX, "a collation in an index of version 1");
    }
    return 1;
}

/* Bytes of a value in an index, where sort keys stand for strings. */
static size_t size_of(const struct naive_node *node, struct UCollator *collator)
{
    if (collator != NULL && node->type == BM_TYPE_STRING) {
        return 4 + naive_sort_key_size(collator, node->bytes);
    }
    size_t size = node->encoded;
    if (node->type == BM_TYPE_OBJECT || node->type == BM_TYPE_ARRAY) {
        for (const struct naive_node *entry = node->first; entry != NULL; entry = entry->next) {
            size += size_of(entry, collator) - entry->encoded;
        }
    }
    return size;
}

static int key_is_long(const struct judging *judging, const struct naive_key *key)
{
    int major = judging->judged->major;
    size_t size = 5;
    for (size_t i = 0; i < judging->pattern.count; i++) {
        const struct naive_node *part = key->parts[i];
        size += 2 + size_of(part, judging->pattern.collator);
    }
    return (major < 4 || (major == 4 && judging->judged->minor < 2)) && size > KEY_SIZE_MAX;
}

/* A pattern of the single field _id takes the element as it is. */
static struct naive_keys keys_of_id(struct judging *judging, const struct naive_node *document)
{
    struct naive_keys keys = {NULL, NULL};
    const struct naive_node *id = naive_field(document, "_id");
    if (id == NULL) {
        return keys; /* the server makes one up that is nowhere else */
    }
    for (const struct naive_node *other = id->next; other != NULL; other = other->next) {
        if (strcmp(other->name, "_id") == 0) {
            keys.refused = "two of _id";
        }
    }
    if (id->type == BM_TYPE_ARRAY || id->type == BM_TYPE_REGEX || id->type == BM_TYPE_UNDEFINED) {
        keys.refused = "an _id of a type that is none";
    }
    keys.first = naive_take(&judging->pool, sizeof *keys.first);
    keys.first->parts[0] = id;
    if (!naive_key_is_taken(&judging->pattern, keys.first)) {
        keys.refused = "a type the index does not take";
    }
    return keys;
}

static struct naive_keys keys_of(struct judging *judging, const struct naive_node *document)
{
    struct naive_keys keys = {NULL, NULL};
    const struct naive_pattern *pattern = &judging->pattern;
    if (judging->filter != NULL &&
        !naive_filter_matches(&judging->pool, judging->filter, document, pattern->collator)) {
        return keys;
    }
    keys = pattern->count == 1 && strcmp(pattern->paths[0], "_id") == 0
               ? keys_of_id(judging, document)
               : naive_keys_of(&judging->pool, pattern, document);
    for (const struct naive_key *key = keys.first; key != NULL; key = key->next) {
        if (key_is_long(judging, key)) {
            keys.refused = "a key that is too long";
        }
    }
    return keys;
}

static void judge_documents(struct judging *judging)
{
    size_t count = judging->judged->count;
    struct naive_result *result = judging->result;
    struct naive_keys *keys = naive_take(&judging->pool, (count + 1) * sizeof *keys);
    result->bad = calloc(count + 1, sizeof *result->bad);
    result->key_counts = calloc(count + 1, sizeof *result->key_counts);
    result->conflicts = calloc(count * count + 1, sizeof *result->conflicts);
    if (result->bad == NULL || result->key_counts == NULL || result->conflicts == NULL) {
        abort();
    }
    for (size_t j = 0; j < count; j++) {
        const struct naive_node *document =
            naive_read(&judging->pool, judging->judged->documents[j]);
        if (document == NULL) {
            abort();
        }
        keys[j] = keys_of(judging, document);
        if (keys[j].refused != NULL) {
            keys[j].first = NULL;
            result->bad[result->bad_count++] = j;
        }
        for (const struct naive_key *key = keys[j].first; key != NULL; key = key->next) {
            result->key_counts[j]++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            if (naive_keys_meet(&judging->pattern, &keys[i], &keys[j])) {
                result->conflicts[result->conflict_count][0] = i;
                result->conflicts[result->conflict_count++][1] = j;
            }
        }
    }
    if (result->bad_count > 0) {
        result->verdict = NAIVE_CANNOT_INDEX;
    } else if (result->conflict_count > 0) {
        result->verdict = NAIVE_DUPLICATE;
    }
}

void naive_judge(const struct naive_case *judged, struct naive_result *result)
{
    struct judging judging = {.judged = judged, .result = result};
    *result = (struct naive_result){.verdict = NAIVE_OK};
    judging.spec = naive_read(&judging.pool, judged->spec);
    if (judged->options.len > 0) {
        judging.options = naive_read(&judging.pool, judged->options);
    }
    if (judging.spec == NULL) {
        abort();
    }
    if (read_spec(&judging)) {
        judge_documents(&judging);
    }
    naive_collator_close(judging.pattern.collator);
    naive_pool_free(&judging.pool);
}

void naive_result_free(struct naive_result *result)
{
    free(result->conflicts);
    free(result->key_counts);
    free(result->bad);
    *result = (struct naive_result){.verdict = NAIVE_OK};
}
