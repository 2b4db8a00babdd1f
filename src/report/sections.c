/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include <string.h>

#include "base/utf8.h"
#include "report/forecast.h"
#include "report/oplog_text.h"
#include "report/show.h"

/* One index's findings, or those of a namespace that belong to no index. */
struct section {
    const struct bm_result *result;
    const struct bm_text_options *options;
    struct bm_forecast forecast;
    const char *ns;
    const char *index;
    size_t mend_total;     /* pieces of advice in the whole result */
    const char *hindrance; /* why no command mends all, NULL */
    uint64_t secondary;    /* indexes of the namespace, beside that of _id */
};

static int is_in(const struct section *section, const struct bm_violation *violation)
{
    return strcmp(violation->ns, section->ns) == 0 && strcmp(violation->index, section->index) == 0;
}

uint64_t bm_empties_total(const struct bm_empties *empties)
{
    return empties->missing + empties->null + empties->undefined + empties->blank;
}

void bm_empties_print(struct bm_print *print, const struct bm_empties *empties)
{
    const struct {
        uint64_t count;
        const char *name;
    } kinds[] = {
        {empties->missing, " missing"},
        {empties->null, " null"},
        {empties->undefined, " undefined"},
        {empties->blank, " blank"},
    };
    const char *before = ": ";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count > 0) {
            bm_print_text(print, before);
            bm_print_number(print, kinds[i].count);
            bm_print_text(print, kinds[i].name);
            before = ", ";
        }
    }
}

static void print_place(struct bm_print *print, const struct bm_document_place *place)
{
    if (!place->known) {
        bm_print_text(print, "an earlier document");
        return;
    }
    /* Without an _id, or with one too long to keep. */
    bm_print_text(print, place->id.len > 0 ? "_id " : "a document");
    if (place->id.len > 0) {
        bm_show_value(print, place->id);
    }
    bm_print_text(print, " at byte ");
    bm_print_number(print, place->offset);
}

/* "; first _id A at byte 0, next _id B at byte 9, _id C at byte 18 and 7 more" */
static void print_places(struct bm_print *print, const struct bm_violation *violation, size_t limit)
{
    size_t shown = violation->document_count < limit ? violation->document_count : limit;
    for (size_t i = 0; i < shown; i++) {
        static const char *const before[] = {"; first ", ", next "};
        bm_print_text(print, i < 2 ? before[i] : ", ");
        print_place(print, &violation->documents[i]);
    }
    if (shown > 0 && violation->count > shown) {
        bm_print_text(print, " and ");
        bm_print_number(print, violation->count - shown);
        bm_print_text(print, " more");
    }
}

static void print_violation(struct bm_print *print, const struct bm_violation *violation,
                            const struct bm_text_options *options)
{
    bm_print_text(print, "  ");
    if (violation->e11000 != NULL) {
        bm_show_e11000(print, violation);
        bm_print_text(print, "\n  ");
        bm_print_count(print, violation->count, "document");
        bm_print_text(print, " share this key");
        bm_empties_print(print, &violation->empties);
    } else if (violation->kind != BM_VIOLATION_CAPPED) {
        bm_print_count(print, violation->count, "document");
        bm_print_text(print, ": ");
    }
    if (violation->reason != NULL) {
        bm_print_escaped(print, violation->reason);
    }
    print_places(print, violation, options->documents);
    bm_print_text(print, "\n");
    bm_print_flush(print);
}

static void print_option(struct bm_print *print, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        bm_print_text(print, " ");
        bm_print_escaped(print, text);
    }
}

static int sets_aside(const char *mend)
{
    static const char start[] = "--onDuplicate ";
    return strncmp(mend, start, sizeof start - 1) == 0;
}

/* A command that mends; where others are needed as well it would not, and is in the one for all. */
static void print_mend(struct bm_print *print, const struct section *section, const char *mend)
{
    if (section->mend_total > 1 || section->hindrance != NULL) {
        bm_print_text(print, section->hindrance != NULL ? "  mend, but not all else:"
                                                        : "  mend, with all else:");
        print_option(print, mend);
        bm_print_text(print, "\n");
        return;
    }
    bm_print_text(print, "  mend: bsonmend fix");
    print_option(print, section->options->fix_arguments);
    print_option(print, mend);
    print_option(print, sets_aside(mend) ? section->options->fix_rejects : NULL);
    print_option(print, section->options->fix_output);
    bm_print_text(print, "\n");
}

/* The advice of an index stands with it, whether or not its groups are listed. */
static void print_mends(struct bm_print *print, const struct section *section,
                        const struct bm_index_result *index)
{
    if (index->beyond_fill > 0) {
        bm_print_text(print, "  ");
        bm_print_count(print, index->beyond_fill, "duplicate");
        bm_print_text(print, " of an empty key in an array or under a parent that is no object: "
                             "--fill leaves such alone\n");
    }
    for (size_t i = 0; i < index->mend_count; i++) {
        print_mend(print, section, index->mends[i]);
    }
    if (index->unsaid != NULL) {
        bm_print_text(print, "  mend: no option, as ");
        bm_print_escaped(print, index->unsaid);
        bm_print_text(print, "\n");
    }
}

/* Indexes of one namespace may ask for the same fill; no other namespace names this one. */
static int is_mend_told(const struct bm_namespace_result *ns, size_t index, const char *mend)
{
    for (size_t i = 0; i < index; i++) {
        for (size_t j = 0; j < ns->indexes[i].mend_count; j++) {
            if (strcmp(ns->indexes[i].mends[j], mend) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* How many different pieces of advice there are. */
static size_t count_mends(const struct bm_result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        for (size_t j = 0; j < ns->index_count; j++) {
            for (size_t k = 0; k < ns->indexes[j].mend_count; k++) {
                count += is_mend_told(ns, j, ns->indexes[j].mends[k]) ? 0 : 1;
            }
        }
    }
    return count;
}

/* Each advice for a namespace once; how many there are. */
static size_t print_mends_of(struct bm_print *print, const struct bm_namespace_result *ns,
                             int *is_aside)
{
    size_t told = 0;
    for (size_t i = 0; i < ns->index_count; i++) {
        for (size_t j = 0; j < ns->indexes[i].mend_count; j++) {
            if (!is_mend_told(ns, i, ns->indexes[i].mends[j])) {
                print_option(print, ns->indexes[i].mends[j]);
                *is_aside |= sets_aside(ns->indexes[i].mends[j]);
                told++;
            }
        }
    }
    return told;
}

/* Why there is no command that would give an output; NULL: there is one, or none is needed. */
static const char *find_hindrance(const struct bm_result *result,
                                  const struct bm_text_options *options, size_t mends)
{
    const char *parts[] = {options->fix_arguments, options->fix_output, options->fix_rejects};
    for (size_t i = 0; mends > 0 && i < sizeof parts / sizeof *parts; i++) {
        if (parts[i] != NULL && !bm_utf8_all_plain(bm_view_text(parts[i]))) {
            return "a name in the command is not plain text, and cannot be shown as it is";
        }
    }
    return result->hindrance;
}

/* One advice is not enough where another index still refuses: all in one command. */
static void print_mend_of_all(struct bm_print *print, const struct bm_result *result,
                              const struct bm_text_options *options)
{
    size_t told = 0;
    int is_aside = 0;
    struct bm_print line;
    bm_print_start(&line, print->writer, options->redaction, print->err);
    for (size_t i = 0; i < result->namespace_count; i++) {
        told += print_mends_of(&line, &result->namespaces[i], &is_aside);
    }
    if (told > 1) {
        bm_print_text(print, "mend all: bsonmend fix");
        print_option(print, options->fix_arguments);
        bm_print_bytes(print, bm_buffer_view(&line.buffer));
        print_option(print, is_aside ? options->fix_rejects : NULL);
        print_option(print, options->fix_output);
        bm_print_text(print, "\n");
    }
    if (line.status != BM_OK) {
        print->status = line.status;
    }
    bm_buffer_free(&line.buffer);
}

/* The violations of a section up to the limit; how many there were to show. */
static uint64_t print_violations(struct bm_print *print, const struct section *section)
{
    uint64_t shown = 0;
    for (size_t i = 0; i < section->result->violation_count; i++) {
        const struct bm_violation *violation = &section->result->violations[i];
        if (shown < section->options->groups && is_in(section, violation)) {
            print_violation(print, violation, section->options);
            shown++;
        }
    }
    return shown;
}

static void print_restore_of_id(struct bm_print *print, const struct section *section,
                                const struct bm_index_result *index)
{
    int is_no_error = section->forecast.exit == 0 && !section->result->before_replay;
    if (index->refused) {
        bm_print_text(print, "  on restore: the collection cannot be created, and mongorestore "
                             "stops there\n");
    }
    if (index->groups > 0) {
        bm_print_text(print, "  on restore: each later document of this key is skipped");
        bm_print_text(print, is_no_error ? ", and mongorestore still exits 0\n"
                                         : ", which is no error to mongorestore\n");
    }
    if (index->unindexable > 0) {
        bm_print_text(print, "  on restore: the server refuses these documents, and mongorestore "
                             "stops there\n");
    }
}

static uint64_t count_secondary(const struct bm_namespace_result *ns)
{
    uint64_t secondary = 0;
    for (size_t i = 0; i < ns->index_count; i++) {
        secondary += bm_forecast_is_secondary(ns, i) ? 1 : 0;
    }
    return secondary;
}

/* "all 2 secondary indexes of this collection are lost, and index building stops" */
static void print_lost(struct bm_print *print, uint64_t secondary)
{
    if (secondary == 1) {
        bm_print_text(print, "the one secondary index of this collection is");
    } else {
        bm_print_text(print, "all ");
        bm_print_number(print, secondary);
        bm_print_text(print, " secondary indexes of this collection are");
    }
    bm_print_text(print, " lost, and index building stops\n");
}

static void print_restore(struct bm_print *print, const struct section *section,
                          const struct bm_namespace_result *ns, size_t number)
{
    if (section->forecast.end == BM_RESTORE_NOT_STARTED) {
        return; /* said with the metadata that is the cause */
    }
    if (number == 0) {
        print_restore_of_id(print, section, &ns->indexes[number]);
        return;
    }
    if (!bm_forecast_is_secondary(ns, number)) {
        return;
    }
    if (section->forecast.end == BM_RESTORE_LOAD_STOPS) {
        bm_print_text(print, "  on restore: the load stops before any secondary index is built\n");
        return;
    }
    /* Duplicates in the files may be gone, and others come, before the indexes are built. */
    bm_print_text(print, section->result->before_replay
                             ? "  on restore, unless the replay of the oplog settles it: "
                             : "  on restore: ");
    if (!ns->indexes[number].refused && bm_forecast_skips(section->result, ns)) {
        bm_print_text(print, "unless what is in the way is skipped, ");
    }
    bm_print_text(print, section->forecast.end == BM_RESTORE_UNKNOWN ? "if the data loads, then "
                                                                     : "the data loads, then ");
    print_lost(print, section->secondary);
}

static void print_index_head(struct bm_print *print, const char *ns,
                             const struct bm_index_result *index)
{
    bm_print_escaped(print, ns);
    bm_print_text(print, "  index ");
    bm_print_escaped(print, index->name);
    if (index->key_text != NULL) {
        bm_print_text(print, " ");
        bm_print_escaped(print, index->key_text);
    }
    if (index->unique) {
        bm_print_text(print, index->asked ? "  unique, as asked" : "  unique");
    }
    bm_print_text(print, "\n");
}

static void print_not_judged(struct bm_print *print, const char *reason)
{
    bm_print_text(print, "  not judged: ");
    bm_print_escaped(print, reason);
    bm_print_text(print, "\n");
}

static void print_index(struct bm_print *print, const struct section *section,
                        const struct bm_namespace_result *ns, size_t number)
{
    const struct bm_index_result *index = &ns->indexes[number];
    int found = index->groups > 0 || index->unindexable > 0;
    int unjudged = !index->judged && index->reason != NULL;
    if (!found && !unjudged) {
        return;
    }
    print_index_head(print, ns->ns, index);
    if (unjudged) {
        print_not_judged(print, index->reason);
    }
    uint64_t shown = print_violations(print, section);
    uint64_t findings = index->groups + (index->unindexable > 0);
    if (findings > shown) {
        bm_print_text(print, "  … and ");
        bm_print_count(print, findings - shown, "more group");
        bm_print_text(print, "\n");
    }
    if (bm_forecast_is_lost(index)) {
        print_restore(print, section, ns, number);
    }
    print_mends(print, section, index);
}

static const char *kind_words(enum bm_violation_kind kind)
{
    switch (kind) {
    case BM_VIOLATION_OVERSIZE:
        return "documents too large";
    case BM_VIOLATION_CAPPED:
        return "capped collection too large";
    case BM_VIOLATION_VALIDATOR:
        return "documents that the validator refuses";
    case BM_VIOLATION_DUPLICATE:
        return "duplicates";
    case BM_VIOLATION_UNINDEXABLE:
        return "documents that cannot be indexed";
    }
    return "";
}

/* Violations without an index, each with a head of its own. */
static void print_sizes(struct bm_print *print, const struct section *section)
{
    for (size_t i = 0; i < section->result->violation_count; i++) {
        const struct bm_violation *violation = &section->result->violations[i];
        if (is_in(section, violation)) {
            bm_print_escaped(print, section->ns);
            bm_print_text(print, "  ");
            bm_print_text(print, kind_words(violation->kind));
            bm_print_text(print, "\n");
            print_violation(print, violation, section->options);
        }
        if (is_in(section, violation) && violation->kind == BM_VIOLATION_VALIDATOR) {
            bm_print_text(print, "  on restore: these documents are skipped, which is no error to "
                                 "mongorestore; --bypassDocumentValidation lets them in\n");
        }
        if (is_in(section, violation) && violation->kind == BM_VIOLATION_OVERSIZE &&
            section->forecast.end == BM_RESTORE_LOAD_STOPS) {
            bm_print_text(print, "  on restore: mongorestore stops there, and no secondary index "
                                 "is built\n");
        }
    }
}

static void print_damage(struct bm_print *print, const struct bm_damage *damage)
{
    if (damage->ns != NULL && damage->ns[0] != '\0') {
        bm_print_escaped(print, damage->ns);
        bm_print_text(print, "  ");
    }
    bm_print_text(print, "damaged");
    if (damage->offset != BM_NO_OFFSET) {
        bm_print_text(print, " at byte ");
        bm_print_number(print, damage->offset);
    }
    bm_print_text(print, ": ");
    bm_print_escaped(print, damage->what);
    bm_print_text(print, "\n");
}

void bm_sections_print(struct bm_print *print, const struct bm_result *result,
                       const struct bm_text_options *options)
{
    struct bm_forecast forecast = bm_forecast_make(result);
    size_t mends = count_mends(result);
    const char *hindrance = find_hindrance(result, options, mends);
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        struct section section = {.result = result,
                                  .options = options,
                                  .forecast = forecast,
                                  .ns = ns->ns,
                                  .mend_total = mends,
                                  .hindrance = hindrance,
                                  .secondary = count_secondary(ns)};
        if (ns->reason != NULL) {
            bm_print_escaped(print, ns->ns);
            bm_print_text(print, "\n");
            print_not_judged(print, ns->reason);
        }
        if (ns->metadata_unreadable) {
            bm_print_text(print, "  on restore: mongorestore cannot read it either: nothing is "
                                 "restored\n");
        }
        for (size_t j = 0; j < ns->index_count; j++) {
            section.index = ns->indexes[j].name;
            print_index(print, &section, ns, j);
        }
        section.index = "";
        print_sizes(print, &section);
    }
    bm_oplog_text_print(print, result, options);
    for (size_t i = 0; i < result->damage_count; i++) {
        if (!bm_result_is_end(result, &result->damage[i])) {
            print_damage(print, &result->damage[i]);
        }
    }
    if (hindrance == NULL) {
        print_mend_of_all(print, result, options);
        return;
    }
    bm_print_text(print, "no command mends all: ");
    bm_print_escaped(print, hindrance);
    bm_print_text(print, "\n");
}
