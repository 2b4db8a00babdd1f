/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/build.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bsonmend/document.h"
#include "catalog/index_specs.h"
#include "catalog/metadata.h"
#include "catalog/stored.h"

/* Everything a catalog keeps, whatever a dump claims. */
#define CATALOG_BYTES_MAX ((size_t)256 << 20)

const char *bm_container_name(enum bm_container container)
{
    switch (container) {
    case BM_CONTAINER_BSON:
        return "bson";
    case BM_CONTAINER_DIRECTORY:
        return "directory";
    case BM_CONTAINER_ARCHIVE:
        return "archive";
    case BM_CONTAINER_KEEP:
        break;
    }
    return "keep";
}

const char *bm_index_action_name(enum bm_index_action action)
{
    static const char *const names[] = {
        [BM_INDEX_ACTION_KEEP] = "keep",     [BM_INDEX_ACTION_PARTIAL] = "partial",
        [BM_INDEX_ACTION_SPARSE] = "sparse", [BM_INDEX_ACTION_NONUNIQUE] = "nonunique",
        [BM_INDEX_ACTION_DROP] = "drop",
    };
    return names[action];
}

static int compare_entries(const void *a, const void *b)
{
    const struct bm_namespace *left = a;
    const struct bm_namespace *right = b;
    int order = strcmp(left->db, right->db);
    return order != 0 ? order : strcmp(left->collection, right->collection);
}

struct bm_catalog *bm_catalog_new(struct bm_error *err)
{
    struct bm_catalog *catalog = bm_allocate(1, sizeof *catalog, err);
    if (catalog == NULL) {
        return NULL;
    }
    catalog->server_version = bm_copy_text("", err);
    if (catalog->server_version == NULL) {
        free(catalog);
        return NULL;
    }
    return catalog;
}

static void stored_free(struct bm_stored *entry)
{
    if (entry == NULL) {
        return;
    }
    free(entry->db);
    free(entry->collection);
    free(entry->name);
    free(entry->metadata);
    free(entry->problem);
    free(entry->specs);
    bm_buffer_free(&entry->bson);
    free(entry);
}

void bm_catalog_free(struct bm_catalog *catalog)
{
    if (catalog == NULL) {
        return;
    }
    for (size_t i = 0; i < catalog->count; i++) {
        (void)tdelete(&catalog->entries[i]->ns, &catalog->by_name, compare_entries);
        stored_free(catalog->entries[i]);
    }
    free(catalog->entries);
    free(catalog->server_version);
    free(catalog);
}

enum bm_status bm_catalog_set_server_version(struct bm_catalog *catalog, struct bm_view version,
                                             struct bm_error *err)
{
    char *copy = bm_copy_view(version, err);
    if (copy == NULL) {
        return BM_FAIL;
    }
    free(catalog->server_version);
    catalog->server_version = copy;
    return BM_OK;
}

/* What the names alone tell; options may still make a view or buckets of it. */
static enum bm_namespace_kind kind_of_name(const char *db, const char *collection)
{
    struct bm_view name = bm_view_text(collection);
    if (db[0] == '\0' && strcmp(collection, "oplog") == 0) {
        return BM_NAMESPACE_OPLOG;
    }
    if (strcmp(collection, "system.indexes") == 0) {
        return BM_NAMESPACE_INDEXES;
    }
    if (bm_view_starts_with(name, "system.buckets.")) {
        return BM_NAMESPACE_TIMESERIES;
    }
    if (bm_view_starts_with(name, "system.") || bm_view_starts_with(name, "$") ||
        strcmp(db, "config") == 0) {
        return BM_NAMESPACE_SYSTEM;
    }
    return BM_NAMESPACE_COLLECTION;
}

enum bm_status bm_catalog_take_bytes(struct bm_catalog *catalog, size_t bytes, struct bm_error *err)
{
    if (bytes > CATALOG_BYTES_MAX - catalog->bytes) {
        return bm_fail(err, BM_ERROR_MEMORY, 0,
                       "names and metadata of more than %zu MiB in one dump",
                       CATALOG_BYTES_MAX >> 20);
    }
    catalog->bytes += bytes;
    return BM_OK;
}

static enum bm_status copy_names(struct bm_catalog *catalog, const struct bm_catalog_entry *from,
                                 struct bm_stored *entry, struct bm_error *err)
{
    if (bm_view_has_zero(from->db) || bm_view_has_zero(from->collection)) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "a namespace with a zero byte in its name");
    }
    if (bm_catalog_take_bytes(catalog, sizeof *entry, err) != BM_OK ||
        bm_catalog_take_bytes(catalog, from->db.len, err) != BM_OK ||
        bm_catalog_take_bytes(catalog, from->collection.len, err) != BM_OK ||
        bm_catalog_take_bytes(catalog, from->metadata.len, err) != BM_OK) {
        return BM_FAIL;
    }
    entry->db = bm_copy_view(from->db, err);
    entry->collection = bm_copy_view(from->collection, err);
    entry->metadata = bm_copy_view(from->metadata, err);
    if (entry->db == NULL || entry->collection == NULL || entry->metadata == NULL) {
        return BM_FAIL;
    }
    entry->name = bm_format_text(err, "%s.%s", entry->db, entry->collection);
    if (entry->name == NULL) {
        return BM_FAIL;
    }
    entry->ns = (struct bm_namespace){
        .db = entry->db,
        .collection = entry->collection,
        .ns = entry->name,
        .kind = kind_of_name(entry->db, entry->collection),
        .has_data = from->has_data,
        .metadata = {(const uint8_t *)entry->metadata, from->metadata.len},
    };
    return BM_OK;
}

/* Reads the text; *parts stays empty where mongorestore could not read it. Fails only for want of
 * memory. */
static enum bm_status read_metadata(struct bm_catalog *catalog, const struct bm_catalog_entry *from,
                                    struct bm_stored *entry, struct bm_metadata *parts,
                                    struct bm_error *err)
{
    *parts = (struct bm_metadata){0};
    if (from->is_too_large) {
        entry->ns.metadata_state = BM_METADATA_TOO_LARGE;
        entry->ns.metadata_problem = "it is larger than the 16777216 bytes that are read of one";
        return BM_OK;
    }
    if (entry->ns.metadata.len == 0) {
        entry->ns.metadata_state = BM_METADATA_ABSENT;
        return BM_OK;
    }
    struct bm_error error = BM_ERROR_INIT;
    if (bm_metadata_read(entry->ns.metadata, &entry->bson, parts, &error) == BM_OK &&
        bm_metadata_apply_options(parts->options, &entry->ns, &error) == BM_OK) {
        entry->ns.metadata_state = BM_METADATA_READ;
        return bm_catalog_take_bytes(catalog, entry->bson.capacity, err);
    }
    if (error.code != BM_ERROR_CORRUPT) {
        *err = error;
        return BM_FAIL;
    }
    bm_buffer_free(&entry->bson);
    *parts = (struct bm_metadata){0};
    entry->ns.metadata_state = BM_METADATA_UNREADABLE;
    entry->problem =
        error.offset == BM_NO_OFFSET
            ? bm_copy_text(error.text, err)
            : bm_format_text(err, "at byte %llu: %s", (unsigned long long)error.offset, error.text);
    entry->ns.metadata_problem = entry->problem;
    return entry->problem != NULL ? BM_OK : BM_FAIL;
}

/* mongorestore goes by the option alone, unless it is null (restore.go). */
static int has_clustered_index(struct bm_view options)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element option;
    return options.len > 0 &&
           bm_document_find(options, bm_view_text("clusteredIndex"), &option, &damage) == BM_OK &&
           option.type != BM_TYPE_NULL;
}

enum bm_status bm_catalog_set_indexes(struct bm_catalog *catalog, struct bm_stored *entry,
                                      struct bm_view indexes, struct bm_error *err)
{
    enum bm_namespace_kind kind = entry->ns.kind;
    if (kind == BM_NAMESPACE_VIEW || kind == BM_NAMESPACE_OPLOG || kind == BM_NAMESPACE_INDEXES) {
        return BM_OK;
    }
    free(entry->specs);
    entry->specs = NULL;
    const struct bm_index_owner owner = {entry->ns.ns, entry->ns.collation,
                                         has_clustered_index(entry->ns.options)};
    if (bm_index_specs_make(indexes, &owner, &entry->specs, &entry->ns.index_count,
                            &entry->ns.nameless, err) != BM_OK) {
        entry->ns.indexes = NULL;
        entry->ns.index_count = 0;
        return BM_FAIL;
    }
    entry->ns.indexes = entry->specs;
    return bm_catalog_take_bytes(catalog, entry->ns.index_count * sizeof *entry->specs, err);
}

static enum bm_status fill_entry(struct bm_catalog *catalog, const struct bm_catalog_entry *from,
                                 struct bm_stored *entry, struct bm_error *err)
{
    struct bm_metadata parts;
    entry->bson = BM_BUFFER_INIT((size_t)2 * BM_DOCUMENT_MAX);
    if (copy_names(catalog, from, entry, err) != BM_OK ||
        read_metadata(catalog, from, entry, &parts, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_catalog_set_indexes(catalog, entry, parts.indexes, err);
}

/* Puts an entry that is filled among the others; then the catalog owns it. */
static enum bm_status insert_entry(struct bm_catalog *catalog, struct bm_stored *entry,
                                   struct bm_error *err)
{
    if (bm_grow(&catalog->entries, catalog->count, &catalog->capacity, sizeof(struct bm_stored *),
                err) != BM_OK) {
        return BM_FAIL;
    }
    const struct bm_namespace **found = tsearch(&entry->ns, &catalog->by_name, compare_entries);
    if (found == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "no memory for a namespace");
    }
    if (*found != &entry->ns) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "the dump has %s twice", entry->ns.ns);
    }
    entry->ns.number = catalog->count;
    catalog->entries[catalog->count++] = entry;
    if (entry->ns.kind == BM_NAMESPACE_OPLOG) {
        catalog->oplog = &entry->ns;
    }
    return BM_OK;
}

enum bm_status bm_catalog_add(struct bm_catalog *catalog, const struct bm_catalog_entry *from,
                              const struct bm_namespace **out, struct bm_error *err)
{
    struct bm_stored *entry = bm_allocate(1, sizeof *entry, err);
    if (entry == NULL) {
        return BM_FAIL;
    }
    size_t bytes = catalog->bytes;
    if (fill_entry(catalog, from, entry, err) != BM_OK ||
        insert_entry(catalog, entry, err) != BM_OK) {
        catalog->bytes = bytes;
        stored_free(entry);
        return BM_FAIL;
    }
    *out = &entry->ns;
    return BM_OK;
}

size_t bm_catalog_count(const struct bm_catalog *catalog)
{
    return catalog->count;
}

const struct bm_namespace *bm_catalog_namespace(const struct bm_catalog *catalog, size_t number)
{
    return number < catalog->count ? &catalog->entries[number]->ns : NULL;
}

const struct bm_namespace *bm_catalog_find(const struct bm_catalog *catalog, struct bm_view db,
                                           struct bm_view collection)
{
    struct bm_error error = BM_ERROR_INIT;
    const struct bm_namespace *result = NULL;
    char *db_text = bm_copy_view(db, &error);
    char *collection_text = bm_copy_view(collection, &error);
    if (db_text != NULL && collection_text != NULL && strlen(db_text) == db.len &&
        strlen(collection_text) == collection.len) {
        struct bm_namespace wanted = {.db = db_text, .collection = collection_text};
        const struct bm_namespace *const *found =
            tfind(&wanted, (void *const *)&catalog->by_name, compare_entries);
        result = found != NULL ? *found : NULL;
    }
    free(db_text);
    free(collection_text);
    return result;
}

const struct bm_namespace *bm_catalog_oplog(const struct bm_catalog *catalog)
{
    return catalog->oplog;
}

const char *bm_catalog_server_version(const struct bm_catalog *catalog)
{
    return catalog->server_version;
}
