/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/rewrite.h"

#include "catalog/rewrite_page.h"
#include "doc/extjson.h"

/* A text that is read as 16 MiB at most may grow by a filter or a clause. */
#define TEXT_MAX ((size_t)BM_DOCUMENT_MAX * 2)

enum bm_status bm_rewrite_find(struct bm_view document, const char *name, struct bm_element *out,
                               struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status found = BM_END;
    enum bm_status status = bm_elements_open(&elements, document, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &element, err);
        if (status == BM_OK && bm_view_equal(element.name, bm_view_text(name))) {
            *out = element;
            found = BM_OK;
        }
    }
    return status == BM_END ? found : BM_FAIL;
}

enum bm_status bm_rewrite_check_field(const char *field, struct bm_error *err)
{
    if (field[0] == '\0' || field[0] == '$') {
        return bm_fail(err, BM_ERROR_USAGE, 0, "'%s' is no field that a filter could name", field);
    }
    struct bm_view name = bm_view_text(field);
    struct bm_buffer json = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    struct bm_buffer again = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    enum bm_status status = bm_json_string(name, &json, err);
    if (status == BM_OK) {
        struct bm_view inside = {json.data + 1, json.len - 2};
        status = bm_json_unescape(inside, &again, err);
    }
    if (status == BM_OK && !bm_view_equal(bm_buffer_view(&again), name)) {
        status = bm_fail(err, BM_ERROR_USAGE, 0, "'%s' is no UTF-8, as JSON has to be", field);
    }
    bm_buffer_free(&json);
    bm_buffer_free(&again);
    return status;
}

static enum bm_status open_page(struct bm_view text, struct bm_page *page, struct bm_error *err)
{
    *page = (struct bm_page){.text = text, .bson = BM_BUFFER_INIT(TEXT_MAX)};
    if (bm_metadata_read(text, &page->bson, &page->parts, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_json_tokens_read(text, &page->tokens, err);
}

static void close_page(struct bm_page *page)
{
    bm_json_tokens_free(&page->tokens);
    bm_buffer_free(&page->bson);
}

/* A text of no bytes has no indexes, and an options object of its own would make mongorestore
 * overlook the ones that system.indexes may have for it. */
static enum bm_status rewrite_nothing(const struct bm_rewrite *rewrite,
                                      struct bm_rewrite_result *result, struct bm_error *err)
{
    if (rewrite->kind == BM_REWRITE_REQUIRE) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "the dump has no metadata of this collection to add a validator to");
    }
    result->outcome = BM_REWRITE_ABSENT;
    return BM_OK;
}

/* From text into *out, which is left alone unless the text changes. */
static enum bm_status rewrite_once(struct bm_view text, const struct bm_rewrite *rewrite,
                                   struct bm_rewrite_result *result, struct bm_buffer *out,
                                   struct bm_error *err)
{
    *result = (struct bm_rewrite_result){.outcome = BM_REWRITE_FULFILLED};
    if (text.len == 0) {
        return rewrite_nothing(rewrite, result, err);
    }
    struct bm_page page;
    struct bm_json_edit edit = {.text = text, .out = out};
    enum bm_status status = open_page(text, &page, err);
    if (status == BM_OK) {
        status = rewrite->kind == BM_REWRITE_REQUIRE
                     ? bm_rewrite_require(&page, rewrite, result, &edit, err)
                     : bm_rewrite_index(&page, rewrite, result, &edit, err);
    }
    if (status == BM_OK && result->outcome == BM_REWRITE_CHANGED) {
        status = bm_json_edit_finish(&edit, err);
    }
    close_page(&page);
    return status;
}

enum bm_status bm_rewrite_metadata(struct bm_view text, const struct bm_rewrite *rewrites,
                                   size_t count, struct bm_rewrite_result *results,
                                   struct bm_buffer *out, struct bm_error *err)
{
    enum bm_status status = BM_OK;
    struct bm_buffer now = BM_BUFFER_INIT(TEXT_MAX);
    struct bm_buffer next = BM_BUFFER_INIT(TEXT_MAX);
    struct bm_view current = text;
    for (size_t i = 0; i < count && status == BM_OK; i++) {
        status = rewrite_once(current, &rewrites[i], &results[i], &next, err);
        if (status == BM_OK && results[i].outcome == BM_REWRITE_CHANGED) {
            struct bm_buffer old = now;
            now = next;
            next = old;
            bm_buffer_clear(&next);
            current = bm_buffer_view(&now);
        }
    }
    if (status == BM_OK) {
        status = bm_buffer_append(out, current, err);
    }
    bm_buffer_free(&now);
    bm_buffer_free(&next);
    return status;
}
