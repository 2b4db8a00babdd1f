/* SPDX-License-Identifier: Apache-2.0 */
#include "report/oplog_text.h"

/* "oplog  createIndexes of a.b, index x_1, at byte 815" */
static void print_index_command(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_index_command *command =
        &((const struct bm_result *)owner)->index_commands[number];
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

/* "oplog  u of a.b, timestamp 7:3, at byte 815: may empty token: it is taken out" */
static void print_finding(struct bm_print *print, const void *owner, size_t number)
{
    const struct bm_oplog_finding *finding =
        &((const struct bm_result *)owner)->oplog_findings[number];
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

/* A kind of line about the oplog: of `total`, `count` are known. */
struct lines {
    bm_print_item *item;
    size_t count;
    uint64_t total;
    const char *word;        /* of those that are not shown */
    const char *consequence; /* of any */
};

static void print_lines(struct bm_print *print, const struct bm_result *result,
                        const struct lines *lines, size_t most)
{
    size_t shown = lines->count < most ? lines->count : most;
    for (size_t i = 0; i < shown; i++) {
        lines->item(print, result, i);
    }
    if (lines->total > shown) {
        bm_print_text(print, "oplog  … and ");
        bm_print_count(print, lines->total - shown, lines->word);
        bm_print_text(print, "\n");
    }
    if (lines->total > 0) {
        bm_print_text(print, "  on restore: ");
        bm_print_text(print, lines->consequence);
        bm_print_text(print, "\n");
    }
}

void bm_oplog_text_print(struct bm_print *print, const struct bm_result *result,
                         const struct bm_text_options *options)
{
    const struct lines commands = {
        .item = print_index_command,
        .count = result->index_command_count,
        .total = result->index_command_total,
        .word = "more such command",
        .consequence =
            "the replay changes unique indexes or their collections, which is not judged",
    };
    const struct lines findings = {
        .item = print_finding,
        .count = result->oplog_finding_count,
        .total = result->oplog_finding_total,
        .word = "more such operation",
        .consequence = "the replay may bring back what the rules mend, which is not proved",
    };
    print_lines(print, result, &commands, options->groups);
    print_lines(print, result, &findings, options->groups);
}
