/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_SHOW_H
#define BM_REPORT_SHOW_H

#include "report/print.h"

/* Values of the dump, or only their type and length where the print redacts. */

/* A raw element's value: an ObjectId as bare hex, else relaxed Extended JSON, escaped; redacted:
 * <type length>. */
void bm_show_value(struct bm_print *print, struct bm_view raw);
/*
 * The server's line of a duplicate, escaped. Redacted: up to "dup key: ", then the key as the
 * server prints one but with types and lengths: { a: <string 32> }.
 */
void bm_show_e11000(struct bm_print *print, const struct bm_violation *violation);

/* The same as JSON. len 0 and NULL are null. */
void bm_show_json_value(struct bm_print *print, struct bm_view raw);
void bm_show_json_e11000(struct bm_print *print, const struct bm_violation *violation);
/* {"_id", "offset", "ordinal"}; null where it is not known. */
void bm_show_json_place(struct bm_print *print, const struct bm_document_place *place);
/* A key, a document of values. */
void bm_show_json_key(struct bm_print *print, struct bm_view document);

/* Never redacted: a raw element's value, a whole document; len 0: null. */
void bm_show_json_clear(struct bm_print *print, struct bm_view raw);
void bm_show_json_plain(struct bm_print *print, struct bm_view document);

#endif
