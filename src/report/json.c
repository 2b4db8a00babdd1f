/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/report.h"

#include <string.h>

#include "bsonmend/version.h"

#include "report/words.h"
#include "report/show.h"

/* The member `name` of an object that has members before it. */
static void member(struct bm_print *print, const char *name)
{
    bm_print_text(print, ", \"");
    bm_print_text(print, name);
    bm_print_text(print, "\": ");
}

static void member_number(struct bm_print *print, const char *name, uint64_t number)
{
    member(print, name);
    bm_print_number(print, number);
}

static void member_text(struct bm_print *print, const char *name, const char *text)
{
    member(print, name);
    bm_print_json_string(print, text);
}

static void member_truth(struct bm_print *print, const char *name, int truth)
{
    member(print, name);
    bm_print_text(print, truth ? "true" : "false");
}

static void member_offset(struct bm_print *print, const char *name, uint64_t offset)
{
    member(print, name);
    if (offset == BM_NO_OFFSET) {
        bm_print_text(print, "null");
    } else {
        bm_print_number(print, offset);
    }
}

static void print_stream(struct bm_print *print, const struct bm_stream_result *stream)
{
    if (stream->path == NULL) {
        bm_print_text(print, "null");
        return;
    }
    bm_print_text(print, "{\"path\": ");
    bm_print_json_string(print, stream->path);
    member_text(print, "container", bm_container_name(stream->container));
    member_text(print, "codec", bm_codec_name(stream->codec));
    member_number(print, "documents", stream->documents);
    member_number(print, "bytes", stream->bytes);
    bm_print_text(print, "}");
}

static void print_index(struct bm_print *print, const struct bm_index_result *index)
{
    bm_print_text(print, "{\"name\": ");
    bm_print_json_string(print, index->name);
    member(print, "key");
    bm_show_json_plain(print, index->key);
    member_truth(print, "unique", index->unique);
    member_truth(print, "judged", index->judged);
    member_text(print, "reason", index->reason);
    member_number(print, "keys", index->keys);
    member_number(print, "groups", index->groups);
    member_number(print, "violations", index->violations);
    member_number(print, "unindexable", index->unindexable);
    member_text(print, "action", "keep");
    bm_print_text(print, "}");
}

static void print_filled(struct bm_print *print, const struct bm_namespace_result *ns)
{
    bm_print_text(print, ", \"filled\": {\"missing\": ");
    bm_print_number(print, ns->filled_missing);
    member_number(print, "null", ns->filled_null);
    member_number(print, "undefined", ns->filled_undefined);
    member_number(print, "blank", ns->filled_blank);
    bm_print_text(print, "}");
}

static void print_namespace(struct bm_print *print, const struct bm_namespace_result *ns)
{
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, ns->ns);
    member_text(print, "kind", bm_words_kind(ns->kind));
    member_number(print, "documents", ns->documents);
    member_number(print, "bytes", ns->bytes);
    member_truth(print, "judged", ns->judged);
    member_text(print, "reason", ns->reason);
    print_filled(print, ns);
    member_number(print, "refilled", 0);
    member_number(print, "unset", 0);
    member_number(print, "rejected", 0);
    member_number(print, "touched", ns->touched);
    member(print, "indexes");
    bm_print_text(print, "[");
    for (size_t i = 0; i < ns->index_count; i++) {
        bm_print_text(print, i > 0 ? ", " : "");
        print_index(print, &ns->indexes[i]);
    }
    bm_print_text(print, "]}");
}

static void print_place(struct bm_print *print, const struct bm_document_place *place)
{
    if (!place->known) {
        bm_print_text(print, "null");
        return;
    }
    bm_print_text(print, "{\"_id\": ");
    bm_show_json_value(print, place->id);
    member_number(print, "offset", place->offset);
    member_number(print, "ordinal", place->ordinal);
    bm_print_text(print, "}");
}

static void print_violation(struct bm_print *print, const struct bm_violation *violation)
{
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, violation->ns);
    member(print, "index");
    bm_print_json_string(print, violation->index[0] != '\0' ? violation->index : NULL);
    member_text(print, "kind", bm_words_violation(violation->kind));
    member(print, "key");
    bm_show_json_key(print, violation->key);
    member_number(print, "count", violation->count);
    member(print, "e11000");
    bm_show_json_e11000(print, violation);
    member_text(print, "reason", violation->reason);
    member(print, "documents");
    bm_print_text(print, "[");
    for (size_t i = 0; i < violation->document_count; i++) {
        bm_print_text(print, i > 0 ? ", " : "");
        print_place(print, &violation->documents[i]);
    }
    bm_print_text(print, "]}");
}

static void print_damage(struct bm_print *print, const struct bm_damage *damage)
{
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, damage->ns);
    member_offset(print, "offset", damage->offset);
    member_text(print, "what", damage->what);
    bm_print_text(print, "}");
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
    member_text(print, "file", text_or_null(error->file));
    member_text(print, "ns", text_or_null(error->ns));
    member_offset(print, "offset", error->offset);
    member_text(print, "_id", hide_id ? "<redacted>" : text_or_null(error->id));
    member_text(print, "text", error->text);
    member(print, "system");
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
    member_number(print, "seconds", hundredths / 100);
    bm_print_text(print, ".");
    bm_print_text(print, text);
}

static void print_head(struct bm_print *print, const struct bm_result *result)
{
    bm_print_text(print, "{\"bsonmend\": \"" BSONMEND_VERSION "\", \"schema\": 1");
    member_text(print, "command", bm_words_command(result->command));
    member_text(print, "result", bm_outcome_name(bm_result_outcome(result)));
    member_number(print, "exit", (uint64_t)bm_result_exit(result));
    member(print, "input");
    print_stream(print, &result->input);
    member(print, "output");
    print_stream(print, &result->output);
    member_text(print, "serverVersion", text_or_null(result->server_version));
    member_truth(print, "beforeReplay", result->before_replay);
    member_number(print, "passes", result->passes);
    print_seconds(print, result->seconds);
    member_number(print, "peakMemoryBytes", result->peak_memory);
}

enum bm_status bm_report_json(const struct bm_result *result, enum bm_redaction redaction,
                              struct bm_writer *out, struct bm_error *err)
{
    struct bm_print print;
    bm_print_start(&print, out, redaction, err);
    print_head(&print, result);
    member(&print, "namespaces");
    bm_print_text(&print, "[");
    for (size_t i = 0; i < result->namespace_count; i++) {
        bm_print_text(&print, i > 0 ? ", " : "");
        print_namespace(&print, &result->namespaces[i]);
        bm_print_flush(&print);
    }
    bm_print_text(&print, "], \"violations\": [");
    for (size_t i = 0; i < result->violation_count; i++) {
        bm_print_text(&print, i > 0 ? ", " : "");
        print_violation(&print, &result->violations[i]);
        bm_print_flush(&print);
    }
    bm_print_text(&print, "], \"damage\": [");
    for (size_t i = 0; i < result->damage_count; i++) {
        bm_print_text(&print, i > 0 ? ", " : "");
        print_damage(&print, &result->damage[i]);
    }
    bm_print_text(&print, "], \"notes\": [");
    for (size_t i = 0; i < result->note_count; i++) {
        bm_print_text(&print, i > 0 ? ", " : "");
        bm_print_json_string(&print, result->notes[i]);
    }
    bm_print_text(&print, "], \"error\": ");
    print_error(&print, &result->error);
    bm_print_text(&print, "}\n");
    return bm_print_end(&print);
}
