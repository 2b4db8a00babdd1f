/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "bsonmend/document.h"
#include "catalog/build.h"
#include "catalog/stored.h"

/* Whether a namespace takes its indexes from system.indexes. */
static int has_none(const struct bm_stored *entry)
{
    switch (entry->ns.kind) {
    case BM_NAMESPACE_COLLECTION:
    case BM_NAMESPACE_TIMESERIES:
    case BM_NAMESPACE_SYSTEM:
        return entry->ns.metadata_state == BM_METADATA_ABSENT;
    case BM_NAMESPACE_VIEW:
    case BM_NAMESPACE_INDEXES:
    case BM_NAMESPACE_OPLOG:
        break;
    }
    return 0;
}

/* The collection that a definition is for: what follows the first dot of its string `ns`. Of fields
 * that come twice the last one counts. */
static enum bm_status find_collection(struct bm_view definition, struct bm_view *collection,
                                      struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element field;
    *collection = (struct bm_view){NULL, 0};
    enum bm_status status = bm_elements_open(&elements, definition, err);
    while (status == BM_OK && (status = bm_elements_next(&elements, &field, err)) == BM_OK) {
        if (bm_view_equal(field.name, bm_view_text("ns"))) {
            int is_string = field.type == BM_TYPE_STRING;
            *collection = is_string ? (struct bm_view){field.value.data + 4, field.value.len - 5}
                                    : (struct bm_view){NULL, 0};
        }
    }
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (collection->data == NULL) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0,
                       "a definition without a text for ns, over which mongorestore stops");
    }
    const uint8_t *dot = memchr(collection->data, '.', collection->len);
    if (dot == NULL) {
        collection->len = 0;
        return BM_OK;
    }
    collection->len -= (size_t)(dot + 1 - collection->data);
    collection->data = dot + 1;
    return BM_OK;
}

/* Appends a definition to the array in the entry's buffer, which lacks its end still. */
static enum bm_status append(struct bm_catalog *catalog, struct bm_stored *entry,
                             struct bm_view definition, struct bm_error *err)
{
    static const uint8_t no_length[4] = {0};
    struct bm_buffer *out = &entry->bson;
    if (bm_catalog_take_bytes(catalog, definition.len, err) != BM_OK ||
        (out->len == 0 &&
         bm_buffer_append(out, (struct bm_view){no_length, sizeof no_length}, err) != BM_OK) ||
        bm_buffer_append_byte(out, BM_TYPE_OBJECT, err) != BM_OK ||
        bm_buffer_append_byte(out, 0, err) != BM_OK ||
        bm_buffer_append(out, definition, err) != BM_OK) {
        return BM_FAIL;
    }
    return BM_OK;
}

/* Takes one definition off the front of *rest; BM_END: there is none. */
static enum bm_status take_definition(struct bm_view *rest, struct bm_view *definition,
                                      struct bm_error *err)
{
    if (rest->len == 0) {
        return BM_END;
    }
    size_t len = rest->len < 4 ? 0 : bm_le32(rest->data);
    if (len < 5 || len > rest->len) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "a definition of a length that cannot be");
    }
    *definition = (struct bm_view){rest->data, len};
    rest->data += len;
    rest->len -= len;
    return bm_document_check(*definition, NULL, err);
}

/* Gives one definition to the namespace it names, if that takes it. */
static enum bm_status hand_out(struct bm_catalog *catalog, struct bm_view db,
                               struct bm_view definition, struct bm_error *err)
{
    struct bm_view collection;
    if (find_collection(definition, &collection, err) != BM_OK) {
        return BM_FAIL;
    }
    const struct bm_namespace *ns = bm_catalog_find(catalog, db, collection);
    struct bm_stored *entry = ns != NULL ? catalog->entries[ns->number] : NULL;
    return entry == NULL || !has_none(entry) ? BM_OK : append(catalog, entry, definition, err);
}

/* On BM_ERROR_CORRUPT the offset is where the definition starts that is to blame. */
static enum bm_status share_out(struct bm_catalog *catalog, struct bm_view db,
                                struct bm_view definitions, struct bm_error *err)
{
    struct bm_view rest = definitions;
    enum bm_status status = BM_OK;
    while (status == BM_OK) {
        struct bm_view definition;
        size_t at = definitions.len - rest.len;
        status = take_definition(&rest, &definition, err);
        if (status == BM_OK) {
            status = hand_out(catalog, db, definition, err);
        }
        if (status == BM_FAIL) {
            err->offset = at;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status settle(struct bm_catalog *catalog, struct bm_stored *entry,
                             struct bm_error *err)
{
    struct bm_buffer *array = &entry->bson;
    entry->ns.metadata_state = BM_METADATA_SYSTEM_INDEXES;
    if (array->len == 0) {
        return BM_OK;
    }
    if (bm_buffer_append_byte(array, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_put_le32(array->data, (uint32_t)array->len);
    return bm_catalog_set_indexes(catalog, entry, bm_buffer_view(array), err);
}

/* The namespaces of a database that have no definitions yet. */
static struct bm_stored *next_without(struct bm_catalog *catalog, struct bm_view db, size_t *number)
{
    while (*number < catalog->count) {
        struct bm_stored *entry = catalog->entries[(*number)++];
        if (has_none(entry) && bm_view_equal(bm_view_text(entry->db), db)) {
            return entry;
        }
    }
    return NULL;
}

enum bm_status bm_catalog_refuse_system_indexes(struct bm_catalog *catalog, struct bm_view db,
                                                const char *problem, struct bm_error *err)
{
    struct bm_stored *entry;
    for (size_t i = 0; (entry = next_without(catalog, db, &i)) != NULL;) {
        bm_buffer_free(&entry->bson);
        entry->problem = bm_format_text(err, "system.indexes: %s", problem);
        if (entry->problem == NULL) {
            return BM_FAIL;
        }
        entry->ns.metadata_state = BM_METADATA_UNREADABLE;
        entry->ns.metadata_problem = entry->problem;
    }
    return BM_OK;
}

enum bm_status bm_catalog_add_system_indexes(struct bm_catalog *catalog, struct bm_view db,
                                             struct bm_view definitions, struct bm_error *err)
{
    struct bm_error problem = BM_ERROR_INIT;
    if (share_out(catalog, db, definitions, &problem) != BM_OK) {
        if (problem.code != BM_ERROR_CORRUPT) {
            *err = problem;
            return BM_FAIL;
        }
        char words[sizeof problem.text + 32];
        (void)snprintf(words, sizeof words, "at byte %llu: %s", (unsigned long long)problem.offset,
                       problem.text);
        return bm_catalog_refuse_system_indexes(catalog, db, words, err);
    }
    struct bm_stored *entry;
    for (size_t i = 0; (entry = next_without(catalog, db, &i)) != NULL;) {
        if (settle(catalog, entry, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
