/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/rewrite_page.h"

#include <string.h>

#include "catalog/build.h"
#include "doc/extjson.h"
#include "doc/json_grammar.h"

/* What fails is missing, null or the empty string; undefined fails servers before 8.0 only. */
#define CLAUSE_VALUE ":{\"$nin\":[null,\"\"]}"

/* A string element with this text; anything else, absence among it, is none. */
static int says(const struct bm_element *element, enum bm_status found, const char *text)
{
    return found == BM_OK && element->type == BM_TYPE_STRING &&
           bm_view_equal((struct bm_view){element->value.data + 4, element->value.len - 5},
                         bm_view_text(text));
}

static enum bm_status read_validation(struct bm_view options, enum bm_validation *out,
                                      struct bm_error *err)
{
    struct bm_element level;
    struct bm_element action;
    *out = BM_VALIDATION_REFUSES;
    if (options.len == 0) {
        return BM_OK;
    }
    enum bm_status has_level = bm_rewrite_find(options, "validationLevel", &level, err);
    enum bm_status has_action = bm_rewrite_find(options, "validationAction", &action, err);
    if (has_level == BM_FAIL || has_action == BM_FAIL) {
        return BM_FAIL;
    }
    if (says(&level, has_level, "off")) {
        *out = BM_VALIDATION_OFF;
    } else if (says(&action, has_action, "warn")) {
        *out = BM_VALIDATION_WARNS;
    }
    return BM_OK;
}

/*
 * Whether a validator has the clause at its top or in an $and there, at any depth of $and within
 * $and: what is joined must all hold. BM_OK: it has, BM_END: it has not.
 */
static enum bm_status has_clause(struct bm_view validator, struct bm_view clause,
                                 struct bm_error *err)
{
    struct bm_elements open[BM_JSON_DEPTH_MAX + 1];
    int in_list[BM_JSON_DEPTH_MAX + 1] = {0}; /* the level is an array of documents to be joined */
    size_t depth = 0;
    if (bm_elements_open(&open[0], validator, err) != BM_OK) {
        return BM_FAIL;
    }
    for (;;) {
        struct bm_element element;
        enum bm_status status = bm_elements_next(&open[depth], &element, err);
        if (status == BM_FAIL || (status == BM_END && depth == 0)) {
            return status;
        }
        if (status == BM_END) {
            depth--;
            continue;
        }
        if (!in_list[depth] && bm_view_equal(element.raw, clause)) {
            return BM_OK;
        }
        int is_and = !in_list[depth] && element.type == BM_TYPE_ARRAY &&
                     bm_view_equal(element.name, bm_view_text("$and"));
        int is_part = in_list[depth] && element.type == BM_TYPE_OBJECT;
        if ((is_and || is_part) && depth < BM_JSON_DEPTH_MAX) {
            depth++;
            in_list[depth] = is_and;
            if (bm_elements_open(&open[depth], element.value, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
}

/* Whether the clause, given as JSON, is in the validator already. */
static enum bm_status is_required(struct bm_view validator, const struct bm_buffer *clause,
                                  struct bm_error *err)
{
    struct bm_buffer bson = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    struct bm_elements elements;
    struct bm_element wanted;
    enum bm_status status = bm_json_parse(bm_buffer_view(clause), &bson, err);
    if (status == BM_OK) {
        status = bm_elements_open(&elements, bm_buffer_view(&bson), err);
    }
    if (status == BM_OK) {
        status = bm_elements_next(&elements, &wanted, err);
    }
    if (status == BM_OK) {
        status = has_clause(validator, wanted.raw, err);
    }
    bm_buffer_free(&bson);
    return status;
}

/* ---- the four places it may go to ---- */

static enum bm_status put(struct bm_json_edit *edit, size_t start, size_t end, const char *before,
                          const struct bm_buffer *clause, const char *after, struct bm_error *err)
{
    if (bm_json_edit_replace(edit, start, end, bm_view_text(before), err) != BM_OK ||
        bm_buffer_append(edit->out, bm_buffer_view(clause), err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_text(edit->out, after, err);
}

/* Into a validator that is there: alone where that is empty, behind the others where it is one
 * $and, else joined with it by an $and. */
static enum bm_status join(const struct bm_page *page, size_t validator,
                           const struct bm_buffer *clause, struct bm_json_edit *edit,
                           struct bm_error *err)
{
    const struct bm_json_token *token = &page->tokens.list[validator];
    size_t start = bm_json_token_start(token);
    size_t end = bm_json_token_end(token);
    struct bm_json_member list;
    if (token->size == 0) {
        return put(edit, start, end, "", clause, "", err);
    }
    enum bm_status found =
        bm_json_find_last(page->text, &page->tokens, validator, bm_view_text("$and"), &list, err);
    if (found == BM_FAIL) {
        return BM_FAIL;
    }
    if (found == BM_OK && token->size == 1 && page->tokens.list[list.value].kind == BM_JSON_ARRAY) {
        return bm_json_edit_add(edit, &page->tokens, list.value, bm_buffer_view(clause), err);
    }
    if (bm_json_edit_replace(edit, start, start, bm_view_text("{\"$and\":["), err) != BM_OK) {
        return BM_FAIL;
    }
    return put(edit, end, end, ",", clause, "]}", err);
}

/* A validator of its own, in options that may not be there yet. */
static enum bm_status add_validator(const struct bm_page *page, const struct bm_buffer *clause,
                                    struct bm_json_edit *edit, struct bm_error *err)
{
    const struct bm_json_tokens *tokens = &page->tokens;
    struct bm_json_member options;
    enum bm_status found =
        bm_json_find_last(page->text, tokens, 0, bm_view_text("options"), &options, err);
    if (found == BM_FAIL) {
        return BM_FAIL;
    }
    if (found == BM_END) {
        /* First, where mongodump writes them. */
        size_t inside = (size_t)tokens->list[0].at + 1;
        const char *comma = tokens->list[0].size > 0 ? "}," : "}";
        return put(edit, inside, inside, "\"options\":{\"validator\":", clause, comma, err);
    }
    const struct bm_json_token *value = &tokens->list[options.value];
    if (value->kind != BM_JSON_OBJECT) {
        return put(edit, bm_json_token_start(value), options.end, "{\"validator\":", clause, "}",
                   err); /* null */
    }
    if (bm_json_edit_add(edit, tokens, options.value, bm_view_text("\"validator\":"), err) !=
        BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append(edit->out, bm_buffer_view(clause), err);
}

/* The token of the validator that counts, in options that are an object. */
static enum bm_status find_validator(const struct bm_page *page, size_t *token,
                                     struct bm_error *err)
{
    struct bm_json_member options;
    struct bm_json_member validator;
    if (bm_json_find_last(page->text, &page->tokens, 0, bm_view_text("options"), &options, err) !=
            BM_OK ||
        bm_json_find_last(page->text, &page->tokens, options.value, bm_view_text("validator"),
                          &validator, err) != BM_OK) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "the validator is not found again");
    }
    *token = validator.value;
    return BM_OK;
}

static enum bm_status require(const struct bm_page *page, const struct bm_buffer *clause,
                              enum bm_rewrite_outcome *outcome, struct bm_json_edit *edit,
                              struct bm_error *err)
{
    struct bm_element validator;
    enum bm_status found = BM_END;
    if (page->parts.options.len > 0) {
        found = bm_rewrite_find(page->parts.options, "validator", &validator, err);
    }
    if (found == BM_FAIL) {
        return BM_FAIL;
    }
    if (found == BM_OK && validator.type != BM_TYPE_OBJECT) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "the collection's validator is no object to add to");
    }
    if (found == BM_OK) {
        enum bm_status there = is_required(validator.value, clause, err);
        if (there != BM_END) {
            return there;
        }
    }
    *outcome = BM_REWRITE_CHANGED;
    if (found == BM_END) {
        return add_validator(page, clause, edit, err);
    }
    size_t token = 0;
    if (find_validator(page, &token, err) != BM_OK) {
        return BM_FAIL;
    }
    return join(page, token, clause, edit, err);
}

static const char *const no_validators[] = {
    [BM_SHAPE_PLAIN] = NULL,
    [BM_SHAPE_TIMESERIES] = "a time-series collection takes no validator",
    [BM_SHAPE_VIEW] = "a view takes no validator",
};

enum bm_status bm_rewrite_require(const struct bm_page *page, const struct bm_rewrite *rewrite,
                                  struct bm_rewrite_result *result, struct bm_json_edit *edit,
                                  struct bm_error *err)
{
    const char *why_not = no_validators[bm_metadata_shape(page->text)];
    if (why_not != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s", why_not);
    }
    if (bm_rewrite_check_field(rewrite->fields[0], err) != BM_OK ||
        read_validation(page->parts.options, &result->validation, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_buffer clause = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    enum bm_status status = bm_buffer_append_byte(&clause, '{', err);
    if (status == BM_OK) {
        status = bm_json_string(bm_view_text(rewrite->fields[0]), &clause, err);
    }
    if (status == BM_OK) {
        status = bm_buffer_append_text(&clause, CLAUSE_VALUE "}", err);
    }
    if (status == BM_OK) {
        status = require(page, &clause, &result->outcome, edit, err);
    }
    bm_buffer_free(&clause);
    return status;
}
