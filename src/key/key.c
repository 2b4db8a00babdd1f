/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/key.h"

#include "base/bytes.h"
#include "key/canonical.h"
#include "key/index.h"
#include "key/text.h"

/* Keys can be as large as documents; what is printed of one is not. */
#define TEXT_MOST ((size_t)16384)

enum bm_status bm_key_canonical(uint8_t type, struct bm_view value, struct bm_buffer *out,
                                struct bm_error *err)
{
    const char *refusal = NULL;
    enum bm_status status = bm_canonical_append(type, value, value.data, out, &refusal, err);
    return status == BM_END ? bm_fail(err, BM_ERROR_VIOLATION, 0, "%s", refusal) : status;
}

static enum bm_status put_part(struct bm_text *text, const char *path,
                               const struct bm_key_part *part, struct bm_error *err)
{
    if (bm_text_bytes(text, bm_view_text(path), err) != BM_OK ||
        bm_text_bytes(text, bm_view_text(": "), err) != BM_OK) {
        return BM_FAIL;
    }
    if (part->type == BM_TYPE_STRING || part->type == BM_TYPE_SYMBOL) {
        struct bm_view content = {part->value.data + 4, part->value.len - 5};
        return bm_text_string(text, content, err);
    }
    return bm_text_value(text, part->type, part->value, err);
}

enum bm_status bm_key_text(const struct bm_index *index, const struct bm_key *key,
                           struct bm_buffer *out, struct bm_error *err)
{
    struct bm_text text = bm_text_start(out, TEXT_MOST);
    for (size_t i = 0; i < index->field_count; i++) {
        struct bm_view before = bm_view_text(i == 0 ? "{ " : ", ");
        if (bm_text_bytes(&text, before, err) != BM_OK ||
            put_part(&text, index->fields[i].path, &key->parts[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_text_bytes(&text, bm_view_text(" }"), err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_text_finish(&text, err);
}

enum bm_status bm_pattern_text(const struct bm_index *index, struct bm_buffer *out,
                               struct bm_error *err)
{
    struct bm_text text = bm_text_start(out, TEXT_MOST);
    if (bm_text_document(&text, BM_TYPE_OBJECT, index->pattern, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_text_finish(&text, err);
}

enum bm_status bm_key_document(const struct bm_index *index, const struct bm_key *key,
                               struct bm_buffer *out, struct bm_error *err)
{
    static const uint8_t open[4] = {0};
    size_t start = out->len;
    if (bm_buffer_append(out, (struct bm_view){open, sizeof open}, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < index->field_count; i++) {
        if (bm_buffer_append_byte(out, key->parts[i].type, err) != BM_OK ||
            bm_buffer_append_text(out, index->fields[i].path, err) != BM_OK ||
            bm_buffer_append_byte(out, 0, err) != BM_OK ||
            bm_buffer_append(out, key->parts[i].value, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_buffer_append_byte(out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    if (out->len - start > INT32_MAX) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "a key of %zu bytes", out->len - start);
    }
    bm_put_le32(out->data + start, (uint32_t)(out->len - start));
    return BM_OK;
}
