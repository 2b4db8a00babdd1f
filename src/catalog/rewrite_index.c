/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/rewrite_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/index_specs.h"
#include "doc/extjson.h"

/* An index of the page: what it is, and where its entry stands. */
struct target {
    const struct bm_page *page;
    const struct bm_rewrite *rewrite;
    struct bm_index_spec spec;
    size_t list;  /* token of the array of all entries */
    size_t entry; /* token of the entry */
};

static enum bm_status refuse(const struct target *target, const char *why, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_USAGE, 0, "index %.100s %s", target->spec.name, why);
}

/* ---- the filter ---- */

/* Old tools read and write numbers bare; what has $numberInt comes from 4.2 or later. */
static int is_legacy(const struct bm_page *page)
{
    int legacy = 0;
    for (size_t i = 0; i < page->tokens.count; i++) {
        const struct bm_json_token *token = &page->tokens.list[i];
        const uint8_t *at = page->text.data + token->at;
        if (token->kind == BM_JSON_WORD && (*at == '-' || (*at >= '0' && *at <= '9'))) {
            legacy = 1;
        } else if (token->kind == BM_JSON_STRING &&
                   bm_view_equal((struct bm_view){at, token->len}, bm_view_text("$numberInt"))) {
            return 0;
        }
    }
    return legacy;
}

/*
 * The least value of a type in the server's order (for binary data the length counts first, then
 * the subtype), in both flavours. A bare -Infinity as old tools wrote it is one that today's
 * mongorestore refuses, and so is a date that is no number (driver v2 extjson_parser.go): there is
 * one spelling of these.
 */
static const struct {
    const char *canonical;
    const char *legacy;
} least[] = {
    [BM_PARTIAL_STRING] = {"{\"$gt\":\"\"}", "{\"$gt\":\"\"}"},
    [BM_PARTIAL_OBJECT_ID] = {"{\"$gte\":{\"$oid\":\"000000000000000000000000\"}}",
                              "{\"$gte\":{\"$oid\":\"000000000000000000000000\"}}"},
    [BM_PARTIAL_BIN_DATA] = {"{\"$gte\":{\"$binary\":{\"base64\":\"\",\"subType\":\"00\"}}}",
                             "{\"$gte\":{\"$binary\":\"\",\"$type\":\"00\"}}"},
    [BM_PARTIAL_NUMBER] = {"{\"$gte\":{\"$numberDouble\":\"-Infinity\"}}",
                           "{\"$gte\":{\"$numberDouble\":\"-Infinity\"}}"},
    [BM_PARTIAL_DATE] = {"{\"$gte\":{\"$date\":{\"$numberLong\":\"-9223372036854775808\"}}}",
                         "{\"$gte\":{\"$date\":{\"$numberLong\":\"-9223372036854775808\"}}}"},
};

/* {"FIELD":{"$gt":""},…} */
static enum bm_status write_filter(const struct target *target, const char *const *fields,
                                   size_t count, struct bm_buffer *out, struct bm_error *err)
{
    enum bm_partial_type type = target->rewrite->partial;
    const char *bound = is_legacy(target->page) ? least[type].legacy : least[type].canonical;
    for (size_t i = 0; i < count; i++) {
        if (bm_buffer_append_byte(out, i == 0 ? '{' : ',', err) != BM_OK ||
            bm_json_string(bm_view_text(fields[i]), out, err) != BM_OK ||
            bm_buffer_printf(out, err, ":%s", bound) != BM_OK) {
            return BM_FAIL;
        }
    }
    return bm_buffer_append_byte(out, '}', err);
}

/* Whether two filters have the same clauses, in whatever order. */
static enum bm_status same_filter(struct bm_view there, struct bm_view wanted, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element clause;
    struct bm_element other;
    if (there.len != wanted.len) {
        return BM_END;
    }
    enum bm_status status = bm_elements_open(&elements, wanted, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &clause, err);
        if (status != BM_OK) {
            break;
        }
        enum bm_status found = bm_document_find(there, clause.name, &other, err);
        if (found == BM_FAIL) {
            return BM_FAIL;
        }
        if (found == BM_END || !bm_view_equal(clause.raw, other.raw)) {
            return BM_END;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* ---- members of the entry ---- */

/* Leaves out the members of the entry that go by one of the names. */
static enum bm_status remove_options(const struct target *target, const char *const *names,
                                     size_t name_count, struct bm_json_edit *edit,
                                     struct bm_error *err)
{
    const struct bm_json_tokens *tokens = &target->page->tokens;
    struct bm_json_members members;
    struct bm_json_member member;
    enum bm_status status = BM_OK;
    uint8_t *doomed = bm_allocate(tokens->list[target->entry].size, 1, err);
    if (doomed == NULL) {
        return BM_FAIL;
    }
    bm_json_members_open(&members, tokens, target->entry);
    for (size_t i = 0; status == BM_OK && bm_json_members_next(&members, &member) == BM_OK; i++) {
        for (size_t n = 0; n < name_count && status == BM_OK && !doomed[i]; n++) {
            status = bm_json_stands_for(target->page->text, &tokens->list[member.name],
                                        bm_view_text(names[n]), err);
            doomed[i] = status == BM_OK;
            status = status == BM_END ? BM_OK : status;
        }
    }
    if (status == BM_OK) {
        status = bm_json_edit_remove(edit, tokens, target->entry, doomed, err);
    }
    free(doomed);
    return status;
}

/* ---- the four actions ---- */

/* The fields that the filter is to be on: those of the rewrite, or the only one of the key, which
 * is a C string inside of the BSON. */
static enum bm_status choose_fields(const struct target *target, const char **only,
                                    const char *const **fields, size_t *count, struct bm_error *err)
{
    const struct bm_rewrite *rewrite = target->rewrite;
    struct bm_elements elements;
    struct bm_element field;
    if (bm_elements_open(&elements, target->spec.key, err) != BM_OK ||
        bm_elements_next(&elements, &field, err) != BM_OK) {
        return BM_FAIL;
    }
    *only = (const char *)field.name.data;
    *fields = rewrite->field_count > 0 ? rewrite->fields : only;
    *count = rewrite->field_count > 0 ? rewrite->field_count : 1;
    if (rewrite->field_count == 0 && bm_elements_next(&elements, &field, err) != BM_END) {
        return refuse(
            target, "has several fields: a fill or unset rule must name the one to filter on", err);
    }
    for (size_t i = 0; i < *count; i++) {
        enum bm_status found =
            bm_document_find(target->spec.key, bm_view_text((*fields)[i]), &field, err);
        if (found != BM_OK) {
            return found == BM_FAIL ? BM_FAIL
                                    : bm_fail(err, BM_ERROR_USAGE, 0,
                                              "index %.100s has no field %.100s to filter on",
                                              target->spec.name, (*fields)[i]);
        }
        if (bm_rewrite_check_field((*fields)[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* Only these indexes can do without the documents that a filter or sparse leaves out: the others
 * are sparse by nature, or filter by the kind of their own values. */
static enum bm_status check_kind(const struct target *target, struct bm_error *err)
{
    if (target->spec.kind != BM_INDEX_BTREE && target->spec.kind != BM_INDEX_HASHED) {
        return refuse(target,
                      "is a special one (text, geo, wildcard …), made neither partial nor sparse",
                      err);
    }
    if (target->spec.key.len <= BM_DOCUMENT_MIN) {
        return refuse(target, "has no key", err);
    }
    return BM_OK;
}

static enum bm_status add_option(const struct target *target, struct bm_view name_and_value,
                                 struct bm_json_edit *edit, struct bm_error *err)
{
    return bm_json_edit_add(edit, &target->page->tokens, target->entry, name_and_value, err);
}

/* `wanted` as text and as BSON: put into the entry, or found there. */
static enum bm_status put_filter(const struct target *target, const struct bm_buffer *text,
                                 struct bm_buffer *bson, enum bm_rewrite_outcome *outcome,
                                 struct bm_json_edit *edit, struct bm_error *err)
{
    static const char *const sparse[] = {"sparse"};
    struct bm_element there;
    enum bm_status found =
        bm_rewrite_find(target->spec.spec, "partialFilterExpression", &there, err);
    if (found == BM_FAIL || bm_json_parse(bm_buffer_view(text), bson, err) != BM_OK) {
        return BM_FAIL;
    }
    if (found == BM_OK) {
        enum bm_status same = there.type == BM_TYPE_OBJECT
                                  ? same_filter(there.value, bm_buffer_view(bson), err)
                                  : BM_END;
        if (same != BM_OK) {
            return same == BM_FAIL ? BM_FAIL
                                   : refuse(target, "has another partialFilterExpression", err);
        }
    }
    if (found == BM_OK && !target->spec.sparse) {
        return BM_OK;
    }
    *outcome = BM_REWRITE_CHANGED;
    if (target->spec.sparse && remove_options(target, sparse, 1, edit, err) != BM_OK) {
        return BM_FAIL;
    }
    if (found == BM_OK) {
        return BM_OK;
    }
    struct bm_view name = bm_view_text("\"partialFilterExpression\":");
    if (add_option(target, name, edit, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append(edit->out, bm_buffer_view(text), err);
}

static enum bm_status make_partial(const struct target *target, enum bm_rewrite_outcome *outcome,
                                   struct bm_json_edit *edit, struct bm_error *err)
{
    const char *only;
    const char *const *fields;
    size_t count;
    if (check_kind(target, err) != BM_OK ||
        choose_fields(target, &only, &fields, &count, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_buffer text = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    struct bm_buffer bson = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    enum bm_status status = write_filter(target, fields, count, &text, err);
    if (status == BM_OK) {
        status = put_filter(target, &text, &bson, outcome, edit, err);
    }
    bm_buffer_free(&text);
    bm_buffer_free(&bson);
    return status;
}

static enum bm_status make_sparse(const struct target *target, enum bm_rewrite_outcome *outcome,
                                  struct bm_json_edit *edit, struct bm_error *err)
{
    struct bm_element there;
    if (check_kind(target, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status found =
        bm_rewrite_find(target->spec.spec, "partialFilterExpression", &there, err);
    if (found != BM_END) {
        return found == BM_FAIL
                   ? BM_FAIL
                   : refuse(
                         target,
                         "has a partialFilterExpression, beside which the server takes no sparse",
                         err);
    }
    if (target->spec.sparse) {
        return BM_OK;
    }
    *outcome = BM_REWRITE_CHANGED;
    struct bm_json_member falsy;
    const struct bm_page *page = target->page;
    found = bm_json_find_last(page->text, &page->tokens, target->entry, bm_view_text("sparse"),
                              &falsy, err);
    if (found == BM_FAIL) {
        return BM_FAIL;
    }
    if (found == BM_END) {
        return add_option(target, bm_view_text("\"sparse\":true"), edit, err);
    }
    size_t start = bm_json_token_start(&page->tokens.list[falsy.value]);
    return bm_json_edit_replace(edit, start, falsy.end, bm_view_text("true"), err);
}

static enum bm_status make_nonunique(const struct target *target, enum bm_rewrite_outcome *outcome,
                                     struct bm_json_edit *edit, struct bm_error *err)
{
    static const char *const names[] = {"unique", "prepareUnique"};
    if (!target->spec.unique && !target->spec.prepare_unique) {
        return BM_OK;
    }
    *outcome = BM_REWRITE_CHANGED;
    return remove_options(target, names, sizeof names / sizeof *names, edit, err);
}

static enum bm_status drop(const struct target *target, enum bm_rewrite_outcome *outcome,
                           struct bm_json_edit *edit, struct bm_error *err)
{
    const struct bm_json_tokens *tokens = &target->page->tokens;
    struct bm_elements elements;
    struct bm_element entry;
    uint8_t *doomed = bm_allocate(tokens->list[target->list].size, 1, err);
    if (doomed == NULL) {
        return BM_FAIL;
    }
    size_t number = 0;
    enum bm_status status = bm_elements_open(&elements, target->page->parts.indexes, err);
    for (; status == BM_OK; number++) {
        struct bm_element name;
        status = bm_elements_next(&elements, &entry, err);
        if (status != BM_OK) {
            break;
        }
        enum bm_status found = bm_rewrite_find(entry.value, "name", &name, err);
        doomed[number] = found == BM_OK && name.type == BM_TYPE_STRING &&
                         strcmp((const char *)name.value.data + 4, target->spec.name) == 0;
        status = found == BM_FAIL ? BM_FAIL : BM_OK;
    }
    *outcome = BM_REWRITE_CHANGED;
    status =
        status == BM_END ? bm_json_edit_remove(edit, tokens, target->list, doomed, err) : BM_FAIL;
    free(doomed);
    return status;
}

/* ---- finding it ---- */

/* The token of the entry that a spec was read from: entries of text and BSON go in step. */
static enum bm_status find_entry(struct target *target, struct bm_error *err)
{
    const struct bm_page *page = target->page;
    struct bm_json_members entries;
    struct bm_json_member member;
    struct bm_elements elements;
    struct bm_element entry;
    if (bm_json_find_last(page->text, &page->tokens, 0, bm_view_text("indexes"), &member, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    target->list = member.value;
    bm_json_members_open(&entries, &page->tokens, target->list);
    enum bm_status status = bm_elements_open(&elements, page->parts.indexes, err);
    while (status == BM_OK && bm_json_members_next(&entries, &member) == BM_OK) {
        status = bm_elements_next(&elements, &entry, err);
        if (status == BM_OK && entry.value.data == target->spec.spec.data) {
            target->entry = member.value;
            return BM_OK;
        }
    }
    return bm_fail(err, BM_ERROR_CORRUPT, 0, "index %.100s is not found again in the metadata",
                   target->spec.name);
}

/* The definition that mongorestore would go by, BM_END: none. */
static enum bm_status find_index(struct target *target, struct bm_error *err)
{
    static const struct bm_index_owner nobody = {NULL, {NULL, 0}, 0};
    struct bm_index_spec *specs = NULL;
    size_t count = 0;
    const struct bm_index_spec *found = NULL;
    if (bm_index_specs_make(target->page->parts.indexes, &nobody, &specs, &count, NULL, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count && found == NULL; i++) {
        found = strcmp(specs[i].name, target->rewrite->name) == 0 ? &specs[i] : NULL;
    }
    if (found != NULL) {
        target->spec = *found;    /* borrows from the page … */
        target->spec.twin = NULL; /* … and not from the list */
    }
    free(specs);
    return found != NULL ? BM_OK : BM_END;
}

enum bm_status bm_rewrite_index(const struct bm_page *page, const struct bm_rewrite *rewrite,
                                struct bm_rewrite_result *result, struct bm_json_edit *edit,
                                struct bm_error *err)
{
    struct target target = {.page = page, .rewrite = rewrite};
    enum bm_status status = find_index(&target, err);
    if (status != BM_OK) {
        result->outcome = BM_REWRITE_ABSENT;
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    if (target.spec.kind == BM_INDEX_ID) {
        return refuse(&target, "is the _id index, which every collection has as it is", err);
    }
    if (find_entry(&target, err) != BM_OK) {
        return BM_FAIL;
    }
    switch (rewrite->index) {
    case BM_INDEX_ACTION_PARTIAL:
        return make_partial(&target, &result->outcome, edit, err);
    case BM_INDEX_ACTION_SPARSE:
        return make_sparse(&target, &result->outcome, edit, err);
    case BM_INDEX_ACTION_NONUNIQUE:
        return make_nonunique(&target, &result->outcome, edit, err);
    case BM_INDEX_ACTION_DROP:
        return drop(&target, &result->outcome, edit, err);
    case BM_INDEX_ACTION_KEEP:
        break;
    }
    return BM_OK;
}
