/* SPDX-License-Identifier: Apache-2.0 */
#include "key/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "key/pattern.h"

void bm_index_free(struct bm_index *index)
{
    if (index == NULL) {
        return;
    }
    for (size_t i = 0; i < index->field_count; i++) {
        free(index->fields[i].path);
        free(index->fields[i].components);
    }
    free(index->fields);
    free(index->name);
    free(index->reason);
    bm_buffer_free(&index->own_pattern);
    free(index);
}

const char *bm_index_name(const struct bm_index *index)
{
    return index->name;
}

struct bm_view bm_index_pattern(const struct bm_index *index)
{
    return index->pattern;
}

const char *bm_index_reason(const struct bm_index *index)
{
    return index->reason;
}

size_t bm_index_field_count(const struct bm_index *index)
{
    return index->field_count;
}

const char *bm_index_field(const struct bm_index *index, size_t number)
{
    return index->fields[number].path;
}

int bm_index_is_id(const struct bm_index *index)
{
    return index->kind == BM_INDEX_ID;
}

static enum bm_status split(struct bm_field *field, size_t len, struct bm_error *err)
{
    field->count = 1;
    for (size_t i = 0; i < len; i++) {
        field->count += field->path[i] == '.';
    }
    field->components = bm_allocate(field->count, sizeof *field->components, err);
    if (field->components == NULL) {
        return BM_FAIL;
    }
    size_t start = 0;
    size_t number = 0;
    for (size_t at = 0; at <= len; at++) {
        if (at == len || field->path[at] == '.') {
            field->components[number++] =
                (struct bm_view){(const uint8_t *)field->path + start, at - start};
            start = at + 1;
        }
    }
    return BM_OK;
}

static enum bm_status add_field(struct bm_index *index, struct bm_view path, struct bm_error *err)
{
    struct bm_field *field = &index->fields[index->field_count];
    field->path = bm_copy_view(path, err);
    if (field->path == NULL) {
        return BM_FAIL;
    }
    index->field_count++;
    return split(field, path.len, err);
}

static int has_field(const struct bm_index *index, struct bm_view path)
{
    for (size_t i = 0; i < index->field_count; i++) {
        if (bm_view_equal(bm_view_text(index->fields[i].path), path)) {
            return 1;
        }
    }
    return 0;
}

/* BM_END: the server would refuse the pattern, *problem says why. */
static enum bm_status read_field(struct bm_index *index, const struct bm_element *element,
                                 const char **problem, struct bm_error *err)
{
    *problem = bm_pattern_path_problem(element->name);
    if (*problem == NULL && index->kind == BM_INDEX_BTREE) {
        *problem = bm_pattern_value_problem(element);
    }
    if (*problem == NULL && has_field(index, element->name)) {
        *problem = "a field twice in the key";
    }
    if (*problem == NULL && index->field_count == BM_FIELDS_MOST) {
        *problem = "more than 32 fields in the key";
    }
    return *problem != NULL ? BM_END : add_field(index, element->name, err);
}

static enum bm_status read_pattern(struct bm_index *index, const char **problem,
                                   struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    if (bm_elements_open(&elements, index->pattern, &damage) != BM_OK) {
        *problem = "a key that is no document";
        return BM_END;
    }
    enum bm_status status;
    while ((status = bm_elements_next(&elements, &element, &damage)) == BM_OK) {
        status = read_field(index, &element, problem, err);
        if (status != BM_OK) {
            return status;
        }
    }
    if (status == BM_FAIL) {
        *problem = "a key that is no document";
    } else if (index->field_count == 0) {
        *problem = "a key without fields";
    } else if (index->pattern.len > BM_PATTERN_BYTES_MOST) {
        *problem = "a key of more than 2048 bytes";
    }
    return *problem != NULL ? BM_END : BM_OK;
}

/* NULL, or why an index of this kind has no verdict. */
static const char *reason_of_kind(enum bm_index_kind kind)
{
    switch (kind) {
    case BM_INDEX_BTREE:
    case BM_INDEX_ID:
        return NULL;
    case BM_INDEX_HASHED:
        return "the server refuses it: a hashed index cannot be unique";
    case BM_INDEX_WILDCARD:
        return "the server refuses it: a wildcard index cannot be unique";
    case BM_INDEX_TEXT:
        return "a text index: its keys are words, which this version does not make";
    case BM_INDEX_2D:
    case BM_INDEX_2DSPHERE:
        return "a geographic index: its keys are cells, which this version does not make";
    case BM_INDEX_OTHER:
        break;
    }
    return "an index of a kind that this version does not know";
}

/* NULL, or what in the specification this version does not follow. */
static const char *reason_of_options(const struct bm_index_spec *spec)
{
    if (spec->sparse && spec->partial.len > 0) {
        return "the server refuses it: sparse together with a partial filter";
    }
    if (spec->collation.len > 0) {
        return "a collation: which strings are equal under it is not judged by this version";
    }
    if (spec->partial.len > 0) {
        return "a partial filter: which documents it holds is not judged by this version";
    }
    if (spec->sparse) {
        return "a sparse index: which documents it holds is not judged by this version";
    }
    return NULL;
}

static struct bm_index *new_index(const char *name, enum bm_index_kind kind, struct bm_error *err)
{
    struct bm_index *index = bm_allocate(1, sizeof *index, err);
    if (index == NULL) {
        return NULL;
    }
    index->kind = kind;
    index->own_pattern = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    index->name = bm_copy_text(name != NULL ? name : "", err);
    index->fields = bm_allocate(BM_FIELDS_MOST, sizeof *index->fields, err);
    if (index->name == NULL || index->fields == NULL) {
        bm_index_free(index);
        return NULL;
    }
    return index;
}

static void settle_rule(struct bm_index *index)
{
    int whole = index->field_count == 1 && strcmp(index->fields[0].path, "_id") == 0;
    index->rule = whole ? BM_RULE_WHOLE : BM_RULE_BTREE;
}

static enum bm_status compile(struct bm_index *index, const struct bm_index_spec *spec,
                              struct bm_error *err)
{
    if (spec->problem != NULL) {
        index->reason = bm_format_text(err, "it cannot be understood: %s", spec->problem);
        return index->reason != NULL ? BM_OK : BM_FAIL;
    }
    const char *reason = reason_of_kind(spec->kind);
    const char *problem = NULL;
    enum bm_status status = read_pattern(index, &problem, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    settle_rule(index);
    if (reason == NULL && status == BM_END) {
        index->reason = bm_format_text(err, "the server refuses it: %s", problem);
        return index->reason != NULL ? BM_OK : BM_FAIL;
    }
    reason = reason != NULL ? reason : reason_of_options(spec);
    if (reason != NULL) {
        index->reason = bm_copy_text(reason, err);
        return index->reason != NULL ? BM_OK : BM_FAIL;
    }
    return BM_OK;
}

struct bm_index *bm_index_new(const struct bm_index_spec *spec, struct bm_error *err)
{
    struct bm_index *index = new_index(spec->name, spec->kind, err);
    if (index == NULL) {
        return NULL;
    }
    index->pattern = spec->key;
    if (compile(index, spec, err) != BM_OK) {
        bm_index_free(index);
        return NULL;
    }
    return index;
}

static enum bm_status make_pattern(struct bm_index *index, struct bm_error *err)
{
    static const uint8_t open[4] = {0};
    static const uint8_t one[4] = {1, 0, 0, 0};
    struct bm_buffer *out = &index->own_pattern;
    if (bm_buffer_append(out, (struct bm_view){open, sizeof open}, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < index->field_count; i++) {
        struct bm_view path = bm_view_text(index->fields[i].path);
        if (bm_buffer_append_byte(out, BM_TYPE_INT32, err) != BM_OK ||
            bm_buffer_append(out, path, err) != BM_OK ||
            bm_buffer_append_byte(out, 0, err) != BM_OK ||
            bm_buffer_append(out, (struct bm_view){one, sizeof one}, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_buffer_append_byte(out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    if (out->len > BM_PATTERN_BYTES_MOST) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a key of more than 2048 bytes");
    }
    bm_put_le32(out->data, (uint32_t)out->len);
    index->pattern = bm_buffer_view(out);
    return BM_OK;
}

struct bm_index *bm_index_of_fields(const char *name, const char *const *fields, size_t count,
                                    struct bm_error *err)
{
    if (count == 0 || count > BM_FIELDS_MOST) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "an index of %zu fields: it takes 1 to 32", count);
        return NULL;
    }
    struct bm_index *index = new_index(name, BM_INDEX_BTREE, err);
    if (index == NULL) {
        return NULL;
    }
    enum bm_status status = BM_OK;
    for (size_t i = 0; status == BM_OK && i < count; i++) {
        struct bm_view path = bm_view_text(fields[i]);
        const char *problem = bm_pattern_path_problem(path);
        if (problem == NULL && has_field(index, path)) {
            problem = "a field twice in the key";
        }
        status = problem == NULL
                     ? add_field(index, path, err)
                     : bm_fail(err, BM_ERROR_USAGE, 0, "\"%s\": %s", fields[i], problem);
    }
    if (status != BM_OK || make_pattern(index, err) != BM_OK) {
        bm_index_free(index);
        return NULL;
    }
    settle_rule(index);
    return index;
}
