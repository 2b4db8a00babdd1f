/* SPDX-License-Identifier: Apache-2.0 */
#include "report/ledger_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "bsonmend/reader.h"
#include "doc/extjson.h"
#include "doc/json_grammar.h"
#include "doc/json_tokens.h"

#define BUFFER_KEPT ((size_t)1 << 20)
#define LINE_MAX_BYTES ((size_t)128 << 20) /* two elements of the longest document, in base64 */

/* The members of a line, in the order they are written in. */
enum member { NS, ID, ORDINAL, OFFSET, ACTION, PATH, AT, OLD, NEW, INDEX, REASON, MEMBERS };

static const struct {
    const char *name;
    char first; /* of its value, '0' a digit, '\0' anything */
} members[MEMBERS] = {
    [NS] = {"ns", '"'},         [ID] = {"_id", '\0'},        [ORDINAL] = {"ordinal", '0'},
    [OFFSET] = {"offset", '0'}, [ACTION] = {"action", '"'},  [PATH] = {"path", '"'},
    [AT] = {"at", '0'},         [OLD] = {"old", '"'},        [NEW] = {"new", '"'},
    [INDEX] = {"index", '\0'},  [REASON] = {"reason", '\0'},
};

#define BIT(member) (1u << (member))

/* What each action has and may have. */
static const struct {
    const char *name;
    unsigned needed, allowed;
} actions[] = {
#define OF_DOCUMENT (BIT(NS) | BIT(ID) | BIT(ORDINAL) | BIT(OFFSET) | BIT(ACTION))
#define OF_ELEMENT (OF_DOCUMENT | BIT(PATH) | BIT(AT))
#define WHY (BIT(INDEX) | BIT(REASON))
    [BM_ACTION_FILL] = {"fill", OF_ELEMENT | BIT(NEW), OF_ELEMENT | BIT(NEW) | BIT(OLD) | WHY},
    [BM_ACTION_REFILL] = {"refill", OF_ELEMENT | BIT(NEW), OF_ELEMENT | BIT(NEW) | BIT(OLD) | WHY},
    [BM_ACTION_UNSET] = {"unset", OF_ELEMENT | BIT(OLD), OF_ELEMENT | BIT(OLD) | WHY},
    [BM_ACTION_REJECT] = {"reject", OF_DOCUMENT | BIT(OLD), OF_DOCUMENT | BIT(OLD) | WHY},
    [BM_ACTION_METADATA] = {"metadata", BIT(NS) | BIT(ACTION) | BIT(OLD) | BIT(NEW),
                            BIT(NS) | BIT(ACTION) | BIT(OLD) | BIT(NEW)},
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

struct bm_ledger_reader {
    struct bm_reader *reader;
    char *path;
    uint64_t number;
    struct bm_buffer text; /* the line, and what its members stand for: */
    struct bm_buffer ns, field, before, after;
};

struct bm_ledger_reader *bm_ledger_reader_new(const char *path, const volatile sig_atomic_t *stop,
                                              struct bm_error *err)
{
    struct bm_ledger_reader *reader = bm_allocate(1, sizeof *reader, err);
    if (reader == NULL) {
        return NULL;
    }
    *reader = (struct bm_ledger_reader){
        .path = bm_copy_text(path, err),
        .text = BM_BUFFER_INIT(LINE_MAX_BYTES),
        .ns = BM_BUFFER_INIT(LINE_MAX_BYTES),
        .field = BM_BUFFER_INIT(LINE_MAX_BYTES),
        .before = BM_BUFFER_INIT(LINE_MAX_BYTES),
        .after = BM_BUFFER_INIT(LINE_MAX_BYTES),
    };
    reader->reader = reader->path != NULL ? bm_reader_file_new(path, stop, err) : NULL;
    if (reader->reader == NULL) {
        bm_ledger_reader_free(reader);
        return NULL;
    }
    return reader;
}

void bm_ledger_reader_free(struct bm_ledger_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    bm_reader_free(reader->reader);
    bm_buffer_free(&reader->text);
    bm_buffer_free(&reader->ns);
    bm_buffer_free(&reader->field);
    bm_buffer_free(&reader->before);
    bm_buffer_free(&reader->after);
    free(reader->path);
    free(reader);
}

static enum bm_status refuse(const struct bm_ledger_reader *reader, const char *what,
                             const char *name, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "line %" PRIu64 " is none of a ledger: %s%s",
                  reader->number, what, name);
    return bm_error_file(err, reader->path);
}

/* ---- a line ---- */

/* What a long line took is given back before the next: of its text each string is a part, so that
 * all together take twice the longest line, and not five times. */
static void forget_line(struct bm_ledger_reader *reader)
{
    struct bm_buffer *const buffers[] = {&reader->text, &reader->ns, &reader->field,
                                         &reader->before, &reader->after};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        if (buffers[i]->capacity > BUFFER_KEPT) {
            bm_buffer_free(buffers[i]);
        } else {
            bm_buffer_clear(buffers[i]);
        }
    }
}

static enum bm_status read_line(struct bm_ledger_reader *reader, struct bm_error *err)
{
    struct bm_view lent;
    forget_line(reader);
    for (;;) {
        enum bm_status status = bm_reader_peek(reader->reader, 1, &lent, err);
        if (status == BM_FAIL) {
            return bm_error_file(err, reader->path);
        }
        if (status == BM_END) {
            return reader->text.len == 0 ? BM_END : refuse(reader, "it is cut", "", err);
        }
        const uint8_t *end = memchr(lent.data, '\n', lent.len);
        size_t taken = end != NULL ? (size_t)(end - lent.data) : lent.len;
        if (taken > LINE_MAX_BYTES - reader->text.len) {
            return refuse(reader, "it is too long", "", err);
        }
        if (bm_buffer_append(&reader->text, (struct bm_view){lent.data, taken}, err) != BM_OK) {
            return BM_FAIL;
        }
        bm_reader_consume(reader->reader, end != NULL ? taken + 1 : taken);
        if (end != NULL) {
            return BM_OK;
        }
    }
}

/* A position in text that the grammar has passed: there is always what is looked for. */
struct cursor {
    const uint8_t *at;
};

static void skip_space(struct cursor *cursor)
{
    while (strchr(" \t\n\r", *cursor->at) != NULL) {
        cursor->at++;
    }
}

/* The string that starts here, its quotes included. */
static struct bm_view take_string(struct cursor *cursor)
{
    const uint8_t *start = cursor->at++;
    while (*cursor->at != '"') {
        cursor->at += *cursor->at == '\\' ? 2 : 1;
    }
    cursor->at++;
    return (struct bm_view){start, (size_t)(cursor->at - start)};
}

static struct bm_view take_value(struct cursor *cursor)
{
    const uint8_t *start = cursor->at;
    size_t depth = 0;
    do {
        if (*cursor->at == '"') {
            (void)take_string(cursor);
            continue;
        }
        depth += *cursor->at == '{' || *cursor->at == '[';
        depth -= depth > 0 && (*cursor->at == '}' || *cursor->at == ']');
        cursor->at++;
    } while (depth > 0 || strchr(",}] \t\r", *cursor->at) == NULL);
    return (struct bm_view){start, (size_t)(cursor->at - start)};
}

static int fits(struct bm_view value, char first)
{
    int is_digit = value.data[0] >= '0' && value.data[0] <= '9';
    return first == '\0' || (first == '0' ? is_digit : value.data[0] == (uint8_t)first);
}

static enum bm_status take_member(const struct bm_ledger_reader *reader, struct cursor *cursor,
                                  struct bm_view values[MEMBERS], struct bm_error *err)
{
    struct bm_view name = take_string(cursor);
    struct bm_view inside = {name.data + 1, name.len - 2};
    skip_space(cursor);
    cursor->at++; /* the colon */
    skip_space(cursor);
    struct bm_view value = take_value(cursor);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!bm_view_equal(inside, bm_view_text(members[i].name))) {
            continue;
        }
        if (values[i].len > 0 || !fits(value, members[i].first)) {
            return refuse(reader,
                          "a member of it comes twice or is of the wrong kind: ", members[i].name,
                          err);
        }
        values[i] = value;
        return BM_OK;
    }
    return refuse(reader, "it has an unknown member", "", err);
}

static enum bm_status take_members(struct bm_ledger_reader *reader, struct bm_view values[MEMBERS],
                                   struct bm_error *err)
{
    size_t tokens;
    struct bm_error grammar = BM_ERROR_INIT;
    struct bm_view text = bm_buffer_view(&reader->text);
    if (text.len == 0 || bm_json_grammar_check(text, &tokens, &grammar) != BM_OK) {
        return refuse(reader, text.len == 0 ? "it is empty" : grammar.text, "", err);
    }
    /* Its last byte is a bracket or a blank, and a blank ends every value as well. */
    struct cursor cursor = {text.data};
    skip_space(&cursor);
    cursor.at++;
    skip_space(&cursor);
    while (*cursor.at != '}') {
        if (take_member(reader, &cursor, values, err) != BM_OK) {
            return BM_FAIL;
        }
        skip_space(&cursor);
        cursor.at += *cursor.at == ',';
        skip_space(&cursor);
    }
    return BM_OK;
}

/* ---- what it says ---- */

static enum bm_status find_action(const struct bm_ledger_reader *reader,
                                  const struct bm_view values[MEMBERS], enum bm_action *out,
                                  struct bm_error *err)
{
    struct bm_view word = values[ACTION];
    unsigned has = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        has |= values[i].len > 0 ? BIT(i) : 0;
    }
    for (size_t i = 0; word.len > 2 && i < ACTIONS; i++) {
        if (!bm_view_equal((struct bm_view){word.data + 1, word.len - 2},
                           bm_view_text(actions[i].name))) {
            continue;
        }
        *out = (enum bm_action)i;
        return (has & actions[i].needed) == actions[i].needed && (has & ~actions[i].allowed) == 0
                   ? BM_OK
                   : refuse(reader, "it has not the members of action ", actions[i].name, err);
    }
    return refuse(reader, "its action is unknown", "", err);
}

static enum bm_status read_number(const struct bm_ledger_reader *reader, struct bm_view text,
                                  uint64_t *out, struct bm_error *err)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || *out > (UINT64_MAX - digit) / 10) {
            return refuse(reader, "a number of it is too large, or not whole", "", err);
        }
        *out = *out * 10 + digit;
    }
    return BM_OK;
}

/* The bytes that a string stands for, by themselves or as base64. */
static enum bm_status read_string(const struct bm_ledger_reader *reader, struct bm_view value,
                                  int is_base64, struct bm_buffer *buffer, struct bm_view *out,
                                  struct bm_error *err)
{
    bm_buffer_clear(buffer);
    *out = (struct bm_view){NULL, 0};
    if (value.len < 3) { /* absent, or "" */
        return BM_OK;
    }
    struct bm_view inside = {value.data + 1, value.len - 2};
    struct bm_error reason = BM_ERROR_INIT;
    enum bm_status status = is_base64 ? bm_base64_decode(inside, buffer, &reason)
                                      : bm_json_unescape(inside, buffer, &reason);
    if (status != BM_OK && reason.code != BM_ERROR_MEMORY) {
        return refuse(reader, reason.text, "", err);
    }
    if (status != BM_OK) {
        *err = reason;
        return BM_FAIL;
    }
    *out = bm_buffer_view(buffer);
    return BM_OK;
}

enum bm_status bm_ledger_reader_next(struct bm_ledger_reader *reader, struct bm_ledger_line *out,
                                     struct bm_error *err)
{
    struct bm_view values[MEMBERS] = {{NULL, 0}};
    reader->number++;
    enum bm_status status = read_line(reader, err);
    if (status != BM_OK) {
        return status;
    }
    *out = (struct bm_ledger_line){.number = reader->number};
    if (take_members(reader, values, err) != BM_OK ||
        find_action(reader, values, &out->action, err) != BM_OK) {
        return BM_FAIL;
    }
    out->id = values[ID];
    int is_base64 = out->action != BM_ACTION_METADATA;
    if (read_number(reader, values[ORDINAL], &out->ordinal, err) != BM_OK ||
        read_number(reader, values[AT], &out->at, err) != BM_OK ||
        read_string(reader, values[NS], 0, &reader->ns, &out->ns, err) != BM_OK ||
        read_string(reader, values[PATH], 0, &reader->field, &out->path, err) != BM_OK ||
        read_string(reader, values[OLD], is_base64, &reader->before, &out->before, err) != BM_OK) {
        return BM_FAIL;
    }
    return read_string(reader, values[NEW], is_base64, &reader->after, &out->after, err);
}
