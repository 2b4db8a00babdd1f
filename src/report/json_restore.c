/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_restore.h"

#include "report/forecast.h"

static const char *end_word(enum bm_restore_end end)
{
    switch (end) {
    case BM_RESTORE_UNKNOWN:
        return "unknown";
    case BM_RESTORE_COMPLETE:
        return "complete";
    case BM_RESTORE_INDEX_FAILS:
        return "indexFails";
    case BM_RESTORE_LOAD_STOPS:
        return "loadStops";
    case BM_RESTORE_NOT_STARTED:
        return "notStarted";
    }
    return "unknown";
}

/* The secondary indexes of a namespace, or none of them. */
static void print_names(struct bm_print *print, const char *name,
                        const struct bm_namespace_result *ns, int all)
{
    const char *before = "";
    bm_print_member(print, name);
    bm_print_text(print, "[");
    for (size_t i = 0; all && i < ns->index_count; i++) {
        if (bm_forecast_is_secondary(ns, i)) {
            bm_print_text(print, before);
            bm_print_json_string(print, ns->indexes[i].name);
            before = ", ";
        }
    }
    bm_print_text(print, "]");
}

static void print_namespaces(struct bm_print *print, const struct bm_result *result,
                             const struct bm_forecast *forecast)
{
    const char *before = "";
    bm_print_member(print, "namespaces");
    bm_print_text(print, "[");
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        enum bm_fate fate = bm_forecast_fate(forecast, result, ns);
        uint64_t dropped = bm_forecast_dropped(ns);
        uint64_t refused = bm_forecast_refused(result, ns);
        if (fate == BM_FATE_BUILT && dropped == 0 && refused == 0) {
            continue;
        }
        bm_print_text(print, before);
        bm_print_text(print, "{\"ns\": ");
        bm_print_json_string(print, ns->ns);
        print_names(print, "lostIndexes", ns, fate == BM_FATE_LOST);
        print_names(print, "unsureIndexes", ns, fate == BM_FATE_UNSURE);
        bm_print_member_number(print, "idDuplicatesDropped", dropped);
        bm_print_member_number(print, "validatorRefusalsDropped", refused);
        bm_print_text(print, "}");
        bm_print_flush(print);
        before = ", ";
    }
    bm_print_text(print, "]");
}

void bm_json_forecast_print(struct bm_print *print, const struct bm_result *result)
{
    bm_print_member(print, "forecast");
    if (result->command == BM_COMMAND_LIST) {
        bm_print_text(print, "null");
        return;
    }
    struct bm_forecast forecast = bm_forecast_make(result);
    bm_print_text(print, "{\"exit\": ");
    if (forecast.exit == BM_EXIT_UNKNOWN) {
        bm_print_text(print, "null");
    } else {
        bm_print_number(print, (uint64_t)forecast.exit);
    }
    bm_print_member_text(print, "end", end_word(forecast.end));
    bm_print_member_text(print, "reason", forecast.reason);
    bm_print_member_truth(print, "beforeReplay", result->before_replay);
    print_namespaces(print, result, &forecast);
    bm_print_text(print, "}");
}

/* What of the oplog: {"ns", "offset", "timestamp" … */
static void print_place(struct bm_print *print, const char *ns, uint64_t offset, uint32_t seconds,
                        uint32_t increment)
{
    bm_print_text(print, "{\"ns\": ");
    bm_print_json_string(print, ns);
    bm_print_member_offset(print, "offset", offset);
    bm_print_member(print, "timestamp");
    bm_print_text(print, "{\"$timestamp\": {\"t\": ");
    bm_print_number(print, seconds);
    bm_print_member_number(print, "i", increment);
    bm_print_text(print, "}}");
}

static void print_command(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_index_command *command =
        &((const struct bm_result *)owner)->index_commands[number];
    print_place(print, command->ns, command->offset, command->seconds, command->increment);
    bm_print_member_text(print, "command", command->command);
    bm_print_member_text(print, "index", command->index);
    bm_print_text(print, "}");
    bm_print_flush(print);
}

static void print_finding(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_oplog_finding *finding =
        &((const struct bm_result *)owner)->oplog_findings[number];
    print_place(print, finding->ns, finding->offset, finding->seconds, finding->increment);
    bm_print_member_text(print, "kind", "oplog");
    bm_print_member_text(print, "op", finding->operation);
    bm_print_member_text(print, "field", finding->field);
    bm_print_member_text(print, "reason", finding->reason);
    bm_print_text(print, "}");
    bm_print_flush(print);
}

void bm_json_oplog_print(struct bm_print *print, const struct bm_result *result)
{
    bm_print_member(print, "oplog");
    if (!result->before_replay) {
        bm_print_text(print, "null");
        return;
    }
    bm_print_text(print, "{\"ignored\": ");
    bm_print_text(print, result->oplog_ignored ? "true" : "false");
    bm_print_member_number(print, "indexCommandCount", result->index_command_total);
    bm_print_member_list(print, "indexCommands", result->index_command_count, print_command,
                         result);
    bm_print_member_number(print, "mendedCount", result->oplog_mended);
    bm_print_member_number(print, "findingCount", result->oplog_finding_total);
    bm_print_member_list(print, "findings", result->oplog_finding_count, print_finding, result);
    bm_print_text(print, "}");
}
