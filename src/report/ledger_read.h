/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_LEDGER_READ_H
#define BM_REPORT_LEDGER_READ_H

#include <signal.h>

#include "bsonmend/report.h"

/* A ledger, read back line by line. */

/* One line; all views live until the next one is read. */
struct bm_ledger_line {
    uint64_t number; /* from 1 */
    enum bm_action action;
    struct bm_view ns;
    struct bm_view id; /* the JSON text of the _id, "null": none; of metadata lines nothing */
    uint64_t ordinal;
    uint64_t at;         /* of elements: bytes from the start of the BEFORE document */
    struct bm_view path; /* likewise */
    /* Raw elements, of BM_ACTION_REJECT the whole document, of BM_ACTION_METADATA the texts. len 0:
     * there is none. */
    struct bm_view before, after;
};

struct bm_ledger_reader;

/* `stop` may be NULL. NULL on failure: BM_ERROR_IO, BM_ERROR_MEMORY. */
struct bm_ledger_reader *bm_ledger_reader_new(const char *path, const volatile sig_atomic_t *stop,
                                              struct bm_error *err) BM_MUST_USE;
/*
 * BM_OK with the next line, BM_END behind the last one. BM_FAIL: BM_ERROR_USAGE with the number of
 * the line in the text: it is no JSON object, lacks a member, has one that is unknown, comes twice
 * or does not fit its action, is over 128 MiB, or has no end, as where a file was cut.
 * BM_ERROR_IO, BM_ERROR_MEMORY, BM_ERROR_STOPPED. The error's file is the ledger.
 */
enum bm_status bm_ledger_reader_next(struct bm_ledger_reader *reader, struct bm_ledger_line *out,
                                     struct bm_error *err) BM_MUST_USE;
void bm_ledger_reader_free(struct bm_ledger_reader *reader); /* NULL is fine */

#endif
