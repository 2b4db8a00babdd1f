/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "catalog/metadata.h"
#include "doc/number.h"
#include "key/options.h"

/* The name of a field that no _id index has, data NULL: none. */
static struct bm_view strange_field(struct bm_view entry)
{
    static const char *const fields[] = {"v", "key", "ns", "name", "collation", "_id"};
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element field;
    enum bm_status next = bm_elements_open(&elements, entry, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &field, &damage)) == BM_OK) {
        size_t i = 0;
        while (i < sizeof fields / sizeof *fields &&
               !bm_view_equal(field.name, bm_view_text(fields[i]))) {
            i++;
        }
        if (i == sizeof fields / sizeof *fields) {
            return field.name;
        }
    }
    return (struct bm_view){NULL, 0};
}

static int is_id_key(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element field;
    double number;
    return key.len > 0 && bm_elements_open(&elements, key, &damage) == BM_OK &&
           bm_elements_next(&elements, &field, &damage) == BM_OK &&
           bm_view_equal(field.name, bm_view_text("_id")) && bm_number_of(&field, &number) &&
           number >= 1 && number <= 1 && bm_elements_next(&elements, &field, &damage) == BM_END;
}

/* *words stays NULL where the entry's collation, or that it has none, is all right. */
static enum bm_status read_own_collation(const struct bm_index_spec *spec,
                                         const struct bm_collation *collation, char **words,
                                         int *is_servers, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element found;
    struct bm_view document = {NULL, 0};
    struct bm_collation *own = NULL;
    if (bm_document_find(spec->spec, bm_view_text("collation"), &found, &damage) != BM_OK) {
        return BM_OK; /* the server gives it that of the collection */
    }
    if (found.type != BM_TYPE_OBJECT ||
        bm_metadata_collation(found.value, &document, &damage) != BM_OK) {
        *words = bm_copy_text("its collation is no object", err);
        return *words != NULL ? BM_OK : BM_FAIL;
    }
    enum bm_status status = document.len > 0 ? bm_collation_new(document, &own, words, err) : BM_OK;
    *is_servers = status != BM_END || !bm_collation_is_doubtful(document);
    if (status == BM_OK && !bm_collation_same(own, collation)) {
        *words = bm_copy_text("'idIndex' must have the same collation as the collection", err);
        status = *words != NULL ? BM_OK : BM_FAIL;
    }
    bm_collation_free(own);
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

enum bm_status bm_id_entry_problem(const struct bm_index_spec *spec,
                                   const struct bm_index_home *home,
                                   const struct bm_collation *collation, char **words,
                                   int *is_servers, struct bm_error *err)
{
    *words = NULL;
    *is_servers = 1;
    if (!spec->is_sent) {
        return BM_OK;
    }
    struct bm_view strange = strange_field(spec->spec);
    if (strange.data != NULL && !bm_server_before(home->server, 3, 4)) {
        /* An empty filter is sent by some versions of mongorestore only (idx.go). */
        *is_servers = !(bm_view_equal(strange, bm_view_text("partialFilterExpression")) &&
                        spec->partial.len == 5);
        *words = bm_format_text(err, "the field '%.100s' is not valid for an _id index",
                                (const char *)strange.data);
        return *words != NULL ? BM_END : BM_FAIL;
    }
    if (!is_id_key(spec->key)) {
        *words = bm_copy_text("the field 'key' for an _id index must be {_id: 1}", err);
        return *words != NULL ? BM_END : BM_FAIL;
    }
    if (bm_server_before(home->server, 3, 4)) {
        return BM_OK;
    }
    enum bm_status status = read_own_collation(spec, collation, words, is_servers, err);
    return status == BM_OK && *words != NULL ? BM_END : status;
}
