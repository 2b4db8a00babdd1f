/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/report.h"

#include <string.h>

#include "bsonmend/version.h"

#include "report/differences.h"
#include "report/json_restore.h"
#include "report/show.h"
#include "report/text.h"
#include "report/words.h"

static void print_stream(struct bm_print *print, const struct bm_stream_result *stream)
{
    if (stream->path == NULL) {
        bm_print_text(print, "null");
        return;
    }
    bm_print_text(print, "{\"path\": ");
    bm_print_json_string(print, stream->path);
    bm_print_member_text(print, "container", bm_container_name(stream->container));
    bm_print_member_text(print, "codec", bm_codec_name(stream->codec));
    bm_print_member_number(print, "documents", stream->documents);
    bm_print_member_number(print, "bytes", stream->bytes);
    bm_print_text(print, "}");
}

static void print_index(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_index_result *index =
        &((const struct bm_namespace_result *)owner)->indexes[number];
    bm_print_text(print, "{\"name\": ");
    bm_print_json_string(print, index->name);
    bm_print_member(print, "key");
    bm_show_json_plain(print, index->key);
    bm_print_member_truth(print, "unique", index->unique);
    bm_print_member_truth(print, "judged", index->judged);
    bm_print_member_text(print, "reason", index->reason);
    bm_print_member_number(print, "keys", index->keys);
    bm_print_member_number(print, "groups", index->groups);
    bm_print_member_number(print, "violations", index->violations);
    bm_print_member_number(print, "unindexable", index->unindexable);
    bm_print_member_text(print, "action", bm_index_action_name(index->action));
    bm_print_text(print, "}");
}

static void print_filled(struct bm_print *print, const struct bm_namespace_result *ns)
{
    bm_print_text(print, ", \"filled\": {\"missing\": ");
    bm_print_number(print, ns->filled.missing);
    bm_print_member_number(print, "null", ns->filled.null);
    bm_print_member_number(print, "undefined", ns->filled.undefined);
    bm_print_member_number(print, "blank", ns->filled.blank);
    bm_print_text(print, "}");
}

static void print_namespace(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_namespace_result *ns = &((const struct bm_result *)owner)->namespaces[number];
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, ns->ns);
    bm_print_member_text(print, "kind", bm_words_kind(ns->kind));
    bm_print_member_number(print, "documents", ns->documents);
    bm_print_member_number(print, "bytes", ns->bytes);
    bm_print_member_truth(print, "judged", ns->judged);
    bm_print_member_text(print, "reason", ns->reason);
    print_filled(print, ns);
    bm_print_member_number(print, "refilled", ns->refilled);
    bm_print_member_number(print, "unset", bm_empties_total(&ns->unset));
    bm_print_member_number(print, "rejected", ns->rejected);
    bm_print_member_number(print, "touched", ns->touched);
    bm_print_member_list(print, "indexes", ns->index_count, print_index, ns);
    bm_print_text(print, "}");
    bm_print_flush(print);
}

static void print_document(struct bm_print *print, const void *owner, size_t number)
{
    bm_show_json_place(print, &((const struct bm_violation *)owner)->documents[number]);
}

static void print_violation(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_violation *violation = &((const struct bm_result *)owner)->violations[number];
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, violation->ns);
    bm_print_member(print, "index");
    bm_print_json_string(print, violation->index[0] != '\0' ? violation->index : NULL);
    bm_print_member_text(print, "kind", bm_words_violation(violation->kind));
    bm_print_member(print, "key");
    bm_show_json_key(print, violation->key);
    bm_print_member_number(print, "count", violation->count);
    bm_print_member(print, "e11000");
    bm_show_json_e11000(print, violation);
    bm_print_member_text(print, "reason", violation->reason);
    if (violation->kind == BM_VIOLATION_DUPLICATE && violation->e11000 == NULL) {
        bm_print_member_text(print, "documents", NULL); /* only their number is known */
    } else {
        bm_print_member_list(print, "documents", violation->document_count, print_document,
                             violation);
    }
    bm_print_text(print, "}");
    bm_print_flush(print);
}

static void print_damage(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_damage *damage = &((const struct bm_result *)owner)->damage[number];
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, damage->ns);
    bm_print_member_offset(print, "offset", damage->offset);
    bm_print_member_text(print, "what", damage->what);
    bm_print_text(print, "}");
}

static void print_note(struct bm_print *print, const void *owner, size_t number)
{
    bm_print_json_string(print, ((const struct bm_result *)owner)->notes[number]);
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void print_error(struct bm_print *print, const struct bm_error *error)
{
    if (error->code == BM_ERROR_NONE) {
        bm_print_text(print, "null");
        return;
    }
    int hide_id = print->redaction == BM_REDACT_VALUES && error->id[0] != '\0';
    bm_print_text(print, "{\"code\": ");
    bm_print_json_string(print, bm_words_error(error->code));
    bm_print_member_text(print, "file", text_or_null(error->file));
    bm_print_member_text(print, "ns", text_or_null(error->ns));
    bm_print_member_offset(print, "offset", error->offset);
    bm_print_member_text(print, "_id", hide_id ? "<redacted>" : text_or_null(error->id));
    bm_print_member_text(print, "text", error->text);
    bm_print_member(print, "system");
    char reason[256] = "";
    int known = error->sys_errno != 0 && strerror_r(error->sys_errno, reason, sizeof reason) == 0;
    bm_print_json_string(print, known ? reason : NULL);
    bm_print_text(print, "}");
}

/* Hundredths, cut, with a point whatever the locale. */
static void print_seconds(struct bm_print *print, double seconds)
{
    uint64_t hundredths = seconds > 0 && seconds < 1e15 ? (uint64_t)(seconds * 100) : 0;
    char text[3] = {(char)('0' + hundredths / 10 % 10), (char)('0' + hundredths % 10), '\0'};
    bm_print_member_number(print, "seconds", hundredths / 100);
    bm_print_text(print, ".");
    bm_print_text(print, text);
}

static void print_head(struct bm_print *print, const struct bm_result *result)
{
    bm_print_text(print, "{\"bsonmend\": \"" BSONMEND_VERSION "\", \"schema\": 1");
    bm_print_member_text(print, "command", bm_words_command(result->command));
    bm_print_member_text(print, "result", bm_outcome_name(bm_result_outcome(result)));
    bm_print_member_number(print, "exit", (uint64_t)bm_result_exit(result));
    bm_print_member(print, "input");
    print_stream(print, &result->input);
    bm_print_member(print, "output");
    print_stream(print, &result->output);
    bm_print_member_text(print, "serverVersion", text_or_null(result->server_version));
    bm_print_member_truth(print, "beforeReplay", result->before_replay);
    bm_print_member_number(print, "passes", result->passes);
    print_seconds(print, result->seconds);
    bm_print_member_number(print, "peakMemoryBytes", result->peak_memory);
}

enum bm_status bm_report_json(const struct bm_result *result, enum bm_redaction redaction,
                              struct bm_writer *out, struct bm_error *err)
{
    struct bm_print print;
    bm_print_start(&print, out, redaction, err);
    print_head(&print, result);
    bm_print_member_list(&print, "namespaces", result->namespace_count, print_namespace, result);
    bm_json_forecast_print(&print, result);
    bm_json_oplog_print(&print, result);
    bm_print_member_list(&print, "violations", result->violation_count, print_violation, result);
    bm_json_differences_print(&print, result);
    bm_print_member_list(&print, "damage", result->damage_count, print_damage, result);
    bm_print_member_list(&print, "notes", result->note_count, print_note, result);
    bm_print_member(&print, "error");
    print_error(&print, &result->error);
    bm_print_text(&print, "}\n");
    return bm_print_end(&print);
}
