/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/key.h"

#include "base/bytes.h"
#include "key/canonical.h"
#include "key/index.h"
#include "key/refusal.h"
#include "key/size.h"
#include "key/text.h"

/* Keys can be as large as documents; what is printed of one is not. */
#define TEXT_MOST ((size_t)16384)

/* *canonical is made anew; its units are gone when this returns. */
static enum bm_status write_canonical(struct bm_canonical *canonical,
                                      const struct bm_collation *collation, uint8_t type,
                                      struct bm_view value, struct bm_buffer *out,
                                      struct bm_error *err)
{
    struct bm_units units = BM_UNITS_INIT;
    *canonical = (struct bm_canonical){
        .out = out, .origin = value.data, .collation = collation, .units = &units};
    enum bm_status status = bm_canonical_append(canonical, type, value, err);
    canonical->units = NULL;
    bm_units_free(&units);
    return status == BM_END
               ? bm_fail(err, BM_ERROR_VIOLATION, 0, "%s", bm_refusal_words(canonical->refusal))
               : status;
}

enum bm_status bm_key_canonical(uint8_t type, struct bm_view value, struct bm_buffer *out,
                                struct bm_error *err)
{
    struct bm_canonical canonical;
    return write_canonical(&canonical, NULL, type, value, out, err);
}

enum bm_status bm_index_canonical(const struct bm_index *index, uint8_t type, struct bm_view value,
                                  struct bm_buffer *out, struct bm_error *err)
{
    struct bm_canonical canonical;
    return write_canonical(&canonical, index->collation, type, value, out, err);
}

enum bm_status bm_index_id_canonical(const struct bm_index *index, const struct bm_element *id,
                                     struct bm_buffer *out, const char **own_limit,
                                     struct bm_error *err)
{
    struct bm_canonical canonical;
    struct bm_key_part part = {id->type, BM_ORIGIN_VALUE, id->value};
    struct bm_buffer words = BM_BUFFER_INIT(65536);
    struct bm_error failure = BM_ERROR_INIT;
    enum bm_status status =
        write_canonical(&canonical, index->collation, id->type, id->value, out, &failure);
    if (status == BM_FAIL && bm_refusal_is_own(canonical.refusal)) {
        *own_limit = bm_refusal_words(canonical.refusal);
        return BM_END;
    }
    if (status == BM_OK && index->limits_keys) {
        status = bm_key_size_check(index, &part, &canonical, &words, &failure);
    }
    if (status == BM_END) {
        status = bm_fail(&failure, BM_ERROR_VIOLATION, 0, "%s", (const char *)words.data);
    }
    if (status == BM_FAIL && err->code == BM_ERROR_NONE) {
        *err = failure;
    }
    bm_buffer_free(&words);
    return status;
}

int bm_index_id_may_be_large(const struct bm_index *index, const struct bm_element *id)
{
    return index->limits_keys &&
           (index->collation != NULL || id->value.len + BM_KEY_BYTES_AROUND >= BM_KEY_BYTES_LIMIT);
}

static enum bm_status put(struct bm_text *text, const char *words, struct bm_error *err)
{
    return bm_text_bytes(text, bm_view_text(words), err);
}

static int is_text(uint8_t type)
{
    return type == BM_TYPE_STRING || type == BM_TYPE_SYMBOL;
}

/* Servers before 5.0 show the bytes of a string as they are. */
static enum bm_status put_plain(struct bm_text *text, const struct bm_index *index,
                                const struct bm_key_part *part, struct bm_error *err)
{
    if (is_text(part->type) && !bm_server_before(index->server, 5, 0)) {
        struct bm_view content = {part->value.data + 4, part->value.len - 5};
        return bm_text_string(text, content, err);
    }
    return bm_text_value(text, part->type, part->value, err);
}

/* What the server shows of a string is ICU's sort key, which differs from one ICU to the next. */
static enum bm_status put_part(struct bm_text *text, const struct bm_index *index, size_t number,
                               const struct bm_key_part *part, struct bm_error *err)
{
    int is_old = bm_server_before(index->server, 4, 2);
    int is_document = part->type == BM_TYPE_OBJECT || part->type == BM_TYPE_ARRAY;
    int is_sort_key = index->collation != NULL && (is_document || is_text(part->type));
    const char *before = is_document ? "<ICU sort keys of the strings in " : "<ICU sort key of ";
    if (put(text, is_old ? "" : index->fields[number].path, err) != BM_OK ||
        put(text, ": ", err) != BM_OK || put(text, is_sort_key ? before : "", err) != BM_OK ||
        put_plain(text, index, part, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, is_sort_key ? ">" : "", err);
}

enum bm_status bm_key_text_short(const struct bm_index *index, const struct bm_key *key,
                                 size_t most, struct bm_buffer *out, struct bm_error *err)
{
    struct bm_text text = bm_text_start(out, most);
    for (size_t i = 0; i < index->field_count; i++) {
        if (put(&text, i == 0 ? "{ " : ", ", err) != BM_OK ||
            put_part(&text, index, i, &key->parts[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (put(&text, " }", err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_text_finish(&text, err);
}

enum bm_status bm_key_text(const struct bm_index *index, const struct bm_key *key,
                           struct bm_buffer *out, struct bm_error *err)
{
    return bm_key_text_short(index, key, TEXT_MOST, out, err);
}

/* The form of the message up to 2.6, which names the index with its collection. */
static enum bm_status put_old_head(struct bm_text *text, const struct bm_index *index,
                                   const char *ns, struct bm_error *err)
{
    int is_very_old = bm_server_before(index->server, 2, 6);
    if (put(text, "E11000 duplicate key error index: ", err) != BM_OK ||
        put(text, ns, err) != BM_OK || put(text, ".$", err) != BM_OK ||
        put(text, index->name, err) != BM_OK) {
        return BM_FAIL;
    }
    return put(text, is_very_old ? "  dup key: " : " dup key: ", err);
}

static enum bm_status put_head(struct bm_text *text, const struct bm_index *index, const char *ns,
                               struct bm_error *err)
{
    if (bm_server_before(index->server, 3, 0)) {
        return put_old_head(text, index, ns, err);
    }
    if (put(text, "E11000 duplicate key error collection: ", err) != BM_OK ||
        put(text, ns, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!index->clustered &&
        (put(text, " index: ", err) != BM_OK || put(text, index->name, err) != BM_OK)) {
        return BM_FAIL;
    }
    if (index->collation != NULL && !bm_server_before(index->server, 5, 0) &&
        (put(text, " collation: ", err) != BM_OK ||
         bm_text_document(text, BM_TYPE_OBJECT, index->collation_document, err) != BM_OK)) {
        return BM_FAIL;
    }
    return put(text, " dup key: ", err);
}

enum bm_status bm_key_message(const struct bm_index *index, const char *ns,
                              const struct bm_key *key, struct bm_buffer *out, struct bm_error *err)
{
    struct bm_text text = bm_text_start(out, TEXT_MOST);
    if (put_head(&text, index, ns, err) != BM_OK || bm_text_finish(&text, err) != BM_OK ||
        bm_key_text(index, key, out, err) != BM_OK) {
        return BM_FAIL;
    }
    /* What a clustered collection adds, the record it found, is not known here. */
    return bm_buffer_append_text(out, index->clustered ? " found value: <record id>" : "", err);
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
