/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text.h"

#include <string.h>

#include "report/show.h"

/* One index's findings, or those of a namespace that belong to no index. */
struct section {
    const struct bm_result *result;
    const struct bm_text_options *options;
    const char *ns;
    const char *index;
};

static int is_in(const struct section *section, const struct bm_violation *violation)
{
    return strcmp(violation->ns, section->ns) == 0 && strcmp(violation->index, section->index) == 0;
}

static void print_kinds(struct bm_print *print, const struct bm_violation *violation)
{
    const struct {
        uint64_t count;
        const char *name;
    } kinds[] = {
        {violation->missing, " missing"},
        {violation->null, " null"},
        {violation->undefined, " undefined"},
        {violation->blank, " blank"},
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
        print_kinds(print, violation);
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

static int same_mend(const struct bm_violation *a, const struct bm_violation *b)
{
    return a->mend != NULL && b->mend != NULL && strcmp(a->mend, b->mend) == 0;
}

/* Whether the advice of violation `at` stands with one before it in the same section (index NULL:
 * in any). */
static int is_mend_told(const struct section *section, size_t at)
{
    const struct bm_violation *violations = section->result->violations;
    for (size_t i = 0; i < at; i++) {
        if (same_mend(&violations[i], &violations[at]) &&
            (section->index == NULL || is_in(section, &violations[i]))) {
            return 1;
        }
    }
    return 0;
}

static void print_option(struct bm_print *print, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        bm_print_text(print, " ");
        bm_print_escaped(print, text);
    }
}

/* Each advice of the section once, in the order met. */
static void print_mends(struct bm_print *print, const struct section *section)
{
    for (size_t i = 0; i < section->result->violation_count; i++) {
        const struct bm_violation *violation = &section->result->violations[i];
        if (!is_in(section, violation) || violation->mend == NULL || is_mend_told(section, i)) {
            continue;
        }
        bm_print_text(print, "  mend: bsonmend fix");
        print_option(print, section->options->fix_arguments);
        print_option(print, violation->mend);
        print_option(print, section->options->fix_output);
        bm_print_text(print, "\n");
    }
}

/* One advice is not enough where another index still refuses: all in one command. */
static void print_mend_of_all(struct bm_print *print, const struct bm_result *result,
                              const struct bm_text_options *options)
{
    const struct section all = {.result = result, .options = options};
    size_t told = 0;
    struct bm_print line;
    bm_print_start(&line, print->writer, options->redaction, print->err);
    for (size_t i = 0; i < result->violation_count; i++) {
        if (result->violations[i].mend != NULL && !is_mend_told(&all, i)) {
            print_option(&line, result->violations[i].mend);
            told++;
        }
    }
    if (told > 1) {
        bm_print_text(print, "mend all: bsonmend fix");
        print_option(print, options->fix_arguments);
        bm_print_bytes(print, bm_buffer_view(&line.buffer));
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

/*
 * mongorestore passes over error 11000 while it inserts, but an _id that the server refuses
 * (BadValue) ends the restore (mongo-tools common/db/db.go).
 */
static void print_restore_of_id(struct bm_print *print, const struct bm_index_result *index)
{
    if (index->groups > 0) {
        bm_print_text(print, "  on restore: each later document of this key is skipped, and "
                             "mongorestore still exits 0\n");
    }
    if (index->unindexable > 0) {
        bm_print_text(print, "  on restore: the server refuses these documents, and mongorestore "
                             "stops there\n");
    }
}

static void print_restore(struct bm_print *print, const struct bm_namespace_result *ns,
                          const struct bm_index_result *index)
{
    if (index == ns->indexes) {
        print_restore_of_id(print, index); /* the _id index comes first, whatever its name */
        return;
    }
    uint64_t secondary = 0;
    for (size_t i = 1; i < ns->index_count; i++) {
        secondary += !ns->indexes[i].asked;
    }
    bm_print_text(print, "  on restore: the data loads, then ");
    if (secondary == 1) {
        bm_print_text(print, "the one secondary index of this collection is");
    } else {
        bm_print_text(print, "all ");
        bm_print_number(print, secondary);
        bm_print_text(print, " secondary indexes of this collection are");
    }
    bm_print_text(print, " lost, and index building stops\n");
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
    bm_print_text(print, index->asked ? "  unique, as asked\n" : "  unique\n");
}

static void print_not_judged(struct bm_print *print, const char *reason)
{
    bm_print_text(print, "  not judged: ");
    bm_print_escaped(print, reason);
    bm_print_text(print, "\n");
}

static void print_index(struct bm_print *print, const struct section *section,
                        const struct bm_namespace_result *ns, const struct bm_index_result *index)
{
    int found = index->groups > 0 || index->unindexable > 0;
    int unjudged = index->unique && !index->judged && index->reason != NULL;
    if (!found && !unjudged) {
        return;
    }
    print_index_head(print, ns->ns, index);
    if (unjudged) {
        print_not_judged(print, index->reason);
    }
    if (!found) {
        return;
    }
    uint64_t shown = print_violations(print, section);
    uint64_t findings = index->groups + (index->unindexable > 0);
    if (findings > shown) {
        bm_print_text(print, "  … and ");
        bm_print_count(print, findings - shown, "more group");
        bm_print_text(print, "\n");
    }
    if (!index->asked) {
        print_restore(print, ns, index);
    }
    print_mends(print, section);
}

static const char *kind_words(enum bm_violation_kind kind)
{
    switch (kind) {
    case BM_VIOLATION_OVERSIZE:
        return "documents too large";
    case BM_VIOLATION_CAPPED:
        return "capped collection too large";
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
    for (size_t i = 0; i < result->namespace_count; i++) {
        const struct bm_namespace_result *ns = &result->namespaces[i];
        struct section section = {.result = result, .options = options, .ns = ns->ns};
        if (ns->reason != NULL) {
            bm_print_escaped(print, ns->ns);
            bm_print_text(print, "\n");
            print_not_judged(print, ns->reason);
        }
        for (size_t j = 0; j < ns->index_count; j++) {
            section.index = ns->indexes[j].name;
            print_index(print, &section, ns, &ns->indexes[j]);
        }
        section.index = "";
        print_sizes(print, &section);
    }
    for (size_t i = 0; i < result->damage_count; i++) {
        print_damage(print, &result->damage[i]);
    }
    print_mend_of_all(print, result, options);
}
