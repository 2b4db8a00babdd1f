/* SPDX-License-Identifier: Apache-2.0 */
#include "report/show.h"

#include <string.h>

#include "bsonmend/document.h"
#include "doc/extjson.h"

/* A raw element taken apart; what is no element at all comes out as a null. */
static struct bm_element element_of(struct bm_view raw)
{
    struct bm_element element = {.type = BM_TYPE_NULL, .raw = raw};
    if (raw.len < 2) {
        return element;
    }
    const uint8_t *name_end = memchr(raw.data + 1, 0, raw.len - 1);
    if (name_end == NULL) {
        return element;
    }
    size_t name_len = (size_t)(name_end - raw.data) - 1;
    element.type = raw.data[0];
    element.name = (struct bm_view){raw.data + 1, name_len};
    element.value = (struct bm_view){name_end + 1, raw.len - name_len - 2};
    return element;
}

/* The server's names of the types. */
static const char *type_name(uint8_t type)
{
    switch ((enum bm_type)type) {
    case BM_TYPE_DOUBLE:
        return "double";
    case BM_TYPE_STRING:
        return "string";
    case BM_TYPE_OBJECT:
        return "object";
    case BM_TYPE_ARRAY:
        return "array";
    case BM_TYPE_BINARY:
        return "binData";
    case BM_TYPE_UNDEFINED:
        return "undefined";
    case BM_TYPE_OBJECT_ID:
        return "objectId";
    case BM_TYPE_BOOL:
        return "bool";
    case BM_TYPE_DATE:
        return "date";
    case BM_TYPE_NULL:
        return "null";
    case BM_TYPE_REGEX:
        return "regex";
    case BM_TYPE_DB_POINTER:
        return "dbPointer";
    case BM_TYPE_CODE:
        return "javascript";
    case BM_TYPE_SYMBOL:
        return "symbol";
    case BM_TYPE_CODE_WITH_SCOPE:
        return "javascriptWithScope";
    case BM_TYPE_INT32:
        return "int";
    case BM_TYPE_TIMESTAMP:
        return "timestamp";
    case BM_TYPE_INT64:
        return "long";
    case BM_TYPE_DECIMAL128:
        return "decimal";
    case BM_TYPE_MIN_KEY:
        return "minKey";
    case BM_TYPE_MAX_KEY:
        return "maxKey";
    }
    return "unknown";
}

/* What a reader would call the length of a value, in bytes: texts and binaries without their
 * framing. */
static size_t content_length(const struct bm_element *element)
{
    size_t len = element->value.len;
    int text = element->type == BM_TYPE_STRING || element->type == BM_TYPE_SYMBOL ||
               element->type == BM_TYPE_CODE;
    if ((text || element->type == BM_TYPE_BINARY) && len >= 5) {
        return len - 5; /* length and NUL, or length and subtype */
    }
    return len;
}

/* "string 32"; the type alone where it has one value only. */
static void print_type_and_length(struct bm_print *print, const struct bm_element *element)
{
    bm_print_text(print, type_name(element->type));
    if (element->value.len > 0) {
        bm_print_text(print, " ");
        bm_print_number(print, content_length(element));
    }
}

static void print_object_id(struct bm_print *print, struct bm_view bytes)
{
    for (size_t i = 0; i < bytes.len && print->status == BM_OK; i++) {
        print->status = bm_buffer_printf(&print->buffer, print->err, "%02x", bytes.data[i]);
    }
}

void bm_show_value(struct bm_print *print, struct bm_view raw)
{
    struct bm_element element = element_of(raw);
    if (print->redaction == BM_REDACT_VALUES) {
        bm_print_text(print, "<");
        print_type_and_length(print, &element);
        bm_print_text(print, ">");
        return;
    }
    if (element.type == BM_TYPE_OBJECT_ID && element.value.len == 12) {
        print_object_id(print, element.value);
        return;
    }
    struct bm_buffer json = BM_BUFFER_INIT(print->buffer.limit);
    if (print->status == BM_OK) {
        print->status = bm_json_value(&element, &json, print->err);
    }
    bm_print_escaped_view(print, bm_buffer_view(&json));
    bm_buffer_free(&json);
}

void bm_show_json_clear(struct bm_print *print, struct bm_view raw)
{
    if (raw.len == 0) {
        bm_print_text(print, "null");
        return;
    }
    struct bm_element element = element_of(raw);
    if (print->status == BM_OK) {
        print->status = bm_json_value(&element, &print->buffer, print->err);
    }
}

static void print_json_redacted(struct bm_print *print, const struct bm_element *element)
{
    bm_print_text(print, "{\"$redacted\": \"");
    print_type_and_length(print, element);
    bm_print_text(print, "\"}");
}

void bm_show_json_value(struct bm_print *print, struct bm_view raw)
{
    if (raw.len == 0 || print->redaction == BM_SHOW_VALUES) {
        bm_show_json_clear(print, raw);
        return;
    }
    struct bm_element element = element_of(raw);
    print_json_redacted(print, &element);
}

void bm_show_json_plain(struct bm_print *print, struct bm_view document)
{
    if (document.len == 0) {
        bm_print_text(print, "null");
    } else if (print->status == BM_OK) {
        print->status = bm_json_document(document, &print->buffer, print->err);
    }
}

/* How the parts of a redacted document are printed. */
struct key_form {
    const char *empty;
    const char *open, *close;
    void (*field)(struct bm_print *print, const struct bm_element *element);
};

static void print_key(struct bm_print *print, struct bm_view document, const struct key_form *form)
{
    struct bm_elements elements;
    struct bm_element element;
    if (print->status != BM_OK) {
        return;
    }
    print->status = bm_elements_open(&elements, document, print->err);
    size_t count = 0;
    while (print->status == BM_OK) {
        enum bm_status status = bm_elements_next(&elements, &element, print->err);
        if (status != BM_OK) {
            print->status = status == BM_END ? BM_OK : BM_FAIL;
            break;
        }
        bm_print_text(print, count++ == 0 ? form->open : ", ");
        form->field(print, &element);
    }
    bm_print_text(print, count == 0 ? form->empty : form->close);
}

static void print_json_field(struct bm_print *print, const struct bm_element *element)
{
    bm_print_json_view(print, element->name);
    bm_print_text(print, ": ");
    print_json_redacted(print, element);
}

static void print_text_field(struct bm_print *print, const struct bm_element *element)
{
    bm_print_bytes(print, element->name);
    bm_print_text(print, ": <");
    print_type_and_length(print, element);
    bm_print_text(print, ">");
}

void bm_show_json_key(struct bm_print *print, struct bm_view document)
{
    static const struct key_form json = {
        .empty = "{}", .open = "{", .close = "}", .field = print_json_field};
    if (document.len == 0 || print->redaction == BM_SHOW_VALUES) {
        bm_show_json_plain(print, document);
    } else {
        print_key(print, document, &json);
    }
}

/* Bytes of the line before the key. A namespace or an index may have "dup key: " in its name, so
 * these are stepped over first. */
static size_t key_position(const struct bm_violation *violation)
{
    static const char mark[] = "dup key: ";
    const char *line = violation->e11000;
    const char *at = line;
    const char *ns = strstr(at, violation->ns);
    at = ns != NULL ? ns + strlen(violation->ns) : at;
    const char *index = strstr(at, violation->index);
    at = index != NULL ? index + strlen(violation->index) : at;
    const char *key = strstr(at, mark);
    return key != NULL ? (size_t)(key - line) + sizeof mark - 1 : 0;
}

/* The line in a buffer of its own, to be escaped or quoted as a whole. */
static void compose_e11000(struct bm_print *print, const struct bm_violation *violation)
{
    static const struct key_form text = {
        .empty = "{}", .open = "{ ", .close = " }", .field = print_text_field};
    if (print->redaction == BM_SHOW_VALUES) {
        bm_print_text(print, violation->e11000);
        return;
    }
    bm_print_bytes(print,
                   (struct bm_view){(const uint8_t *)violation->e11000, key_position(violation)});
    if (violation->key.len == 0) {
        bm_print_text(print, "<redacted>");
    } else {
        print_key(print, violation->key, &text);
    }
}

/* How a composed line enters the print. */
typedef void quote_line(struct bm_print *print, struct bm_view line);

static void show_e11000(struct bm_print *print, const struct bm_violation *violation,
                        quote_line *quote)
{
    struct bm_print line;
    bm_print_start(&line, print->writer, print->redaction, print->err);
    compose_e11000(&line, violation);
    quote(print, bm_buffer_view(&line.buffer));
    if (line.status != BM_OK) {
        print->status = line.status;
    }
    bm_buffer_free(&line.buffer);
}

void bm_show_e11000(struct bm_print *print, const struct bm_violation *violation)
{
    show_e11000(print, violation, bm_print_escaped_view);
}

void bm_show_json_place(struct bm_print *print, const struct bm_document_place *place)
{
    if (!place->known) {
        bm_print_text(print, "null");
        return;
    }
    bm_print_text(print, "{\"_id\": ");
    bm_show_json_value(print, place->id);
    bm_print_member_number(print, "offset", place->offset);
    bm_print_member_number(print, "ordinal", place->ordinal);
    bm_print_text(print, "}");
}

void bm_show_json_e11000(struct bm_print *print, const struct bm_violation *violation)
{
    if (violation->e11000 == NULL) {
        bm_print_text(print, "null");
    } else {
        show_e11000(print, violation, bm_print_json_view);
    }
}
