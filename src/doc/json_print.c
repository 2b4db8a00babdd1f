/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/extjson.h"

#include <stdlib.h>

#include <bson/bson.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "doc/c_locale.h"
#include "doc/json_grammar.h"

/* libbson recurses, and from 200 levels on it writes "{ ... }", which is no JSON. */
#define SHOWN_DEPTH_MAX 100
/* libbson aborts when memory runs out; its text is a small multiple of the value. */
#define SHOWN_BYTES_MAX ((size_t)1 << 20)

static enum bm_status escape_byte(uint8_t byte, struct bm_buffer *out, struct bm_error *err)
{
    switch (byte) {
    case '"':
        return bm_buffer_append_text(out, "\\\"", err);
    case '\\':
        return bm_buffer_append_text(out, "\\\\", err);
    case '\b':
        return bm_buffer_append_text(out, "\\b", err);
    case '\f':
        return bm_buffer_append_text(out, "\\f", err);
    case '\n':
        return bm_buffer_append_text(out, "\\n", err);
    case '\r':
        return bm_buffer_append_text(out, "\\r", err);
    case '\t':
        return bm_buffer_append_text(out, "\\t", err);
    default:
        return bm_buffer_printf(out, err, "\\u%04x", byte);
    }
}

static int needs_escape(uint8_t byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f;
}

enum bm_status bm_json_string(struct bm_view text, struct bm_buffer *out, struct bm_error *err)
{
    enum bm_status status = bm_buffer_append_byte(out, '"', err);
    size_t at = 0;
    while (status == BM_OK && at < text.len) {
        struct bm_view rest = {text.data + at, text.len - at};
        size_t len = bm_utf8_length(rest);
        if (len == 0) {
            status = bm_buffer_append_text(out, "\xef\xbf\xbd", err);
        } else if (needs_escape(rest.data[0])) {
            status = escape_byte(rest.data[0], out, err);
        } else {
            status = bm_buffer_append(out, (struct bm_view){rest.data, len}, err);
        }
        at += len > 0 ? len : 1;
    }
    return status == BM_OK ? bm_buffer_append_byte(out, '"', err) : BM_FAIL;
}

/* How a document is shown: relaxed, or canonical where libbson's relaxed form is not the standard's
 * (a year past 9999), or not at all. */
enum form { FORM_RELAXED, FORM_CANONICAL, FORM_RAW };

#define LAST_RELAXED_DATE 253402300799999 /* the end of the year 9999, in milliseconds */

static enum form form_of(struct bm_view document, int levels);

static enum form form_of_element(const struct bm_element *element, int levels)
{
    struct bm_view value = element->value;
    if (element->type == BM_TYPE_OBJECT || element->type == BM_TYPE_ARRAY) {
        return form_of(value, levels - 1);
    }
    if (element->type == BM_TYPE_CODE_WITH_SCOPE) {
        size_t scope_at = 8 + (size_t)bm_le32(value.data + 4);
        return form_of((struct bm_view){value.data + scope_at, value.len - scope_at}, levels - 1);
    }
    if (element->type == BM_TYPE_DATE && (int64_t)bm_le64(value.data) > LAST_RELAXED_DATE) {
        return FORM_CANONICAL;
    }
    return FORM_RELAXED;
}

/* The form for a document that was checked. Recursion ends with `levels`. */
static enum form form_of(struct bm_view document, int levels)
{
    struct bm_error error = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum form form = FORM_RELAXED;
    if (levels == 0 || bm_elements_open(&elements, document, &error) != BM_OK) {
        return FORM_RAW;
    }
    while (form != FORM_RAW && bm_elements_next(&elements, &element, &error) == BM_OK) {
        enum form wanted = form_of_element(&element, levels);
        form = wanted > form ? wanted : form;
    }
    return form;
}

static char *show_as(enum form form, struct bm_view document, size_t *len)
{
    struct bm_error error = BM_ERROR_INIT;
    struct bm_c_locale locale;
    bson_t bson;
    if (form == FORM_RAW || !bson_init_static(&bson, document.data, document.len) ||
        bm_c_locale_enter(&locale, &error) != BM_OK) {
        return NULL;
    }
    char *text = form == FORM_RELAXED ? bson_as_relaxed_extended_json(&bson, len)
                                      : bson_as_canonical_extended_json(&bson, len);
    bm_c_locale_leave(&locale);
    return text;
}

/*
 * libbson's text of a document, NULL: it cannot be shown. What comes out is held against the
 * grammar, so that whatever libbson makes of odd values a report stays JSON.
 */
static char *show(struct bm_view document, size_t *len)
{
    struct bm_error error = BM_ERROR_INIT;
    size_t tokens;
    if (document.len > SHOWN_BYTES_MAX || bm_document_check(document, NULL, &error) != BM_OK) {
        return NULL;
    }
    char *text = show_as(form_of(document, SHOWN_DEPTH_MAX), document, len);
    if (text == NULL) {
        return NULL;
    }
    struct bm_view shown = {(const uint8_t *)text, *len};
    if (bm_json_grammar_check(shown, &tokens, &error) != BM_OK || !bm_utf8_all_text(shown)) {
        bson_free(text);
        return NULL;
    }
    return text;
}

static enum bm_status append_raw(struct bm_view raw, struct bm_buffer *out, struct bm_error *err)
{
    if (bm_buffer_append_text(out, "{ \"$bson\" : \"", err) != BM_OK ||
        bm_base64(raw, out, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_text(out, "\" }", err);
}

enum bm_status bm_json_document(struct bm_view document, struct bm_buffer *out,
                                struct bm_error *err)
{
    size_t len;
    char *text = show(document, &len);
    if (text == NULL) {
        return append_raw(document, out, err);
    }
    enum bm_status status =
        bm_buffer_append(out, (struct bm_view){(const uint8_t *)text, len}, err);
    bson_free(text);
    return status;
}

/* A document of this one value under an empty name. */
static enum bm_status wrap(const struct bm_element *element, struct bm_buffer *out,
                           struct bm_error *err)
{
    uint8_t head[6] = {0, 0, 0, 0, element->type, 0};
    bm_put_le32(head, (uint32_t)(sizeof head + element->value.len + 1));
    if (bm_buffer_append(out, (struct bm_view){head, sizeof head}, err) != BM_OK ||
        bm_buffer_append(out, element->value, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(out, 0, err);
}

enum bm_status bm_json_value(const struct bm_element *element, struct bm_buffer *out,
                             struct bm_error *err)
{
    static const char before[] = "{ \"\" : ";
    static const char behind[] = " }";
    const size_t around = sizeof before + sizeof behind - 2;
    if (element->value.len > SHOWN_BYTES_MAX) {
        return append_raw(element->raw, out, err);
    }
    enum bm_status status = BM_FAIL;
    char *text = NULL;
    size_t len = 0;
    struct bm_buffer document = BM_BUFFER_INIT(SHOWN_BYTES_MAX + 16);
    if (wrap(element, &document, err) != BM_OK) {
        goto out;
    }
    text = show(bm_buffer_view(&document), &len);
    if (text == NULL || len < around) {
        status = append_raw(element->raw, out, err);
        goto out;
    }
    struct bm_view value = {(const uint8_t *)text + sizeof before - 1, len - around};
    status = bm_buffer_append(out, value, err);
out:
    bson_free(text);
    bm_buffer_free(&document);
    return status;
}
