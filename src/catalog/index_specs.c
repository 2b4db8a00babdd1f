/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/index_specs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bsonmend/document.h"
#include "doc/number.h"

/* {"key": {"_id": 1}, "name": "_id_"}: what the server makes for a collection that names no _id
 * index. */
static const uint8_t default_id[] =
    "\x27\0\0\0"
    "\x03key\0\x0e\0\0\0\x10_id\0\1\0\0\0\0"
    "\x02name\0\5\0\0\0_id_\0"; /* the literal's own zero byte ends the document */
#define DEFAULT_ID_KEY_AT 9
#define DEFAULT_ID_KEY_LEN 14

struct entry {
    struct bm_index_spec spec;
    struct bm_view name; /* whole, where the C string ends at a zero byte in it */
    size_t number;       /* its place among the entries */
    int dropped;
};

static struct bm_index_spec make_default_id(void)
{
    return (struct bm_index_spec){
        .name = "_id_",
        .spec = {default_id, sizeof default_id},
        .key = {default_id + DEFAULT_ID_KEY_AT, DEFAULT_ID_KEY_LEN},
    };
}

/* The string value of a field as a C string, NULL: there is none. The last of several counts. */
static enum bm_status find_name(struct bm_view entry, struct bm_view *name, int *clustered,
                                struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element field;
    *name = (struct bm_view){NULL, 0};
    *clustered = 0;
    enum bm_status status = bm_elements_open(&elements, entry, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &field, err);
        if (status != BM_OK) {
            break;
        }
        if (bm_view_equal(field.name, bm_view_text("name"))) {
            int is_string = field.type == BM_TYPE_STRING;
            *name = is_string ? (struct bm_view){field.value.data + 4, field.value.len - 5}
                              : (struct bm_view){NULL, 0};
        } else if (bm_view_equal(field.name, bm_view_text("clustered"))) {
            *clustered = bm_element_truth(&field);
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* An entry as it stands, before the others are known. BM_END: mongorestore drops it; entry->name is
 * empty where it does so for want of a name. */
static enum bm_status read_entry(const struct bm_element *element, struct entry *entry,
                                 struct bm_error *err)
{
    struct bm_index_spec *out = &entry->spec;
    int clustered;
    if (find_name(element->value, &entry->name, &clustered, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_index_spec_read(element->value, out, err) != BM_OK) {
        return BM_FAIL;
    }
    if (entry->name.data == NULL) {
        return BM_END;
    }
    /* A BSON string has a zero byte behind it and so is a C string as well. */
    out->name = (const char *)entry->name.data;
    if (memchr(entry->name.data, 0, entry->name.len) != NULL) {
        out->problem = "its name has a zero byte in it";
    }
    return clustered && out->kind != BM_INDEX_ID ? BM_END : BM_OK;
}

/* The server makes the _id index whether an entry asks for it or not. */
static int is_missed(const struct entry *dropped)
{
    return dropped->name.data == NULL && dropped->spec.kind != BM_INDEX_ID;
}

static enum bm_status read_entries(struct bm_view indexes, struct entry **entries, size_t *count,
                                   size_t *nameless, struct bm_error *err)
{
    size_t capacity = 0;
    *nameless = 0;
    struct bm_elements elements;
    struct bm_element element;
    if (indexes.len == 0) {
        return BM_OK;
    }
    enum bm_status status = bm_elements_open(&elements, indexes, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &element, err);
        if (status != BM_OK) {
            break;
        }
        if (bm_grow(entries, *count, &capacity, sizeof **entries, err) != BM_OK) {
            return BM_FAIL;
        }
        struct entry *entry = &(*entries)[*count];
        *entry = (struct entry){.number = *count};
        status = read_entry(&element, entry, err);
        if (status == BM_OK) {
            (*count)++;
        } else if (status == BM_END) {
            *nameless += (size_t)is_missed(entry);
            status = BM_OK;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

static int compare_names(const void *a, const void *b)
{
    const struct entry *const *left = a;
    const struct entry *const *right = b;
    struct bm_view one = (*left)->name;
    struct bm_view other = (*right)->name;
    int order = memcmp(one.data, other.data, one.len < other.len ? one.len : other.len);
    if (order != 0) {
        return order;
    }
    if (one.len != other.len) {
        return one.len < other.len ? -1 : 1;
    }
    return (*left)->number < (*right)->number ? -1 : 1;
}

/* Of entries of one name the last one counts. */
static enum bm_status drop_repeated(struct entry *entries, size_t count, struct bm_error *err)
{
    struct entry **sorted = bm_allocate(count, sizeof(struct entry *), err);
    if (sorted == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &entries[i];
    }
    qsort(sorted, count, sizeof(struct entry *), compare_names);
    for (size_t i = 0; i + 1 < count; i++) {
        if (bm_view_equal(sorted[i]->name, sorted[i + 1]->name)) {
            sorted[i]->dropped = 1;
        }
    }
    free(sorted);
    return BM_OK;
}

/* The entry that is about the _id index: the one mongorestore sends by that name, else the first
 * that it leaves to the server. NULL: none. */
static const struct entry *find_id_entry(const struct entry *entries, size_t count, int *is_sent)
{
    const struct entry *first = NULL;
    *is_sent = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].dropped) {
            continue;
        }
        if (bm_view_equal(entries[i].name, bm_view_text("_id_"))) {
            *is_sent = 1;
            return &entries[i];
        }
        if (first == NULL && entries[i].spec.kind == BM_INDEX_ID) {
            first = &entries[i];
        }
    }
    return first;
}

static struct bm_index_spec id_spec(const struct entry *entry, int is_sent,
                                    const struct bm_index_owner *owner)
{
    struct bm_index_spec spec = entry != NULL ? entry->spec : make_default_id();
    spec.kind = BM_INDEX_ID;
    spec.unique = 1;
    spec.sparse = spec.prepare_unique = 0;
    spec.collation = owner->collation;
    spec.is_sent = is_sent && !owner->clustered;
    spec.clustered |= owner->clustered;
    return spec;
}

/* The _id index first, the others in their order. */
static size_t put_in_order(const struct entry *entries, size_t count,
                           const struct bm_index_owner *owner, struct bm_index_spec *specs)
{
    size_t used = 1;
    int is_sent;
    const struct entry *id = find_id_entry(entries, count, &is_sent);
    if (owner->clustered && id != NULL && id->spec.kind != BM_INDEX_ID) {
        id = NULL; /* named like an _id index, and sent with the others */
    }
    specs[0] = id_spec(id, is_sent, owner);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].dropped || &entries[i] == id) {
            continue;
        }
        specs[used] = entries[i].spec;
        if (specs[used].kind == BM_INDEX_ID) {
            specs[used].problem = "a second default _id index, over which mongorestore stops";
        }
        used++;
    }
    for (size_t i = 0; i < used; i++) {
        specs[i].ns = owner->ns;
        specs[i].default_collation = owner->collation;
    }
    bm_index_twins_find(specs, used);
    return used;
}

enum bm_status bm_index_specs_make(struct bm_view indexes, const struct bm_index_owner *owner,
                                   struct bm_index_spec **specs, size_t *count, size_t *nameless,
                                   struct bm_error *err)
{
    enum bm_status status = BM_FAIL;
    size_t dropped;
    struct entry *entries = NULL;
    struct bm_index_spec *list = NULL;
    size_t entry_count = 0;
    if (read_entries(indexes, &entries, &entry_count, &dropped, err) != BM_OK ||
        drop_repeated(entries, entry_count, err) != BM_OK) {
        goto out;
    }
    list = bm_allocate(entry_count + 1, sizeof *list, err);
    if (list == NULL) {
        goto out;
    }
    *count = put_in_order(entries, entry_count, owner, list);
    *specs = list;
    if (nameless != NULL) {
        *nameless = dropped;
    }
    status = BM_OK;
out:
    free(entries);
    return status;
}
