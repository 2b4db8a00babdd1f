/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_edit.h"

#include <string.h>

#include "bsonmend/document.h"

size_t bm_json_token_start(const struct bm_json_token *token)
{
    return token->kind == BM_JSON_STRING ? token->at - 1u : token->at;
}

size_t bm_json_token_end(const struct bm_json_token *token)
{
    return (size_t)token->at + token->len + (token->kind == BM_JSON_STRING ? 1u : 0u);
}

void bm_json_members_open(struct bm_json_members *members, const struct bm_json_tokens *tokens,
                          size_t container)
{
    const struct bm_json_token *token = &tokens->list[container];
    *members = (struct bm_json_members){.tokens = tokens,
                                        .kind = token->kind,
                                        .next = container + 1,
                                        .end = bm_json_token_end(token)};
}

enum bm_status bm_json_members_next(struct bm_json_members *members, struct bm_json_member *out)
{
    const struct bm_json_tokens *tokens = members->tokens;
    size_t name = members->next;
    if (name >= tokens->count || tokens->list[name].at >= members->end) {
        return BM_END;
    }
    size_t value = members->kind == BM_JSON_OBJECT ? name + 1 : name;
    size_t end = bm_json_token_end(&tokens->list[value]);
    *out = (struct bm_json_member){.name = name,
                                   .value = value,
                                   .start = bm_json_token_start(&tokens->list[name]),
                                   .end = end};
    size_t next = value + 1;
    while (next < tokens->count && tokens->list[next].at < end) {
        next++;
    }
    members->next = next;
    return BM_OK;
}

enum bm_status bm_json_stands_for(struct bm_view text, const struct bm_json_token *string,
                                  struct bm_view wanted, struct bm_error *err)
{
    struct bm_view inside = {text.data + string->at, string->len};
    if (inside.len == 0 || memchr(inside.data, '\\', inside.len) == NULL) {
        return bm_view_equal(inside, wanted) ? BM_OK : BM_END;
    }
    struct bm_buffer plain = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    enum bm_status status = bm_json_unescape(inside, &plain, err);
    if (status == BM_OK && !bm_view_equal(bm_buffer_view(&plain), wanted)) {
        status = BM_END;
    }
    bm_buffer_free(&plain);
    return status;
}

enum bm_status bm_json_find_last(struct bm_view text, const struct bm_json_tokens *tokens,
                                 size_t object, struct bm_view name, struct bm_json_member *out,
                                 struct bm_error *err)
{
    struct bm_json_members members;
    struct bm_json_member member;
    enum bm_status found = BM_END;
    bm_json_members_open(&members, tokens, object);
    while (bm_json_members_next(&members, &member) == BM_OK) {
        enum bm_status status = bm_json_stands_for(text, &tokens->list[member.name], name, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (status == BM_OK) {
            *out = member;
            found = BM_OK;
        }
    }
    return found;
}

enum bm_status bm_json_edit_replace(struct bm_json_edit *edit, size_t start, size_t end,
                                    struct bm_view replacement, struct bm_error *err)
{
    struct bm_view kept = {edit->text.data + edit->at, start - edit->at};
    edit->at = end;
    if (bm_buffer_append(edit->out, kept, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append(edit->out, replacement, err);
}

enum bm_status bm_json_edit_remove(struct bm_json_edit *edit, const struct bm_json_tokens *tokens,
                                   size_t container, const uint8_t *doomed, struct bm_error *err)
{
    static const struct bm_view nothing = {NULL, 0};
    struct bm_json_members members;
    struct bm_json_member member;
    struct bm_json_member before = {0};
    size_t kept = 0;
    size_t number = 0;
    bm_json_members_open(&members, tokens, container);
    /* The comma that goes is the one in front; without a member left in front, the one behind. */
    for (; bm_json_members_next(&members, &member) == BM_OK; before = member, number++) {
        if (number > 0 && kept == 0 && doomed[number - 1] &&
            bm_json_edit_replace(edit, before.start, member.start, nothing, err) != BM_OK) {
            return BM_FAIL;
        }
        if (!doomed[number]) {
            kept++;
        } else if (kept > 0 &&
                   bm_json_edit_replace(edit, before.end, member.end, nothing, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (number > 0 && kept == 0) {
        return bm_json_edit_replace(edit, before.start, before.end, nothing, err);
    }
    return BM_OK;
}

enum bm_status bm_json_edit_add(struct bm_json_edit *edit, const struct bm_json_tokens *tokens,
                                size_t container, struct bm_view member, struct bm_error *err)
{
    struct bm_json_members members;
    struct bm_json_member last;
    size_t end = (size_t)tokens->list[container].at + 1;
    struct bm_view comma = {NULL, 0};
    bm_json_members_open(&members, tokens, container);
    while (bm_json_members_next(&members, &last) == BM_OK) {
        end = last.end;
        comma = bm_view_text(",");
    }
    if (bm_json_edit_replace(edit, end, end, comma, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append(edit->out, member, err);
}

enum bm_status bm_json_edit_finish(struct bm_json_edit *edit, struct bm_error *err)
{
    static const struct bm_view nothing = {NULL, 0};
    return bm_json_edit_replace(edit, edit->text.len, edit->text.len, nothing, err);
}
