/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/report.h"

#include <stdlib.h>

#include "base/memory.h"

#include "report/show.h"

struct bm_ledger {
    struct bm_writer *writer;
    struct bm_print print; /* its buffer is kept from line to line */
};

struct bm_ledger *bm_ledger_new(struct bm_writer *writer, struct bm_error *err)
{
    struct bm_ledger *ledger = bm_allocate(1, sizeof *ledger, err);
    if (ledger == NULL) {
        return NULL;
    }
    ledger->writer = writer;
    /* A ledger that hid values could not lead back. */
    bm_print_start(&ledger->print, writer, BM_SHOW_VALUES, err);
    return ledger;
}

static const char *action_name(enum bm_action action)
{
    switch (action) {
    case BM_ACTION_FILL:
        return "fill";
    case BM_ACTION_REFILL:
        return "refill";
    case BM_ACTION_UNSET:
        return "unset";
    case BM_ACTION_REJECT:
        return "reject";
    case BM_ACTION_METADATA:
        return "metadata";
    }
    return "";
}

static void print_element(struct bm_print *print, const char *name, struct bm_view raw)
{
    if (raw.len > 0) {
        bm_print_text(print, name);
        bm_print_base64(print, raw);
    }
}

/* Whole texts: in a legacy or a canonical file one entry cannot be told from the next by a place.
 */
static void print_metadata(struct bm_print *print, const struct bm_change *change)
{
    bm_print_text(print, ", \"action\": \"metadata\", \"old\": ");
    bm_print_json_view(print, change->before);
    bm_print_text(print, ", \"new\": ");
    bm_print_json_view(print, change->after);
    bm_print_text(print, "}\n");
    bm_print_flush(print);
}

enum bm_status bm_ledger_change(struct bm_ledger *ledger, const struct bm_change *change,
                                struct bm_error *err)
{
    struct bm_print *print = &ledger->print;
    print->err = err;
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, change->ns->ns);
    if (change->action == BM_ACTION_METADATA) {
        print_metadata(print, change);
        return print->status;
    }
    bm_print_text(print, ", \"_id\": ");
    bm_show_json_clear(print, change->id);
    bm_print_text(print, ", \"ordinal\": ");
    bm_print_number(print, change->ordinal);
    bm_print_text(print, ", \"offset\": ");
    bm_print_number(print, change->offset);
    bm_print_text(print, ", \"action\": \"");
    bm_print_text(print, action_name(change->action));
    bm_print_text(print, "\"");
    if (change->path != NULL) {
        bm_print_text(print, ", \"path\": ");
        bm_print_json_string(print, change->path);
        bm_print_text(print, ", \"at\": ");
        bm_print_number(print, change->at);
    }
    print_element(print, ", \"old\": ", change->before);
    print_element(print, ", \"new\": ", change->after);
    bm_print_text(print, ", \"index\": ");
    bm_print_json_string(print, change->index);
    bm_print_text(print, ", \"reason\": ");
    bm_print_json_string(print, change->reason);
    bm_print_text(print, "}\n");
    bm_print_flush(print);
    return print->status;
}

enum bm_status bm_ledger_finish(struct bm_ledger *ledger, struct bm_error *err)
{
    if (ledger->print.status != BM_OK) {
        return bm_fail(err, BM_ERROR_IO, 0, "the ledger lacks a line");
    }
    return bm_writer_finish(ledger->writer, err);
}

void bm_ledger_free(struct bm_ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    bm_buffer_free(&ledger->print.buffer);
    bm_writer_free(ledger->writer);
    free(ledger);
}
