/* SPDX-License-Identifier: Apache-2.0 */
#include "key/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "key/kind.h"
#include "key/options.h"
#include "key/pattern.h"

void bm_index_free(struct bm_index *index)
{
    if (index == NULL) {
        return;
    }
    for (size_t i = 0; i < index->field_count; i++) {
        bm_field_free(&index->fields[i]);
    }
    free(index->fields);
    bm_filter_free(index->filter);
    bm_collation_free(index->collation);
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

int bm_index_is_refused(const struct bm_index *index)
{
    return index->standing == BM_STANDING_REFUSED;
}

int bm_index_is_doubtful(const struct bm_index *index)
{
    return index->standing == BM_STANDING_DOUBTFUL;
}

int bm_index_has_collation(const struct bm_index *index)
{
    return index->collation != NULL;
}

int bm_index_same_collation(const struct bm_index *a, const struct bm_index *b)
{
    return (a->collation == NULL && b->collation == NULL) ||
           (a->collation != NULL && b->collation != NULL &&
            bm_view_equal(a->collation_document, b->collation_document));
}

int bm_index_holds_all(const struct bm_index *index)
{
    return !index->sparse && index->filter == NULL;
}

int bm_index_is_whole(const struct bm_index *index)
{
    return bm_index_holds_all(index) && index->collation == NULL;
}

static enum bm_status add_field(struct bm_index *index, struct bm_view path, struct bm_error *err)
{
    if (bm_grow(&index->fields, index->field_count, &index->field_capacity, sizeof *index->fields,
                err) != BM_OK) {
        return BM_FAIL;
    }
    index->fields[index->field_count] = (struct bm_field){0};
    return bm_field_make(&index->fields[index->field_count++], path, err);
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
    int is_open = (index->kind == BM_INDEX_WILDCARD || index->kind == BM_INDEX_TEXT) &&
                  element->name.len >= 3 &&
                  memcmp(element->name.data + element->name.len - 3, "$**", 3) == 0;
    *problem = is_open ? NULL : bm_pattern_path_problem(element->name);
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

static struct bm_index *new_index(const char *name, enum bm_index_kind kind,
                                  struct bm_server server, struct bm_error *err)
{
    struct bm_index *index = bm_allocate(1, sizeof *index, err);
    if (index == NULL) {
        return NULL;
    }
    index->kind = kind;
    index->server = server;
    index->limits_keys = bm_server_before(server, 4, 2);
    index->bans_dollars = bm_server_before(server, 5, 0);
    index->own_pattern = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    index->name = bm_copy_text(name != NULL ? name : "", err);
    if (index->name == NULL) {
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

/* Why an index is not judged, and what that means for a restore. */
static enum bm_status give_reason(struct bm_index *index, enum bm_standing standing,
                                  const char *words, struct bm_error *err)
{
    static const char *const before[] = {
        [BM_STANDING_SOUND] = "",
        [BM_STANDING_DOUBTFUL] = "the server may refuse it: ",
        [BM_STANDING_REFUSED] = "the server refuses it: ",
    };
    free(index->reason);
    index->standing = standing;
    index->reason = bm_format_text(err, "%s%s", before[standing], words);
    return index->reason != NULL ? BM_END : BM_FAIL;
}

/* The values of the options that are no part of a key. */
static enum bm_status read_collation(struct bm_index *index, const struct bm_index_spec *spec,
                                     struct bm_error *err)
{
    char *problem = NULL;
    if (spec->collation.len == 0) {
        return BM_OK;
    }
    if (bm_server_before(index->server, 3, 4)) {
        return give_reason(index, BM_STANDING_SOUND,
                           "a collation, which servers before 3.4 do not know", err);
    }
    enum bm_status status = bm_collation_new(spec->collation, &index->collation, &problem, err);
    index->collation_document = spec->collation;
    if (status == BM_END) {
        enum bm_standing standing =
            bm_collation_is_doubtful(spec->collation) ? BM_STANDING_DOUBTFUL : BM_STANDING_REFUSED;
        status = give_reason(index, standing, problem, err);
    }
    free(problem);
    return status;
}

static enum bm_status read_filter(struct bm_index *index, const struct bm_index_spec *spec,
                                  struct bm_error *err)
{
    const struct bm_filter_options options = {index->server, index->collation, BM_FILTER_OF_INDEX};
    struct bm_filter_refusal refusal = {NULL, 0};
    if (spec->partial.len == 0) {
        return BM_OK;
    }
    enum bm_status status = bm_filter_new(spec->partial, &options, &index->filter, &refusal, err);
    if (status == BM_END) {
        status = give_reason(index, refusal.is_servers ? BM_STANDING_REFUSED : BM_STANDING_SOUND,
                             refusal.words, err);
    }
    free(refusal.words);
    return status;
}

/* What is sent with the create command is looked at as a whole. */
static enum bm_status compile_id(struct bm_index *index, const struct bm_index_spec *spec,
                                 const struct bm_index_home *home, struct bm_error *err)
{
    char *words = NULL;
    int is_servers;
    enum bm_status status = read_collation(index, spec, err);
    if (status == BM_FAIL || (status == BM_END && bm_index_is_refused(index))) {
        return status;
    }
    enum bm_status entry =
        bm_id_entry_problem(spec, home, index->collation, &words, &is_servers, err);
    if (entry == BM_END) {
        entry =
            give_reason(index, is_servers ? BM_STANDING_REFUSED : BM_STANDING_DOUBTFUL, words, err);
    }
    free(words);
    return entry == BM_OK ? status : entry;
}

/* `pattern`: what read_pattern found. A refusal comes before what is not judged here. */
static struct bm_objection find_objection(const struct bm_index_spec *spec,
                                          const struct bm_index_home *home, const char *pattern)
{
    struct bm_objection doubt = bm_options_objection(spec, home);
    struct bm_objection found = doubt;
    if (!found.is_servers) {
        found = bm_kind_objection(spec, home);
        doubt = doubt.words == NULL ? found : doubt;
    }
    if (!found.is_servers) {
        found = bm_refused(pattern);
    }
    if (!found.is_servers) {
        found = bm_options_together(spec, home);
        doubt = doubt.words == NULL ? found : doubt;
    }
    return found.is_servers ? found : doubt;
}

/* What the server would say goes before what is not known, and that before kinds that are not
 * judged. BM_END: there is a reason. */
static enum bm_status compile_secondary(struct bm_index *index, const struct bm_index_spec *spec,
                                        const struct bm_index_home *home, const char *pattern,
                                        struct bm_error *err)
{
    const char *words = NULL;
    struct bm_objection objection = find_objection(spec, home, pattern);
    if (objection.is_servers) {
        return give_reason(index, BM_STANDING_REFUSED, objection.words, err);
    }
    enum bm_status status = read_collation(index, spec, err);
    if (status == BM_OK) {
        status = read_filter(index, spec, err);
    }
    if (status == BM_FAIL || (status == BM_END && bm_index_is_refused(index))) {
        return status;
    }
    enum bm_status twin = bm_twin_problem(spec, home, &words, err);
    if (twin != BM_OK) {
        return twin == BM_END ? give_reason(index, BM_STANDING_REFUSED, words, err) : BM_FAIL;
    }
    if (status == BM_END) {
        return BM_END;
    }
    if (objection.words != NULL) {
        return give_reason(index, BM_STANDING_DOUBTFUL, objection.words, err);
    }
    words = bm_kind_unjudged(spec);
    return words != NULL ? give_reason(index, BM_STANDING_SOUND, words, err) : BM_OK;
}

static enum bm_status compile(struct bm_index *index, const struct bm_index_spec *spec,
                              const struct bm_index_home *home, struct bm_error *err)
{
    const char *problem = NULL;
    if (spec->problem != NULL) {
        index->standing = BM_STANDING_REFUSED; /* or already by mongorestore */
        index->reason = bm_format_text(err, "it cannot be understood: %s", spec->problem);
        return index->reason != NULL ? BM_END : BM_FAIL;
    }
    if (read_pattern(index, &problem, err) == BM_FAIL) {
        return BM_FAIL;
    }
    settle_rule(index);
    return spec->kind == BM_INDEX_ID ? compile_id(index, spec, home, err)
                                     : compile_secondary(index, spec, home, problem, err);
}

struct bm_index *bm_index_new(const struct bm_index_spec *spec, const struct bm_index_home *home,
                              struct bm_error *err)
{
    struct bm_index *index = new_index(spec->name, spec->kind, home->server, err);
    if (index == NULL) {
        return NULL;
    }
    index->spec = spec->spec;
    index->pattern = spec->key;
    index->sparse = spec->sparse;
    index->clustered = spec->clustered;
    if (compile(index, spec, home, err) == BM_FAIL) {
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

static enum bm_status add_requested(struct bm_index *index, const struct bm_index_request *request,
                                    struct bm_error *err)
{
    for (size_t i = 0; i < request->count; i++) {
        struct bm_view path = bm_view_text(request->fields[i]);
        const char *problem = bm_pattern_path_problem(path);
        if (problem == NULL && has_field(index, path)) {
            problem = "a field twice in the key";
        }
        if (problem != NULL) {
            return bm_fail(err, BM_ERROR_USAGE, 0, "\"%s\": %s", request->fields[i], problem);
        }
        if (add_field(index, path, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return make_pattern(index, err);
}

/* A collation that compiled once compiles again. */
static enum bm_status collate_as(struct bm_index *index, const struct bm_index *other,
                                 struct bm_error *err)
{
    char *problem = NULL;
    if (other == NULL || other->collation == NULL) {
        return BM_OK;
    }
    index->collation_document = other->collation_document;
    enum bm_status status =
        bm_collation_new(index->collation_document, &index->collation, &problem, err);
    if (status == BM_END) {
        status = bm_fail(err, BM_ERROR_USAGE, 0, "%s", problem);
    }
    free(problem);
    return status;
}

struct bm_index *bm_index_requested(const struct bm_index_request *request, struct bm_error *err)
{
    if (request->count == 0 || request->count > BM_FIELDS_MOST) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "an index of %zu fields: it takes 1 to 32",
                      request->count);
        return NULL;
    }
    struct bm_index *index = new_index(request->name, BM_INDEX_BTREE, request->server, err);
    if (index == NULL) {
        return NULL;
    }
    if (add_requested(index, request, err) != BM_OK ||
        collate_as(index, request->collated_as, err) != BM_OK) {
        bm_index_free(index);
        return NULL;
    }
    settle_rule(index);
    return index;
}

struct bm_index *bm_index_of_fields(const char *name, const char *const *fields, size_t count,
                                    struct bm_error *err)
{
    const struct bm_index_request request = {
        .name = name, .fields = fields, .count = count, .server = bm_server_parse(NULL)};
    return bm_index_requested(&request, err);
}
