/* SPDX-License-Identifier: Apache-2.0 */
#include "key/wildcard.h"

#include <string.h>

#include "doc/number.h"

/* A key has up to 32 fields. A projection may have any number, but all its pairs are compared. */
enum { PATHS_MAX = 128 };

struct paths {
    struct bm_view items[PATHS_MAX];
    size_t count;
    int is_cut; /* there were more */
};

/* What the key and the projection of one index name. */
struct wildcard {
    struct bm_view above; /* the path whose fields the wildcard takes; len 0: all of the document */
    struct paths others;  /* the fields of the key beside it */
    struct paths included;
    struct paths excluded;
};

static void add_path(struct paths *paths, struct bm_view path)
{
    if (paths->count == PATHS_MAX) {
        paths->is_cut = 1;
        return;
    }
    paths->items[paths->count++] = path;
}

static void add_key_field(struct wildcard *wildcard, const struct bm_element *field)
{
    static const size_t mark = sizeof "$**" - 1;
    struct bm_view name = field->name;
    if (name.len < mark || memcmp(name.data + name.len - mark, "$**", mark) != 0) {
        add_path(&wildcard->others, name);
    } else if (name.len > mark) {
        wildcard->above = (struct bm_view){name.data, name.len - mark - 1};
    }
}

static void add_projected(struct wildcard *wildcard, const struct bm_element *field)
{
    add_path(bm_element_truth(field) ? &wildcard->included : &wildcard->excluded, field->name);
}

static void walk(struct bm_view document,
                 void (*add)(struct wildcard *wildcard, const struct bm_element *field),
                 struct wildcard *wildcard)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element field;
    enum bm_status next = bm_elements_open(&elements, document, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &field, &damage)) == BM_OK) {
        add(wildcard, &field);
    }
}

/* Whether what is at `path` is in what is at `outer`. */
static int contains(struct bm_view outer, struct bm_view path)
{
    return path.len >= outer.len && memcmp(path.data, outer.data, outer.len) == 0 &&
           (path.len == outer.len || path.data[outer.len] == '.');
}

static size_t count_containing(const struct paths *outer, struct bm_view path)
{
    size_t count = 0;
    for (size_t i = 0; i < outer->count; i++) {
        count += (size_t)contains(outer->items[i], path);
    }
    return count;
}

/* Every path contains itself. */
static int overlaps_itself(const struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (count_containing(paths, paths->items[i]) > 1) {
            return 1;
        }
    }
    return 0;
}

static int is_id_alone(const struct paths *paths)
{
    return paths->count == 1 && bm_view_equal(paths->items[0], bm_view_text("_id"));
}

static const char *problem_of(const struct wildcard *wildcard)
{
    const struct paths *included = &wildcard->included;
    const struct paths *excluded = &wildcard->excluded;
    if (overlaps_itself(included) || overlaps_itself(excluded)) {
        return "fields of its wildcardProjection overlap";
    }
    for (size_t i = 0; i < wildcard->others.count; i++) {
        struct bm_view other = wildcard->others.items[i];
        if (wildcard->above.len > 0 && contains(wildcard->above, other)) {
            return "a field of the key is one that the wildcard takes in";
        }
        if (count_containing(included, other) > 0) {
            return "its wildcardProjection includes a field of the key";
        }
        if (excluded->count > 0 && count_containing(excluded, other) == 0) {
            return "its wildcardProjection does not exclude every field of the key";
        }
    }
    if (included->count > 0 && excluded->count > 0 && !is_id_alone(included) &&
        !is_id_alone(excluded)) {
        return "its wildcardProjection both includes and excludes fields other than _id";
    }
    return NULL;
}

struct bm_objection bm_wildcard_objection(const struct bm_index_spec *spec)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element projection;
    struct wildcard wildcard = {0};
    walk(spec->key, add_key_field, &wildcard);
    if (spec->spec.len > 0 && bm_document_find(spec->spec, bm_view_text("wildcardProjection"),
                                               &projection, &damage) == BM_OK) {
        walk(projection.value, add_projected, &wildcard);
    }
    const char *problem = problem_of(&wildcard);
    if (problem == NULL && (wildcard.included.is_cut || wildcard.excluded.is_cut)) {
        return (struct bm_objection){
            "its wildcardProjection has more fields than are compared with one another", 0};
    }
    return bm_refused(problem);
}
