/* SPDX-License-Identifier: Apache-2.0 */
#include "report/oplog_text.h"

/* "oplog  createIndexes of a.b, index x_1, at byte 815" */
static void print_index_command(struct bm_print *print, const struct bm_index_command *command)
{
    bm_print_text(print, "oplog  ");
    bm_print_escaped(print, command->command);
    bm_print_text(print, " of ");
    bm_print_escaped(print, command->ns);
    if (command->index != NULL) {
        bm_print_text(print, ", index ");
        bm_print_escaped(print, command->index);
    }
    bm_print_text(print, ", at byte ");
    bm_print_number(print, command->offset);
    bm_print_text(print, "\n");
}

static void print_index_commands(struct bm_print *print, const struct bm_result *result,
                                 const struct bm_text_options *options)
{
    size_t shown = result->index_command_count < options->groups ? result->index_command_count
                                                                 : options->groups;
    for (size_t i = 0; i < shown; i++) {
        print_index_command(print, &result->index_commands[i]);
    }
    if (result->index_command_total > shown) {
        bm_print_text(print, "oplog  … and ");
        bm_print_count(print, result->index_command_total - shown, "more such command");
        bm_print_text(print, "\n");
    }
    if (result->index_command_total > 0) {
        bm_print_text(print,
                      "  on restore: the replay changes unique indexes or their collections, "
                      "which is not judged\n");
    }
}

/* "oplog  u of a.b, timestamp 7:3, at byte 815: may empty token: it is taken out" */
static void print_finding(struct bm_print *print, const struct bm_oplog_finding *finding)
{
    bm_print_text(print, "oplog  ");
    bm_print_escaped(print, finding->operation[0] != '\0' ? finding->operation : "an operation");
    if (finding->ns[0] != '\0') {
        bm_print_text(print, " of ");
        bm_print_escaped(print, finding->ns);
    }
    bm_print_text(print, ", timestamp ");
    bm_print_number(print, finding->seconds);
    bm_print_text(print, ":");
    bm_print_number(print, finding->increment);
    bm_print_text(print, ", at byte ");
    bm_print_number(print, finding->offset);
    bm_print_text(print, ": may leave ");
    bm_print_escaped(print, finding->field != NULL ? finding->field : "a field");
    bm_print_text(print, " empty: ");
    bm_print_escaped(print, finding->reason);
    bm_print_text(print, "\n");
}

static void print_findings(struct bm_print *print, const struct bm_result *result,
                           const struct bm_text_options *options)
{
    size_t shown = result->oplog_finding_count < options->groups ? result->oplog_finding_count
                                                                 : options->groups;
    for (size_t i = 0; i < shown; i++) {
        print_finding(print, &result->oplog_findings[i]);
    }
    if (result->oplog_finding_total > shown) {
        bm_print_text(print, "oplog  … and ");
        bm_print_count(print, result->oplog_finding_total - shown, "more such operation");
        bm_print_text(print, "\n");
    }
    if (result->oplog_finding_total > 0) {
        bm_print_text(print,
                      "  on restore: the replay may bring back what the rules mend, which is "
                      "not proved\n");
    }
}

void bm_oplog_text_print(struct bm_print *print, const struct bm_result *result,
                         const struct bm_text_options *options)
{
    print_index_commands(print, result, options);
    print_findings(print, result, options);
}
