/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
#include "support/ledger_undo.h"

#include <bson/bson.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct bm_error err;

#define MUST(call) cr_assert_eq(call, BM_OK, "%s", err.text)

void test_ledger_read(struct test_ledger *ledger, const char *path)
{
    char chunk[65536];
    size_t n;
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    *ledger = (struct test_ledger){.text = BM_BUFFER_INIT(256 << 20)};
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        MUST(bm_buffer_append(&ledger->text, (struct bm_view){(uint8_t *)chunk, n}, &err));
        for (size_t i = 0; i < n; i++) {
            ledger->lines += chunk[i] == '\n';
        }
    }
    fclose(file);
    MUST(bm_buffer_append_byte(&ledger->text, 0, &err));
}

void test_ledger_free(struct test_ledger *ledger)
{
    bm_buffer_free(&ledger->text);
}

/* ---- lines, by libbson's JSON ---- */

/* What stands before the _id and behind it: its own value may be no value of a BSON document. */
static bson_t *parse(const char *line, size_t len)
{
    static const char id[] = ", \"_id\": ";
    static const char behind[] = ", \"ordinal\": ";
    struct bm_buffer text = BM_BUFFER_INIT(256 << 20);
    const char *at = memmem(line, len, id, sizeof id - 1);
    const char *end = line + len;
    /* The last place where it may end: nothing behind it holds this but as a string's escape. */
    const char *next = NULL;
    for (const char *p = at; p != NULL;
         p = memmem(p + 1, (size_t)(end - p - 1), behind, sizeof behind - 1)) {
        next = p;
    }
    struct bm_view all = {(const uint8_t *)line, len};
    if (at != NULL && next != NULL && next != at) {
        MUST(bm_buffer_append(&text, (struct bm_view){all.data, (size_t)(at - line)}, &err));
        all = (struct bm_view){(const uint8_t *)next, (size_t)(end - next)};
    }
    MUST(bm_buffer_append(&text, all, &err));
    bson_error_t error;
    bson_t *parsed = bson_new_from_json(text.data, (ssize_t)text.len, &error);
    cr_assert_not_null(parsed, "%s: %.*s", error.message, (int)text.len, (const char *)text.data);
    bm_buffer_free(&text);
    return parsed;
}

static const char *text_of(const bson_t *line, const char *name)
{
    bson_iter_t iter;
    return bson_iter_init_find(&iter, line, name) && BSON_ITER_HOLDS_UTF8(&iter)
               ? bson_iter_utf8(&iter, NULL)
               : NULL;
}

static uint64_t number_of(const bson_t *line, const char *name)
{
    bson_iter_t iter;
    cr_assert(bson_iter_init_find(&iter, line, name), "%s", name);
    return (uint64_t)bson_iter_as_int64(&iter);
}

static struct bm_buffer bytes_of(const bson_t *line, const char *name)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct bm_buffer bytes = BM_BUFFER_INIT(64 << 20);
    const char *text = text_of(line, name);
    uint32_t bits = 0;
    unsigned held = 0;
    for (; text != NULL && *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        cr_assert_not_null(digit);
        bits = bits << 6 | (uint32_t)(digit - digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            MUST(bm_buffer_append_byte(&bytes, (uint8_t)(bits >> held), &err));
        }
    }
    return bytes;
}

/* The lines of one namespace, one after the other. */
struct lines {
    const char *next;
    const char *ns;
    bson_t *line; /* NULL: no more */
};

static void next_line(struct lines *lines)
{
    if (lines->line != NULL) {
        bson_destroy(lines->line);
        lines->line = NULL;
    }
    while (*lines->next != '\0') {
        const char *end = strchr(lines->next, '\n');
        cr_assert_not_null(end, "the ledger is cut");
        bson_t *line = parse(lines->next, (size_t)(end - lines->next));
        lines->next = end + 1;
        const char *ns = text_of(line, "ns");
        cr_assert_not_null(ns);
        if (strcmp(ns, lines->ns) == 0) {
            lines->line = line;
            return;
        }
        bson_destroy(line);
    }
}

static int is_action(const struct lines *lines, const char *action)
{
    return lines->line != NULL && strcmp(text_of(lines->line, "action"), action) == 0;
}

static struct lines lines_of(const struct test_ledger *ledger, const char *ns)
{
    struct lines lines = {.next = (const char *)ledger->text.data, .ns = ns};
    next_line(&lines);
    return lines;
}

/* ---- documents ---- */

static uint32_t length_at(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static size_t value_length(uint8_t type, const uint8_t *value)
{
    switch (type) {
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
        return 8;
    case 0x02:
    case 0x0d:
    case 0x0e:
        return 4 + length_at(value);
    case 0x03:
    case 0x04:
    case 0x0f:
        return length_at(value);
    case 0x05:
        return 5 + length_at(value);
    case 0x07:
        return 12;
    case 0x08:
        return 1;
    case 0x0b: {
        size_t pattern = strlen((const char *)value) + 1;
        return pattern + strlen((const char *)value + pattern) + 1;
    }
    case 0x0c:
        return 4 + length_at(value) + 12;
    case 0x10:
        return 4;
    case 0x13:
        return 16;
    default:
        return 0;
    }
}

/* Takes `less` off the length of every document around a place. */
static void shorten_around(uint8_t *document, size_t at, int64_t less)
{
    for (;;) {
        size_t len = length_at(document);
        size_t child = 4;
        size_t value = 0;
        while (document[child] != 0) {
            value = child + 1 + strlen((const char *)document + child + 1) + 1;
            size_t end = value + value_length(document[child], document + value);
            if (end > at) {
                break;
            }
            child = end;
        }
        int is_inside = document[child] != 0 && child < at;
        int is_document = document[child] == 3 || document[child] == 4;
        cr_assert(!is_inside || (is_document && at >= value + 4), "in no document");
        uint32_t shorter = (uint32_t)((int64_t)len - less);
        for (int i = 0; i < 4; i++) {
            document[i] = (uint8_t)(shorter >> 8 * i);
        }
        if (!is_inside) {
            return;
        }
        document += value;
        at -= value;
    }
}

static void undo_element(struct bm_buffer *document, const bson_t *line)
{
    struct bm_buffer old = bytes_of(line, "old");
    struct bm_buffer new = bytes_of(line, "new");
    size_t at = number_of(line, "at");
    cr_assert_leq(at + new.len, document->len);
    cr_assert(new.len == 0 || memcmp(document->data + at, new.data, new.len) == 0,
              "the new element is not there");
    shorten_around(document->data, at, (int64_t) new.len - (int64_t)old.len);
    struct bm_buffer undone = BM_BUFFER_INIT(64 << 20);
    size_t behind = at + new.len;
    MUST(bm_buffer_append(&undone, (struct bm_view){document->data, at}, &err));
    MUST(bm_buffer_append(&undone, bm_buffer_view(&old), &err));
    MUST(bm_buffer_append(&undone,
                          (struct bm_view){document->data + behind, document->len - behind}, &err));
    bm_buffer_free(document);
    bm_buffer_free(&old);
    bm_buffer_free(&new);
    *document = undone;
}

static void append_and_free(struct bm_buffer *out, struct bm_buffer *bytes)
{
    MUST(bm_buffer_append(out, bm_buffer_view(bytes), &err));
    bm_buffer_free(bytes);
}

struct bm_buffer test_ledger_undo(const struct test_ledger *ledger, const char *ns,
                                  struct bm_view after)
{
    struct bm_buffer before = BM_BUFFER_INIT(256 << 20);
    struct lines lines = lines_of(ledger, ns);
    err = BM_ERROR_INIT;
    while (is_action(&lines, "metadata")) {
        next_line(&lines);
    }
    uint64_t ordinal = 0;
    for (size_t at = 0; at < after.len || lines.line != NULL; ordinal++) {
        if (is_action(&lines, "reject") && number_of(lines.line, "ordinal") == ordinal) {
            struct bm_buffer whole = bytes_of(lines.line, "old");
            append_and_free(&before, &whole);
            next_line(&lines);
            continue;
        }
        cr_assert_lt(at, after.len, "%s: a line of no document", ns);
        struct bm_buffer document = BM_BUFFER_INIT(64 << 20);
        size_t len = length_at(after.data + at);
        MUST(bm_buffer_append(&document, (struct bm_view){after.data + at, len}, &err));
        while (lines.line != NULL && number_of(lines.line, "ordinal") == ordinal) {
            undo_element(&document, lines.line);
            next_line(&lines);
        }
        append_and_free(&before, &document);
        at += len;
    }
    return before;
}

struct bm_buffer test_ledger_undo_metadata(const struct test_ledger *ledger, const char *ns,
                                           struct bm_view after)
{
    struct bm_buffer before = BM_BUFFER_INIT(64 << 20);
    struct lines lines = lines_of(ledger, ns);
    err = BM_ERROR_INIT;
    if (!is_action(&lines, "metadata")) {
        MUST(bm_buffer_append(&before, after, &err));
    } else {
        const char *new = text_of(lines.line, "new");
        cr_assert(bm_view_equal(bm_view_text(new), after), "%s: other metadata", ns);
        MUST(bm_buffer_append_text(&before, text_of(lines.line, "old"), &err));
    }
    if (lines.line != NULL) {
        bson_destroy(lines.line);
    }
    return before;
}
