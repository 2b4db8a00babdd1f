/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_tokens.h"

#include <stdlib.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "bsonmend/document.h"
#include "doc/json_grammar.h"

/* Both arrays of tokens together stay under 80 MiB; what makes more than so many values would
 * hardly fit a document. */
#define TOKENS_MAX 2097152u

static enum bm_json_kind kind_of(jsmntype_t type)
{
    switch (type) {
    case JSMN_OBJECT:
        return BM_JSON_OBJECT;
    case JSMN_ARRAY:
        return BM_JSON_ARRAY;
    case JSMN_STRING:
        return BM_JSON_STRING;
    case JSMN_PRIMITIVE:
    case JSMN_UNDEFINED:
        break;
    }
    return BM_JSON_WORD;
}

static void copy_tokens(const jsmntok_t *from, struct bm_json_token *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i].kind = kind_of(from[i].type);
        to[i].at = (uint32_t)from[i].start;
        to[i].len = (uint32_t)(from[i].end - from[i].start);
        to[i].size = (uint32_t)from[i].size;
    }
}

enum bm_status bm_json_tokens_read(struct bm_view text, struct bm_json_tokens *out,
                                   struct bm_error *err)
{
    *out = (struct bm_json_tokens){NULL, 0};
    size_t count;
    if (text.len > BM_DOCUMENT_MAX) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "JSON of more than %u bytes", BM_DOCUMENT_MAX);
        return bm_error_at(err, BM_DOCUMENT_MAX);
    }
    if (bm_json_grammar_check(text, &count, err) != BM_OK) {
        return BM_FAIL;
    }
    if (count > TOKENS_MAX) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "JSON of %zu values, over %u", count, TOKENS_MAX);
    }
    enum bm_status status = BM_FAIL;
    jsmntok_t *found = bm_allocate(count, sizeof *found, err);
    struct bm_json_token *list = bm_allocate(count, sizeof *list, err);
    if (found == NULL || list == NULL) {
        goto out;
    }
    jsmn_parser parser;
    jsmn_init(&parser);
    int n = jsmn_parse(&parser, (const char *)text.data, text.len, found, (unsigned)count);
    if (n < 0 || (size_t)n != count) {
        status = bm_fail(err, BM_ERROR_CORRUPT, 0, "not JSON: its values cannot be told apart");
        goto out;
    }
    copy_tokens(found, list, count);
    *out = (struct bm_json_tokens){list, count};
    list = NULL;
    status = BM_OK;
out:
    free(found);
    free(list);
    return status;
}

void bm_json_tokens_free(struct bm_json_tokens *tokens)
{
    free(tokens->list);
    *tokens = (struct bm_json_tokens){NULL, 0};
}
