/* SPDX-License-Identifier: Apache-2.0 */
#include "key/options.h"

#include <stdlib.h>

#include "base/buffer.h"

#define FILTER_MOST ((size_t)64 << 20)

/* Equal documents to the server: fields in order, numbers by value. Both absent is equal as well.
 */
static enum bm_status same_documents(struct bm_view a, struct bm_view b, int *same,
                                     struct bm_error *err)
{
    struct bm_buffer one = BM_BUFFER_INIT(FILTER_MOST);
    struct bm_buffer other = BM_BUFFER_INIT(FILTER_MOST);
    enum bm_status status = BM_OK;
    *same = a.len == 0 && b.len == 0;
    if (a.len > 0 && b.len > 0) {
        status = bm_key_canonical(BM_TYPE_OBJECT, a, &one, err);
        if (status == BM_OK) {
            status = bm_key_canonical(BM_TYPE_OBJECT, b, &other, err);
        }
        *same = status == BM_OK && bm_view_equal(bm_buffer_view(&one), bm_buffer_view(&other));
    }
    if (status == BM_FAIL && err->code != BM_ERROR_MEMORY) {
        *err = BM_ERROR_INIT; /* one of them is damaged or too deep: the server has words for it */
        status = BM_OK;
    }
    bm_buffer_free(&one);
    bm_buffer_free(&other);
    return status;
}

/* A collation of a document that may be none. BM_END: the server has its own words for it. */
static enum bm_status open_collation(struct bm_view document, struct bm_collation **out,
                                     struct bm_error *err)
{
    char *problem = NULL;
    *out = NULL;
    if (document.len == 0) {
        return BM_OK;
    }
    enum bm_status status = bm_collation_new(document, out, &problem, err);
    free(problem);
    return status;
}

static enum bm_status same_collations(struct bm_view a, struct bm_view b, int *same,
                                      struct bm_error *err)
{
    struct bm_collation *one = NULL;
    struct bm_collation *other = NULL;
    *same = 0;
    enum bm_status status = open_collation(a, &one, err);
    if (status == BM_OK) {
        status = open_collation(b, &other, err);
    }
    if (status == BM_OK) {
        *same = bm_collation_same(one, other);
    }
    bm_collation_free(one);
    bm_collation_free(other);
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

static struct bm_view projection_of(const struct bm_index_spec *spec)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element found;
    int is_there = spec->spec.len > 0 &&
                   bm_document_find(spec->spec, bm_view_text("wildcardProjection"), &found,
                                    &damage) == BM_OK &&
                   found.type == BM_TYPE_OBJECT;
    return is_there ? found.value : (struct bm_view){NULL, 0};
}

/* Two of them cannot stand beside one another. What tells indexes over one key apart is the
 * collation from 3.4 on, and from 5.0 on more. */
static enum bm_status is_in_the_way(const struct bm_index_spec *spec,
                                    const struct bm_index_spec *twin, struct bm_server server,
                                    int *is, struct bm_error *err)
{
    *is = 1;
    if (bm_server_before(server, 3, 4) ||
        (spec->kind == BM_INDEX_TEXT && twin->kind == BM_INDEX_TEXT)) {
        return BM_OK;
    }
    if (same_collations(spec->collation, twin->collation, is, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_server_before(server, 5, 0) || !*is) {
        return BM_OK;
    }
    if (spec->unique != twin->unique || spec->sparse != twin->sparse) {
        *is = 0;
        return BM_OK;
    }
    enum bm_status status = same_documents(spec->partial, twin->partial, is, err);
    return status == BM_OK && *is
               ? same_documents(projection_of(spec), projection_of(twin), is, err)
               : status;
}

enum bm_status bm_twin_problem(const struct bm_index_spec *spec, const struct bm_index_home *home,
                               const char **words, struct bm_error *err)
{
    for (const struct bm_index_spec *twin = spec->twin; twin != NULL; twin = twin->twin) {
        int is;
        if (is_in_the_way(spec, twin, home->server, &is, err) != BM_OK) {
            return BM_FAIL;
        }
        if (is) {
            *words = spec->kind == BM_INDEX_TEXT
                         ? "only one text index per collection allowed"
                         : "an equivalent index of the collection has another name";
            return BM_END;
        }
    }
    return BM_OK;
}
