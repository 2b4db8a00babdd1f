/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_REWRITE_PAGE_H
#define BM_CATALOG_REWRITE_PAGE_H

#include "bsonmend/document.h"
#include "catalog/metadata.h"
#include "catalog/rewrite.h"
#include "doc/json_edit.h"

/* A metadata text beside what it means: its tokens and the BSON it stands for. */
struct bm_page {
    struct bm_view text;
    struct bm_json_tokens tokens;
    struct bm_buffer bson;
    struct bm_metadata parts; /* borrows from bson */
};

/* One rewrite of one page. BM_OK: *result is filled in, and edit (at 0) has the changes when the
 * outcome is BM_REWRITE_CHANGED, else nothing. Errors as bm_rewrite_metadata has them. */
enum bm_status bm_rewrite_index(const struct bm_page *page, const struct bm_rewrite *rewrite,
                                struct bm_rewrite_result *result, struct bm_json_edit *edit,
                                struct bm_error *err) BM_MUST_USE;
enum bm_status bm_rewrite_require(const struct bm_page *page, const struct bm_rewrite *rewrite,
                                  struct bm_rewrite_result *result, struct bm_json_edit *edit,
                                  struct bm_error *err) BM_MUST_USE;

/* The last element of that name in a document, BM_END: none. */
enum bm_status bm_rewrite_find(struct bm_view document, const char *name, struct bm_element *out,
                               struct bm_error *err) BM_MUST_USE;

/* Refuses a path that no filter can name: empty, with a '$' in front, or no UTF-8. */
enum bm_status bm_rewrite_check_field(const char *field, struct bm_error *err) BM_MUST_USE;

#endif
