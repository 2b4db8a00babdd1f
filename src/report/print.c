/* SPDX-License-Identifier: Apache-2.0 */
#include "report/print.h"

#include <inttypes.h>
#include <string.h>

#include "doc/extjson.h"

#include "report/escape.h"

/* One document's values as JSON, escaped six times over, with room to spare. */
#define PRINT_LIMIT ((size_t)256 << 20)

void bm_print_start(struct bm_print *print, struct bm_writer *writer, enum bm_redaction redaction,
                    struct bm_error *err)
{
    *print = (struct bm_print){.buffer = BM_BUFFER_INIT(PRINT_LIMIT),
                               .writer = writer,
                               .redaction = redaction,
                               .status = BM_OK,
                               .err = err};
}

void bm_print_flush(struct bm_print *print)
{
    if (print->status == BM_OK && print->buffer.len > 0) {
        print->status = bm_writer_write(print->writer, bm_buffer_view(&print->buffer), print->err);
    }
    bm_buffer_clear(&print->buffer);
}

enum bm_status bm_print_end(struct bm_print *print)
{
    bm_print_flush(print);
    bm_buffer_free(&print->buffer);
    return print->status;
}

void bm_print_text(struct bm_print *print, const char *text)
{
    if (print->status == BM_OK) {
        print->status = bm_buffer_append_text(&print->buffer, text, print->err);
    }
}

void bm_print_bytes(struct bm_print *print, struct bm_view bytes)
{
    if (print->status == BM_OK) {
        print->status = bm_buffer_append(&print->buffer, bytes, print->err);
    }
}

void bm_print_number(struct bm_print *print, uint64_t number)
{
    if (print->status == BM_OK) {
        print->status = bm_buffer_printf(&print->buffer, print->err, "%" PRIu64, number);
    }
}

void bm_print_count(struct bm_print *print, uint64_t number, const char *word)
{
    bm_print_number(print, number);
    bm_print_text(print, " ");
    bm_print_text(print, word);
    if (number != 1) {
        bm_print_text(print, word[strlen(word) - 1] == 'x' ? "es" : "s");
    }
}

void bm_print_escaped_view(struct bm_print *print, struct bm_view text)
{
    for (size_t at = 0; at < text.len && print->status == BM_OK;) {
        char piece[BM_ESCAPE_PIECE];
        struct bm_view view = {.data = (const uint8_t *)piece};
        at += bm_escape_next(text, at, piece, &view.len);
        print->status = bm_buffer_append(&print->buffer, view, print->err);
    }
}

void bm_print_escaped(struct bm_print *print, const char *text)
{
    bm_print_escaped_view(print, bm_view_text(text));
}

void bm_print_json_view(struct bm_print *print, struct bm_view text)
{
    if (print->status == BM_OK) {
        print->status = bm_json_string(text, &print->buffer, print->err);
    }
}

void bm_print_json_string(struct bm_print *print, const char *text)
{
    if (text == NULL) {
        bm_print_text(print, "null");
        return;
    }
    bm_print_json_view(print, bm_view_text(text));
}

void bm_print_base64(struct bm_print *print, struct bm_view bytes)
{
    bm_print_text(print, "\"");
    if (print->status == BM_OK) {
        print->status = bm_base64(bytes, &print->buffer, print->err);
    }
    bm_print_text(print, "\"");
}

void bm_print_member(struct bm_print *print, const char *name)
{
    bm_print_text(print, ", \"");
    bm_print_text(print, name);
    bm_print_text(print, "\": ");
}

void bm_print_member_number(struct bm_print *print, const char *name, uint64_t number)
{
    bm_print_member(print, name);
    bm_print_number(print, number);
}

void bm_print_member_text(struct bm_print *print, const char *name, const char *text)
{
    bm_print_member(print, name);
    bm_print_json_string(print, text);
}

void bm_print_member_truth(struct bm_print *print, const char *name, int truth)
{
    bm_print_member(print, name);
    bm_print_text(print, truth ? "true" : "false");
}

void bm_print_member_offset(struct bm_print *print, const char *name, uint64_t offset)
{
    bm_print_member(print, name);
    if (offset == BM_NO_OFFSET) {
        bm_print_text(print, "null");
    } else {
        bm_print_number(print, offset);
    }
}

void bm_print_member_list(struct bm_print *print, const char *name, size_t count,
                          bm_print_item *item, const void *owner)
{
    bm_print_member(print, name);
    bm_print_text(print, "[");
    for (size_t i = 0; i < count; i++) {
        bm_print_text(print, i > 0 ? ", " : "");
        item(print, owner, i);
    }
    bm_print_text(print, "]");
}
