/* SPDX-License-Identifier: Apache-2.0 */
#include "report/differences.h"

#include "report/show.h"
#include "report/words.h"

/* ---- for people ---- */

static void print_place(struct bm_print *print, const struct bm_document_place *place)
{
    if (place->id.len > 0) {
        bm_print_text(print, "_id ");
        bm_show_value(print, place->id);
    } else {
        bm_print_text(print, "a document without _id");
    }
    bm_print_text(print, " at byte ");
    bm_print_number(print, place->offset);
}

static void print_ordinal(struct bm_print *print, const char *before,
                          const struct bm_document_place *place, const char *behind)
{
    bm_print_text(print, before);
    bm_print_number(print, place->ordinal);
    bm_print_text(print, behind);
    print_place(print, place);
}

static void print_documents(struct bm_print *print, const struct bm_difference *difference)
{
    switch (difference->kind) {
    case BM_DIFFERENCE_CHANGED:
        if (difference->before.known) {
            print_ordinal(print, "document ", &difference->before, " is not the same: BEFORE has ");
            print_ordinal(print, ", AFTER has document ", &difference->after, ", ");
        }
        return;
    case BM_DIFFERENCE_MISSING:
        print_ordinal(print, "document ", &difference->before, " is not in AFTER: ");
        return;
    case BM_DIFFERENCE_EXTRA:
        print_ordinal(print, "document ", &difference->after, " of AFTER is one too many: ");
        return;
    case BM_DIFFERENCE_MOVED:
        print_ordinal(print, "document ", &difference->before,
                      " stands behind the next one in AFTER: ");
        return;
    case BM_DIFFERENCE_NAMESPACE_MISSING:
        bm_print_text(print, "is not in AFTER");
        return;
    case BM_DIFFERENCE_NAMESPACE_EXTRA:
        bm_print_text(print, "is not in BEFORE");
        return;
    case BM_DIFFERENCE_METADATA:
    case BM_DIFFERENCE_REJECTS:
        return;
    }
}

static const char *proved(enum bm_proof proof)
{
    switch (proof) {
    case BM_PROOF_IDENTITY:
        return "AFTER holds what BEFORE holds";
    case BM_PROOF_LEDGER:
        return "AFTER is BEFORE and the changes of the ledger";
    case BM_PROOF_RULES:
        return "AFTER is BEFORE and the repairs of these rules";
    }
    return "";
}

/* What is as it should be is verified only if it restores. */
static const char *why_not(enum bm_outcome outcome)
{
    switch (outcome) {
    case BM_OUTCOME_VIOLATIONS:
        return ", but it would not restore as it is";
    case BM_OUTCOME_UNPROVED:
        return ", but not all of it could be judged";
    case BM_OUTCOME_DAMAGED:
        return ", but it is damaged";
    case BM_OUTCOME_CLEAN:
    case BM_OUTCOME_MENDED:
    case BM_OUTCOME_FAILED:
        break;
    }
    return "";
}

void bm_differences_print(struct bm_print *print, const struct bm_result *result)
{
    for (size_t i = 0; i < result->difference_count; i++) {
        const struct bm_difference *difference = &result->differences[i];
        bm_print_escaped(print, difference->ns);
        bm_print_text(print, "  ");
        print_documents(print, difference);
        if (difference->what != NULL) {
            bm_print_escaped(print, difference->what);
        }
        bm_print_text(print, "\n");
    }
    if (result->error.code != BM_ERROR_NONE) {
        return;
    }
    if (result->difference_count > 0) {
        bm_print_text(print, "not verified: ");
        bm_print_count(print, result->difference_count, "difference");
        bm_print_text(print, ", the first of each kind in a namespace\n");
        return;
    }
    const char *but = why_not(bm_result_outcome(result));
    bm_print_text(print, but[0] != '\0' ? "not verified: " : "verified: ");
    bm_print_text(print, proved(result->proof));
    bm_print_text(print, ", ");
    bm_print_count(print, result->output.documents, "document");
    bm_print_text(print, but);
    bm_print_text(print, "\n");
}

/* ---- for machines ---- */

void bm_json_differences_print(struct bm_print *print, const struct bm_result *result)
{
    if (result->command != BM_COMMAND_VERIFY) {
        return;
    }
    bm_print_member(print, "differences");
    bm_print_text(print, "[");
    for (size_t i = 0; i < result->difference_count; i++) {
        const struct bm_difference *difference = &result->differences[i];
        bm_print_text(print, i > 0 ? ", {\"ns\": " : "{\"ns\": ");
        bm_print_json_string(print, difference->ns);
        bm_print_member_text(print, "kind", bm_words_difference(difference->kind));
        bm_print_member(print, "before");
        bm_show_json_place(print, &difference->before);
        bm_print_member(print, "after");
        bm_show_json_place(print, &difference->after);
        bm_print_member_text(print, "what", difference->what);
        bm_print_text(print, "}");
        bm_print_flush(print);
    }
    bm_print_text(print, "]");
}
