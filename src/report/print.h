/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_PRINT_H
#define BM_REPORT_PRINT_H

#include "base/buffer.h"
#include "bsonmend/report.h"

/*
 * Text on its way to a writer. A failure sticks: later calls do nothing, bm_print_end tells it. So
 * a report reads as what it prints.
 */
struct bm_print {
    struct bm_buffer buffer;
    struct bm_writer *writer;
    enum bm_redaction redaction;
    enum bm_status status;
    struct bm_error *err;
};

/* The writer is borrowed. */
void bm_print_start(struct bm_print *print, struct bm_writer *writer, enum bm_redaction redaction,
                    struct bm_error *err);
/* Hands what has gathered to the writer. */
void bm_print_flush(struct bm_print *print);
/* Flushes, frees, and tells whether all went well. */
enum bm_status bm_print_end(struct bm_print *print) BM_MUST_USE;

/* As they are. */
void bm_print_bytes(struct bm_print *print, struct bm_view bytes);
void bm_print_text(struct bm_print *print, const char *text);
void bm_print_number(struct bm_print *print, uint64_t number);
/* "1 document", "2 documents"; the plural is the word with an s, or with es after an x. */
void bm_print_count(struct bm_print *print, uint64_t number, const char *word);
/* Words of the input, escaped for terminals. */
void bm_print_escaped(struct bm_print *print, const char *text);
void bm_print_escaped_view(struct bm_print *print, struct bm_view text);

/* JSON: a string, NULL as null; a string; a string of base64. */
void bm_print_json_string(struct bm_print *print, const char *text);
void bm_print_json_view(struct bm_print *print, struct bm_view text);
void bm_print_base64(struct bm_print *print, struct bm_view bytes);

/* JSON: the member `name` of an object that has members before it; its value is to follow. */
void bm_print_member(struct bm_print *print, const char *name);
/* With a value; a text NULL, an offset BM_NO_OFFSET as null. */
void bm_print_member_number(struct bm_print *print, const char *name, uint64_t number);
void bm_print_member_text(struct bm_print *print, const char *name, const char *text);
void bm_print_member_truth(struct bm_print *print, const char *name, int truth);
void bm_print_member_offset(struct bm_print *print, const char *name, uint64_t offset);

/* Prints number `number` of what `owner` has. */
typedef void bm_print_item(struct bm_print *print, const void *owner, size_t number);
/* With an array of `count` items. */
void bm_print_member_list(struct bm_print *print, const char *name, size_t count,
                          bm_print_item *item, const void *owner);

#endif
