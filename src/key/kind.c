/* SPDX-License-Identifier: Apache-2.0 */
#include "key/kind.h"

#include <string.h>

#include "doc/number.h"
#include "key/wildcard.h"

/* What of a key decides whether a server knows such indexes. */
struct shape {
    size_t fields;
    size_t wildcards;
    struct bm_view plugin; /* the first value that is a text, len 0: none */
    size_t plugin_at;      /* the number of its field */
    size_t plugins;        /* fields of that value */
    int is_mixed;          /* there is a text of another value as well */
    int falls;             /* a number below 0 is among the values */
    int is_whole;          /* a field is $**: the whole document */
    int is_reserved;       /* a field has a name that text indexes have to themselves */
};

static int is_wildcard(struct bm_view path)
{
    return path.len >= 3 && memcmp(path.data + path.len - 3, "$**", 3) == 0 &&
           (path.len == 3 || path.data[path.len - 4] == '.');
}

static void add_field(struct shape *shape, const struct bm_element *field)
{
    double number;
    if (field->type == BM_TYPE_STRING) {
        struct bm_view name = {field->value.data + 4, field->value.len - 5};
        if (shape->plugins == 0) {
            shape->plugin = name;
            shape->plugin_at = shape->fields;
        }
        if (bm_view_equal(name, shape->plugin)) {
            shape->plugins++;
        } else {
            shape->is_mixed = 1;
        }
    } else if (is_wildcard(field->name)) {
        shape->wildcards++;
        shape->is_whole |= field->name.len == 3;
    }
    shape->is_reserved |= bm_view_equal(field->name, bm_view_text("_fts")) &&
                          !bm_view_equal(shape->plugin, bm_view_text("text"));
    shape->falls |= bm_number_of(field, &number) && number < 0;
    shape->fields++;
}

static struct shape shape_of(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct shape shape = {0};
    struct bm_elements elements;
    struct bm_element field;
    enum bm_status next = bm_elements_open(&elements, key, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &field, &damage)) == BM_OK) {
        add_field(&shape, &field);
    }
    return shape;
}

static const char *hashed_problem(const struct bm_index_spec *spec, const struct shape *shape,
                                  struct bm_server server)
{
    if (spec->unique) {
        return "a hashed index cannot be unique";
    }
    if (shape->fields > 1 && bm_server_before(server, 4, 4)) {
        return "a hashed index over several fields, which servers before 4.4 do not build";
    }
    return shape->plugins > 1 ? "more than one field of the key is hashed" : NULL;
}

static const char *wildcard_problem(const struct bm_index_spec *spec, const struct shape *shape,
                                    struct bm_server server)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element projection;
    if (bm_server_before(server, 4, 2)) {
        return "a wildcard index, which servers before 4.2 do not know";
    }
    if (spec->unique) {
        return "a wildcard index cannot be unique";
    }
    if (spec->sparse) {
        return "a wildcard index cannot be sparse";
    }
    if (shape->wildcards > 1) {
        return "more than one field of the key is a wildcard";
    }
    if (bm_server_before(server, 7, 0) && (shape->fields > 1 || shape->falls)) {
        return shape->fields > 1
                   ? "a wildcard index over several fields, which servers before 7.0 do not build"
                   : "a wildcard index that falls, which servers before 7.0 do not build";
    }
    if (shape->fields > 1 && shape->is_whole && spec->spec.len > 0 &&
        bm_document_find(spec->spec, bm_view_text("wildcardProjection"), &projection, &damage) !=
            BM_OK) {
        return "a wildcard index over all fields and others needs a wildcardProjection";
    }
    return NULL;
}

static const char *flat_problem(const struct shape *shape)
{
    if (shape->plugins > 1) {
        return "can't have 2 geo fields";
    }
    return shape->plugin_at > 0 ? "2d has to be first in index" : NULL;
}

/* Names of what makes the keys, other than those that have a kind of their own. */
static const char *plugin_problem(const struct shape *shape, struct bm_server server)
{
    if (bm_view_equal(shape->plugin, bm_view_text("2dsphere_bucket")) ||
        (bm_view_equal(shape->plugin, bm_view_text("geoHaystack")) &&
         bm_server_before(server, 5, 0))) {
        return NULL;
    }
    return "an index of a kind that it does not know, or does not build any more";
}

static int takes_collation(enum bm_index_kind kind)
{
    return kind != BM_INDEX_TEXT && kind != BM_INDEX_2D && kind != BM_INDEX_OTHER;
}

struct bm_objection bm_kind_objection(const struct bm_index_spec *spec,
                                      const struct bm_index_home *home)
{
    const char *problem = NULL;
    struct shape shape = shape_of(spec->key);
    if (shape.is_mixed || (shape.plugins > 0 && shape.wildcards > 0)) {
        return bm_refused("more than one kind of index in one key");
    }
    switch (spec->kind) {
    case BM_INDEX_BTREE:
    case BM_INDEX_ID:
    case BM_INDEX_TEXT:
    case BM_INDEX_2DSPHERE:
        break;
    case BM_INDEX_HASHED:
        problem = hashed_problem(spec, &shape, home->server);
        break;
    case BM_INDEX_WILDCARD:
        problem = wildcard_problem(spec, &shape, home->server);
        break;
    case BM_INDEX_2D:
        problem = flat_problem(&shape);
        break;
    case BM_INDEX_OTHER:
        problem = plugin_problem(&shape, home->server);
        break;
    }
    if (problem == NULL && spec->collation.len > 0 && !takes_collation(spec->kind)) {
        problem = "an index of this kind has no collation";
    }
    if (problem == NULL && shape.is_reserved) {
        return (struct bm_objection){"Index key contains an illegal field name: '_fts'",
                                     !bm_server_before(home->server, 4, 2)};
    }
    /* Servers before 7.0 have refused it by now. */
    if (problem == NULL && spec->kind == BM_INDEX_WILDCARD && shape.fields > 1) {
        return bm_wildcard_objection(spec);
    }
    return bm_refused(problem);
}

const char *bm_kind_unjudged(const struct bm_index_spec *spec)
{
    if (!spec->unique && spec->kind != BM_INDEX_BTREE) {
        return "not unique";
    }
    switch (spec->kind) {
    case BM_INDEX_BTREE:
    case BM_INDEX_ID:
        return NULL;
    case BM_INDEX_TEXT:
        return "a text index: its keys are words, which this version does not make";
    case BM_INDEX_2D:
    case BM_INDEX_2DSPHERE:
    case BM_INDEX_OTHER: /* 2dsphere_bucket, geoHaystack: the server refuses all others */
        return "a geographic index: its keys are cells, which this version does not make";
    case BM_INDEX_HASHED:
    case BM_INDEX_WILDCARD:
        break;
    }
    return "an index that cannot be unique";
}
