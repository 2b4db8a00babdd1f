/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include <string.h>

#include "report/differences.h"
#include "report/show.h"

/* What the verdict rests on. */
struct judged {
    uint64_t indexes, namespaces, documents;
    uint64_t left_out; /* unique indexes and namespaces that could not be judged */
};

static struct judged count_judged(const struct bm_result *result)
{
    struct judged sum = {0};
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        uint64_t indexes = 0;
        for (size_t j = 0; j < ns->index_count; j++) {
            const struct bm_index_result *index = &ns->indexes[j];
            indexes += index->unique && index->judged;
            sum.left_out += !index->judged && index->reason != NULL;
        }
        sum.left_out += ns->reason != NULL;
        if (indexes > 0) {
            sum.indexes += indexes;
            sum.namespaces++;
            sum.documents += ns->documents;
        }
    }
    return sum;
}

static void print_judged(struct bm_print *print, const struct bm_result *result)
{
    struct judged sum = count_judged(result);
    bm_print_text(print, "judged ");
    bm_print_count(print, sum.indexes, "unique index");
    bm_print_text(print, " in ");
    bm_print_count(print, sum.namespaces, "namespace");
    bm_print_text(print, ", ");
    bm_print_count(print, sum.documents, "document");
    if (sum.left_out > 0) {
        bm_print_text(print, "; ");
        bm_print_number(print, sum.left_out);
        bm_print_text(print, " not judged");
    }
    bm_print_text(print, result->before_replay ? "; before the replay of the oplog\n" : "\n");
}

/* What was done to a namespace's fields, one line for each kind of change. */
static void print_changes(struct bm_print *print, const struct bm_namespace_result *ns, int is_done)
{
    const struct {
        const struct bm_empties *fields;
        const char *done, *planned;
    } changes[] = {
        {&ns->filled, "  filled ", "  would fill "},
        {&ns->unset, "  unset ", "  would unset "},
    };
    /* The documents are counted once, whatever was done to them. */
    int is_alone = (bm_empties_total(&ns->filled) == 0 || bm_empties_total(&ns->unset) == 0) &&
                   ns->refilled == 0;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint64_t fields = bm_empties_total(changes[i].fields);
        if (fields == 0) {
            continue;
        }
        bm_print_escaped(print, ns->ns);
        bm_print_text(print, is_done ? changes[i].done : changes[i].planned);
        bm_print_count(print, fields, "field");
        if (is_alone) {
            bm_print_text(print, " in ");
            bm_print_count(print, ns->touched, "document");
        }
        bm_empties_print(print, changes[i].fields);
        bm_print_text(print, "\n");
    }
    if (ns->refilled > 0) {
        bm_print_escaped(print, ns->ns);
        bm_print_text(print, is_done ? "  refilled " : "  would refill ");
        bm_print_count(print, ns->refilled, "field");
        if (ns->replaced > 0) {
            bm_print_text(print, ", ");
            bm_print_number(print, ns->replaced);
            bm_print_text(print, " of which held a value: nobody who has it finds it any more");
        }
        bm_print_text(print, "\n");
    }
    if (ns->rejected > 0) {
        bm_print_escaped(print, ns->ns);
        bm_print_text(print, is_done ? "  took out " : "  would take out ");
        bm_print_count(print, ns->rejected, "document");
        bm_print_text(print, "\n");
    }
}

static void print_side(struct bm_print *print, struct bm_view raw)
{
    if (raw.len == 0) {
        bm_print_text(print, "missing");
    } else {
        bm_show_value(print, raw);
    }
}

static void print_sample(struct bm_print *print, const struct bm_sample *sample)
{
    bm_print_text(print, "  ");
    bm_print_escaped(print, sample->ns);
    bm_print_text(print, " ");
    bm_print_escaped(print, sample->field);
    bm_print_text(print, "  ");
    if (sample->id.len > 0) {
        bm_print_text(print, "_id ");
        bm_show_value(print, sample->id);
    } else {
        bm_print_text(print, "a document");
    }
    bm_print_text(print, ": ");
    print_side(print, sample->before);
    bm_print_text(print, " -> ");
    print_side(print, sample->after);
    bm_print_text(print, "\n");
}

/* A failure that ended the run has a line of its own, which says why. */
static const char *why_no_output(const struct bm_result *result)
{
    if (result->dry_run) {
        return ": a dry run";
    }
    switch (bm_result_outcome(result)) {
    case BM_OUTCOME_VIOLATIONS:
        return result->error.code == BM_ERROR_NONE ? ": no rule covers what was found" : "";
    case BM_OUTCOME_DAMAGED:
        return ": the input is damaged";
    case BM_OUTCOME_CLEAN:
    case BM_OUTCOME_MENDED:
    case BM_OUTCOME_UNPROVED:
    case BM_OUTCOME_FAILED:
        break;
    }
    return "";
}

static void print_no_output(struct bm_print *print, const struct bm_result *result)
{
    bm_print_text(print, "no output was made");
    bm_print_text(print, why_no_output(result));
    if (result->output_spoiled) {
        bm_print_text(print, "; what went to standard output before that is spoiled and no dump");
    }
    bm_print_text(print, "\n");
}

static void print_output(struct bm_print *print, const struct bm_result *result)
{
    const struct bm_stream_result *output = &result->output;
    if (output->path == NULL) {
        print_no_output(print, result);
        return;
    }
    bm_print_text(print, "wrote ");
    bm_print_escaped(print, strcmp(output->path, "-") == 0 ? "standard output" : output->path);
    bm_print_text(print, ": ");
    bm_print_text(print, bm_container_name(output->container));
    bm_print_text(print, ", codec ");
    bm_print_text(print, bm_codec_name(output->codec));
    bm_print_text(print, ", ");
    bm_print_count(print, output->documents, "document");
    bm_print_text(print, ", ");
    bm_print_count(print, output->bytes, "byte");
    bm_print_text(print, "\n");
}

enum bm_status bm_report_text(const struct bm_result *result, const struct bm_text_options *options,
                              struct bm_writer *out, struct bm_error *err)
{
    struct bm_print print;
    bm_print_start(&print, out, options->redaction, err);
    if (result->command == BM_COMMAND_LIST) {
        bm_listing_print(&print, result);
        return bm_print_end(&print);
    }
    bm_sections_print(&print, result, options);
    if (result->command == BM_COMMAND_FIX) {
        for (size_t i = 0; i < result->namespace_count; i++) {
            print_changes(&print, &result->namespaces[i], result->output.path != NULL);
        }
        for (size_t i = 0; i < result->sample_count; i++) {
            print_sample(&print, &result->samples[i]);
        }
    }
    if (result->command == BM_COMMAND_VERIFY) {
        bm_differences_print(&print, result);
    }
    /* A run that broke off judged only a part of what it would have to count here. */
    if (result->error.code == BM_ERROR_NONE) {
        print_judged(&print, result);
    }
    if (result->command == BM_COMMAND_FIX && result->error.code != BM_ERROR_USAGE) {
        print_output(&print, result);
    }
    return bm_print_end(&print);
}

enum bm_status bm_report_notes(const struct bm_result *result, const char *prefix,
                               struct bm_writer *out, struct bm_error *err)
{
    struct bm_print print;
    bm_print_start(&print, out, BM_SHOW_VALUES, err);
    for (size_t i = 0; i < result->note_count; i++) {
        bm_print_text(&print, prefix);
        bm_print_escaped(&print, result->notes[i]);
        bm_print_text(&print, "\n");
    }
    return bm_print_end(&print);
}
