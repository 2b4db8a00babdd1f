/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_JSON_EDIT_H
#define BM_DOC_JSON_EDIT_H

#include "base/buffer.h"
#include "doc/json_tokens.h"

/*
 * Changes to a JSON text that leave every byte outside of them as it was: white space, the spelling
 * of numbers and names, names that come twice.
 */

/* One name with its value, or one value of an array. Places are bytes from the start of the text.
 */
struct bm_json_member {
    size_t name;  /* the token of its name; in an array that of its value */
    size_t value; /* the token of its value */
    size_t start; /* of the name's opening quote; in an array of the value */
    size_t end;   /* behind the value's last byte */
};

/* A position among the members of one object or array; a plain cursor, nothing to free. */
struct bm_json_members {
    const struct bm_json_tokens *tokens;
    enum bm_json_kind kind;
    size_t next; /* token */
    size_t end;  /* bytes: behind the container */
};

/* Starts at the first member of the object or array that is token number `container`. The tokens
 * must outlive the cursor. */
void bm_json_members_open(struct bm_json_members *members, const struct bm_json_tokens *tokens,
                          size_t container);
/* BM_END: no more. Never fails. */
enum bm_status bm_json_members_next(struct bm_json_members *members, struct bm_json_member *out);

/* Where the text of a token starts and ends, a string's quotes included. */
size_t bm_json_token_start(const struct bm_json_token *token);
size_t bm_json_token_end(const struct bm_json_token *token);

/*
 * Finds the last member of an object that has this name, since of several the last one counts.
 * BM_END: there is none. BM_FAIL: BM_ERROR_MEMORY.
 */
enum bm_status bm_json_find_last(struct bm_view text, const struct bm_json_tokens *tokens,
                                 size_t object, struct bm_view name, struct bm_json_member *out,
                                 struct bm_error *err) BM_MUST_USE;

/* Whether the inside of a JSON string stands for these bytes: BM_OK, BM_END: it does not, or
 * BM_ERROR_MEMORY. */
enum bm_status bm_json_stands_for(struct bm_view text, const struct bm_json_token *string,
                                  struct bm_view wanted, struct bm_error *err) BM_MUST_USE;

/* A text on its way into a buffer, changed at rising places. Starts with at 0; borrows both. */
struct bm_json_edit {
    struct bm_view text;
    size_t at; /* bytes of the text that are done */
    struct bm_buffer *out;
};

/* Puts `replacement` in place of the bytes from start up to end; start is not below edit->at. */
enum bm_status bm_json_edit_replace(struct bm_json_edit *edit, size_t start, size_t end,
                                    struct bm_view replacement, struct bm_error *err) BM_MUST_USE;
/*
 * Leaves out the members of a container for whose number doomed holds 1, each with one comma.
 * doomed has a byte for each member, token.size of them.
 */
enum bm_status bm_json_edit_remove(struct bm_json_edit *edit, const struct bm_json_tokens *tokens,
                                   size_t container, const uint8_t *doomed,
                                   struct bm_error *err) BM_MUST_USE;
/* Adds a member behind the last one, with a comma unless the container has none. After
 * bm_json_edit_remove at least one must be left. */
enum bm_status bm_json_edit_add(struct bm_json_edit *edit, const struct bm_json_tokens *tokens,
                                size_t container, struct bm_view member,
                                struct bm_error *err) BM_MUST_USE;
/* Copies what is left of the text. */
enum bm_status bm_json_edit_finish(struct bm_json_edit *edit, struct bm_error *err) BM_MUST_USE;

#endif
