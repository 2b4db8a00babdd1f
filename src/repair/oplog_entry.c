/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/oplog_entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"

enum bm_status bm_oplog_first(const struct bm_oplog_operation *operation, struct bm_element *out,
                              struct bm_error *err)
{
    struct bm_elements elements;
    if (operation->object.len == 0) {
        return BM_END;
    }
    return bm_elements_open(&elements, operation->object, err) == BM_OK
               ? bm_elements_next(&elements, out, err)
               : BM_FAIL;
}

struct bm_view bm_oplog_string(const struct bm_element *element)
{
    if (element->type != BM_TYPE_STRING || element->value.len < 5) {
        return (struct bm_view){NULL, 0};
    }
    return (struct bm_view){element->value.data + 4, element->value.len - 5};
}

struct bm_view bm_oplog_database(struct bm_view ns)
{
    const uint8_t *dot = ns.len > 0 ? memchr(ns.data, '.', ns.len) : NULL;
    return (struct bm_view){ns.data, dot != NULL ? (size_t)(dot - ns.data) : ns.len};
}

int bm_oplog_is(const struct bm_oplog_operation *operation, const char *kind)
{
    return bm_view_equal(operation->kind, bm_view_text(kind));
}

static struct bm_view document_of(const struct bm_element *element)
{
    return element->type == BM_TYPE_OBJECT ? element->value : (struct bm_view){NULL, 0};
}

void bm_oplog_walk_start(struct bm_oplog_walk *walk, struct bm_view entry)
{
    walk->entry = entry;
    walk->is_begun = 0;
    walk->seconds = walk->increment = 0;
    walk->level_count = walk->parent_count = 0;
    bm_buffer_clear(&walk->path);
}

void bm_oplog_walk_free(struct bm_oplog_walk *walk)
{
    free(walk->levels);
    free(walk->parents);
    bm_buffer_free(&walk->path);
}

static enum bm_status push_parent(struct bm_oplog_walk *walk, struct bm_view document,
                                  struct bm_error *err)
{
    if (bm_grow(&walk->parents, walk->parent_count, &walk->parent_capacity, sizeof *walk->parents,
                err) != BM_OK) {
        return BM_FAIL;
    }
    walk->parents[walk->parent_count++] = (size_t)(document.data - walk->entry.data);
    return BM_OK;
}

static void take_field(struct bm_oplog_walk *walk, struct bm_oplog_operation *operation,
                       const struct bm_element *element)
{
    if (bm_view_equal(element->name, bm_view_text("op"))) {
        operation->kind = bm_oplog_string(element);
    } else if (bm_view_equal(element->name, bm_view_text("ns"))) {
        operation->ns = bm_oplog_string(element);
    } else if (bm_view_equal(element->name, bm_view_text("o"))) {
        operation->object = document_of(element);
    } else if (bm_view_equal(element->name, bm_view_text("o2"))) {
        operation->second = document_of(element);
    } else if (walk->level_count == 0 && element->type == BM_TYPE_TIMESTAMP &&
               bm_view_equal(element->name, bm_view_text("ts"))) {
        walk->increment = bm_le32(element->value.data);
        walk->seconds = bm_le32(element->value.data + 4);
    }
}

static enum bm_status read_operation(struct bm_oplog_walk *walk, struct bm_view document,
                                     struct bm_oplog_operation *out, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    *out = (struct bm_oplog_operation){.ns = {NULL, 0}};
    if (push_parent(walk, document, err) != BM_OK ||
        bm_elements_open(&elements, document, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status;
    while ((status = bm_elements_next(&elements, &element, err)) == BM_OK) {
        take_field(walk, out, &element);
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* Opens the array of an applyOps command, to be gone through before what follows it. */
static enum bm_status open_level(struct bm_oplog_walk *walk,
                                 const struct bm_oplog_operation *operation, struct bm_error *err)
{
    struct bm_elements fields;
    struct bm_element first;
    if (!bm_oplog_is(operation, "c") || operation->object.len == 0) {
        return BM_OK;
    }
    if (bm_elements_open(&fields, operation->object, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bm_elements_next(&fields, &first, err);
    if (status != BM_OK || first.type != BM_TYPE_ARRAY ||
        !bm_view_equal(first.name, bm_view_text("applyOps"))) {
        return status == BM_FAIL ? BM_FAIL : BM_OK;
    }
    if (bm_grow(&walk->levels, walk->level_count, &walk->level_capacity, sizeof *walk->levels,
                err) != BM_OK ||
        push_parent(walk, operation->object, err) != BM_OK ||
        push_parent(walk, first.value, err) != BM_OK ||
        bm_buffer_append(&walk->path, bm_view_text("o.applyOps."), err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_oplog_level *level = &walk->levels[walk->level_count];
    *level =
        (struct bm_oplog_level){.parent_count = walk->parent_count, .path_len = walk->path.len};
    if (bm_elements_open(&level->operations, first.value, err) != BM_OK) {
        return BM_FAIL;
    }
    walk->level_count++;
    return BM_OK;
}

/* The next document among the arrays that are open. */
static enum bm_status next_document(struct bm_oplog_walk *walk, struct bm_view *out,
                                    struct bm_error *err)
{
    struct bm_element element;
    while (walk->level_count > 0) {
        struct bm_oplog_level *level = &walk->levels[walk->level_count - 1];
        enum bm_status status = bm_elements_next(&level->operations, &element, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (status == BM_END) {
            walk->level_count--;
            continue;
        }
        uint64_t position = level->position++;
        if (element.type != BM_TYPE_OBJECT) {
            continue;
        }
        walk->parent_count = level->parent_count;
        walk->path.len = level->path_len;
        *out = element.value;
        return bm_buffer_printf(&walk->path, err, "%" PRIu64 ".", position);
    }
    return BM_END;
}

enum bm_status bm_oplog_walk_next(struct bm_oplog_walk *walk, struct bm_oplog_operation *out,
                                  struct bm_error *err)
{
    struct bm_view document = walk->entry;
    if (walk->is_begun) {
        enum bm_status status = next_document(walk, &document, err);
        if (status != BM_OK) {
            return status;
        }
    }
    walk->is_begun = 1;
    if (read_operation(walk, document, out, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t parent_count = walk->parent_count;
    size_t path_len = walk->path.len;
    if (open_level(walk, out, err) != BM_OK) {
        return BM_FAIL;
    }
    out->parents = walk->parents;
    out->parent_count = parent_count;
    out->path = (struct bm_view){walk->path.data, path_len};
    return BM_OK;
}
