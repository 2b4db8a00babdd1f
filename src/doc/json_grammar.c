/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_grammar.h"

#include <string.h>

/* A position in the text, and the brackets open there. */
struct scan {
    const uint8_t *data;
    size_t len;
    size_t at;
    size_t tokens;
    size_t depth;
    char open[BM_JSON_DEPTH_MAX];
};

static enum bm_status refuse(const struct scan *scan, const char *what, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "not JSON: %s", what);
    return bm_error_at(err, scan->at);
}

/* The next byte, -1 at the end. */
static int peek(const struct scan *scan)
{
    return scan->at < scan->len ? scan->data[scan->at] : -1;
}

static void skip_space(struct scan *scan)
{
    int c = peek(scan);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        scan->at++;
        c = peek(scan);
    }
}

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static int is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static enum bm_status scan_escape(struct scan *scan, struct bm_error *err)
{
    int c = peek(scan);
    if (c < 1 || strchr("\"\\/bfnrtu", c) == NULL) {
        return refuse(scan, "unknown escape in a string", err);
    }
    scan->at++;
    if (c != 'u') {
        return BM_OK;
    }
    for (int i = 0; i < 4; i++) {
        if (!is_hex(peek(scan))) {
            return refuse(scan, "\\u without four hex digits", err);
        }
        scan->at++;
    }
    return BM_OK;
}

static enum bm_status scan_string(struct scan *scan, struct bm_error *err)
{
    if (peek(scan) != '"') {
        return refuse(scan, "a name in double quotes is expected", err);
    }
    scan->tokens++;
    scan->at++;
    for (int c = peek(scan); c != '"'; c = peek(scan)) {
        if (c < 0) {
            return refuse(scan, "a string has no end", err);
        }
        if (c == 0) {
            return refuse(scan, "a zero byte in a string", err);
        }
        scan->at++;
        if (c == '\\' && scan_escape(scan, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    scan->at++;
    return BM_OK;
}

static enum bm_status scan_digits(struct scan *scan, struct bm_error *err)
{
    if (!is_digit(peek(scan))) {
        return refuse(scan, "a digit is expected", err);
    }
    while (is_digit(peek(scan))) {
        scan->at++;
    }
    return BM_OK;
}

static enum bm_status scan_number(struct scan *scan, struct bm_error *err)
{
    if (peek(scan) == '-') {
        scan->at++;
    }
    if (peek(scan) == '0') {
        scan->at++;
    } else if (scan_digits(scan, err) != BM_OK) {
        return BM_FAIL;
    }
    if (peek(scan) == '.') {
        scan->at++;
        if (scan_digits(scan, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-') {
            scan->at++;
        }
        return scan_digits(scan, err);
    }
    return BM_OK;
}

static enum bm_status scan_word(struct scan *scan, const char *word, struct bm_error *err)
{
    size_t len = strlen(word);
    if (scan->len - scan->at < len || memcmp(scan->data + scan->at, word, len) != 0) {
        return refuse(scan, "a value is expected", err);
    }
    scan->at += len;
    return BM_OK;
}

static enum bm_status scan_open(struct scan *scan, char close, struct bm_error *err)
{
    if (scan->depth == BM_JSON_DEPTH_MAX) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "JSON nested more than %d levels deep",
                      BM_JSON_DEPTH_MAX);
        return bm_error_at(err, scan->at);
    }
    scan->open[scan->depth++] = close;
    scan->at++;
    return BM_OK;
}

/* A value up to its end, of an object or array only the opening bracket. */
static enum bm_status scan_value(struct scan *scan, struct bm_error *err)
{
    int c = peek(scan);
    if (c == '"') {
        return scan_string(scan, err);
    }
    scan->tokens++;
    switch (c) {
    case '{':
        return scan_open(scan, '}', err);
    case '[':
        return scan_open(scan, ']', err);
    case 't':
        return scan_word(scan, "true", err);
    case 'f':
        return scan_word(scan, "false", err);
    case 'n':
        return scan_word(scan, "null", err);
    default:
        if (c == '-' || is_digit(c)) {
            return scan_number(scan, err);
        }
        return refuse(scan, "a value is expected", err);
    }
}

/* The next value of the innermost bracket; in an object with its name before it. */
static enum bm_status scan_member(struct scan *scan, struct bm_error *err)
{
    if (scan->open[scan->depth - 1] == '}') {
        if (scan_string(scan, err) != BM_OK) {
            return BM_FAIL;
        }
        skip_space(scan);
        if (peek(scan) != ':') {
            return refuse(scan, "a colon is expected", err);
        }
        scan->at++;
        skip_space(scan);
    }
    return scan_value(scan, err);
}

/* From just behind a bracket or value to just behind the next one. *fresh: nothing has come yet
 * behind the innermost opening bracket. */
static enum bm_status scan_step(struct scan *scan, int *fresh, struct bm_error *err)
{
    skip_space(scan);
    if (peek(scan) == scan->open[scan->depth - 1]) {
        scan->at++;
        scan->depth--;
        *fresh = 0;
        return BM_OK;
    }
    if (!*fresh) {
        if (peek(scan) != ',') {
            return refuse(scan, "a comma or closing bracket is expected", err);
        }
        scan->at++;
        skip_space(scan);
    }
    size_t depth = scan->depth;
    if (scan_member(scan, err) != BM_OK) {
        return BM_FAIL;
    }
    *fresh = scan->depth > depth;
    return BM_OK;
}

enum bm_status bm_json_grammar_check(struct bm_view text, size_t *tokens, struct bm_error *err)
{
    struct scan scan = {.data = text.data, .len = text.len};
    skip_space(&scan);
    if (peek(&scan) != '{') {
        return refuse(&scan, "an object is expected", err);
    }
    if (scan_value(&scan, err) != BM_OK) {
        return BM_FAIL;
    }
    int fresh = 1;
    while (scan.depth > 0) {
        if (scan_step(&scan, &fresh, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    skip_space(&scan);
    if (scan.at != scan.len) {
        return refuse(&scan, "something follows the object", err);
    }
    *tokens = scan.tokens;
    return BM_OK;
}
