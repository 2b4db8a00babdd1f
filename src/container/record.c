/* SPDX-License-Identifier: Apache-2.0 */
#include "container/record.h"

#include <string.h>

#include <isa-l/crc64.h>

#include "bsonmend/document.h"

#include "base/bytes.h"

enum { STRING_OVERHEAD = 5 /* length and NUL of a BSON string */ };

/* Readers of today refuse what they do not know in a block's header, but not in the prelude. */
enum strangers { STRANGERS_PASS, STRANGERS_REFUSED };

/* One field that a record may have: where it goes is told by its type. */
struct field {
    const char *name;
    enum bm_type type;
    struct bm_view *value; /* the encoded value; untouched when absent */
};

static enum bm_status take_field(const struct bm_element *element, const struct field *fields,
                                 size_t count, enum strangers strangers, size_t at,
                                 struct bm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!bm_view_equal(element->name, bm_view_text(fields[i].name))) {
            continue;
        }
        if (element->type != fields[i].type) {
            (void)bm_fail(err, BM_ERROR_CORRUPT, 0,
                          "field %s of an archive record has type 0x%02x, not 0x%02x",
                          fields[i].name, element->type, (unsigned)fields[i].type);
            return bm_error_at(err, at);
        }
        *fields[i].value = element->value;
        if (element->type == BM_TYPE_STRING) {
            fields[i].value->data += 4;
            fields[i].value->len -= STRING_OVERHEAD;
        }
        return BM_OK;
    }
    if (strangers == STRANGERS_PASS) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "unknown field %.*s in a collection header",
                  element->name.len > 80 ? 80 : (int)element->name.len,
                  (const char *)element->name.data);
    return bm_error_at(err, at);
}

static enum bm_status read_fields(struct bm_view document, const struct field *fields, size_t count,
                                  enum strangers strangers, struct bm_error *err)
{
    struct bm_elements elements;
    if (bm_elements_open(&elements, document, err) != BM_OK) {
        return bm_error_at(err, 0);
    }
    struct bm_element element;
    enum bm_status status;
    while ((status = bm_elements_next(&elements, &element, err)) == BM_OK) {
        size_t at = (size_t)(element.raw.data - document.data);
        if (take_field(&element, fields, count, strangers, at, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

enum bm_status bm_record_header_read(struct bm_view document, struct bm_record_header *out,
                                     struct bm_error *err)
{
    *out = (struct bm_record_header){0};
    struct bm_view concurrent = {NULL, 0};
    const struct field fields[] = {
        {"concurrent_collections", BM_TYPE_INT32, &concurrent},
        {"version", BM_TYPE_STRING, &out->version},
        {"server_version", BM_TYPE_STRING, &out->server_version},
        {"tool_version", BM_TYPE_STRING, &out->tool_version},
    };
    if (read_fields(document, fields, sizeof fields / sizeof fields[0], STRANGERS_PASS, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    if (concurrent.len == 4) {
        uint32_t number = bm_le32(concurrent.data);
        memcpy(&out->concurrent_collections, &number, sizeof number);
    }
    return BM_OK;
}

enum bm_status bm_record_metadata_read(struct bm_view document, struct bm_record_metadata *out,
                                       struct bm_error *err)
{
    *out = (struct bm_record_metadata){0};
    const struct field fields[] = {
        {"db", BM_TYPE_STRING, &out->db},
        {"collection", BM_TYPE_STRING, &out->collection},
        {"metadata", BM_TYPE_STRING, &out->metadata},
        {"type", BM_TYPE_STRING, &out->type},
    };
    if (read_fields(document, fields, sizeof fields / sizeof fields[0], STRANGERS_PASS, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    if (out->collection.len == 0) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "an archive's prelude entry has no collection");
        return bm_error_at(err, 0);
    }
    return BM_OK;
}

enum bm_status bm_record_block_read(struct bm_view document, struct bm_record_block *out,
                                    struct bm_error *err)
{
    *out = (struct bm_record_block){0};
    struct bm_view eof = {NULL, 0};
    struct bm_view crc = {NULL, 0};
    const struct field fields[] = {
        {"db", BM_TYPE_STRING, &out->db},
        {"collection", BM_TYPE_STRING, &out->collection},
        {"EOF", BM_TYPE_BOOL, &eof},
        {"CRC", BM_TYPE_INT64, &crc},
    };
    if (read_fields(document, fields, sizeof fields / sizeof fields[0], STRANGERS_REFUSED, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    if (out->collection.len == 0) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "collection header is missing a collection");
        return bm_error_at(err, 0);
    }
    out->eof = eof.len == 1 && eof.data[0] != 0;
    if (crc.len == 8) {
        out->crc = bm_le64(crc.data);
        out->crc_at = (size_t)(crc.data - document.data);
    }
    return BM_OK;
}

static enum bm_status append_name(struct bm_buffer *out, enum bm_type type, const char *name,
                                  struct bm_error *err)
{
    if (bm_buffer_append_byte(out, (uint8_t)type, err) != BM_OK ||
        bm_buffer_append_text(out, name, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(out, 0, err);
}

static enum bm_status append_number(struct bm_buffer *out, uint64_t number, size_t width,
                                    struct bm_error *err)
{
    uint8_t bytes[8];
    bm_put_le64(bytes, number);
    return bm_buffer_append(out, (struct bm_view){bytes, width}, err);
}

static enum bm_status append_string(struct bm_buffer *out, const char *name, struct bm_view text,
                                    struct bm_error *err)
{
    if (text.len > BM_DOCUMENT_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a text of %zu bytes does not fit in an archive",
                       text.len);
    }
    if (append_name(out, BM_TYPE_STRING, name, err) != BM_OK ||
        append_number(out, text.len + 1, 4, err) != BM_OK ||
        bm_buffer_append(out, text, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(out, 0, err);
}

/* Puts the final length of the document that starts at `start`. */
static enum bm_status close_document(struct bm_buffer *out, size_t start, struct bm_error *err)
{
    size_t len = out->len - start;
    if (len > BM_DOCUMENT_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "a record of %zu bytes does not fit in an archive (limit %u)", len,
                       BM_DOCUMENT_MAX);
    }
    bm_put_le32(out->data + start, (uint32_t)len);
    return BM_OK;
}

enum bm_status bm_record_header_write(const struct bm_record_header *header, struct bm_buffer *out,
                                      struct bm_error *err)
{
    size_t start = out->len;
    if (append_number(out, 0, 4, err) != BM_OK ||
        append_name(out, BM_TYPE_INT32, "concurrent_collections", err) != BM_OK ||
        append_number(out, (uint64_t)header->concurrent_collections, 4, err) != BM_OK ||
        append_string(out, "version", header->version, err) != BM_OK ||
        append_string(out, "server_version", header->server_version, err) != BM_OK ||
        append_string(out, "tool_version", header->tool_version, err) != BM_OK ||
        bm_buffer_append_byte(out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return close_document(out, start, err);
}

enum bm_status bm_record_metadata_write(const struct bm_record_metadata *metadata,
                                        struct bm_buffer *out, struct bm_error *err)
{
    size_t start = out->len;
    if (append_number(out, 0, 4, err) != BM_OK ||
        append_string(out, "db", metadata->db, err) != BM_OK ||
        append_string(out, "collection", metadata->collection, err) != BM_OK ||
        append_string(out, "metadata", metadata->metadata, err) != BM_OK ||
        append_name(out, BM_TYPE_INT32, "size", err) != BM_OK ||
        append_number(out, 0, 4, err) != BM_OK ||
        append_string(out, "type", metadata->type, err) != BM_OK ||
        bm_buffer_append_byte(out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return close_document(out, start, err);
}

enum bm_status bm_record_block_write(const struct bm_record_block *block, struct bm_buffer *out,
                                     struct bm_error *err)
{
    size_t start = out->len;
    if (append_number(out, 0, 4, err) != BM_OK ||
        append_string(out, "db", block->db, err) != BM_OK ||
        append_string(out, "collection", block->collection, err) != BM_OK ||
        append_name(out, BM_TYPE_BOOL, "EOF", err) != BM_OK ||
        append_number(out, block->eof ? 1 : 0, 1, err) != BM_OK ||
        append_name(out, BM_TYPE_INT64, "CRC", err) != BM_OK ||
        append_number(out, block->crc, 8, err) != BM_OK ||
        bm_buffer_append_byte(out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return close_document(out, start, err);
}

enum bm_status bm_record_metadata_change(struct bm_view document, struct bm_view text,
                                         struct bm_buffer *out, struct bm_error *err)
{
    struct bm_record_metadata old;
    if (bm_record_metadata_read(document, &old, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_element element;
    enum bm_status status = bm_document_find(document, bm_view_text("metadata"), &element, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_END) {
        old.metadata = text;
        return bm_record_metadata_write(&old, out, err);
    }
    size_t start = out->len;
    size_t before = (size_t)(element.raw.data - document.data);
    size_t after = before + element.raw.len;
    if (bm_buffer_append(out, (struct bm_view){document.data, before}, err) != BM_OK ||
        append_string(out, "metadata", text, err) != BM_OK ||
        bm_buffer_append(out, (struct bm_view){document.data + after, document.len - after}, err) !=
            BM_OK) {
        return BM_FAIL;
    }
    return close_document(out, start, err);
}

enum bm_status bm_record_block_close(struct bm_view document, uint64_t crc, struct bm_buffer *out,
                                     struct bm_error *err)
{
    struct bm_record_block old;
    if (bm_record_block_read(document, &old, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t start = out->len;
    if (bm_buffer_append(out, document, err) != BM_OK) {
        return BM_FAIL;
    }
    if (old.crc == crc) {
        return BM_OK;
    }
    if (old.crc_at > 0) {
        bm_put_le64(out->data + start + old.crc_at, crc);
        return BM_OK;
    }
    out->len--;
    if (append_name(out, BM_TYPE_INT64, "CRC", err) != BM_OK ||
        append_number(out, crc, 8, err) != BM_OK || bm_buffer_append_byte(out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return close_document(out, start, err);
}

uint64_t bm_record_crc(uint64_t crc, struct bm_view bytes)
{
    return bytes.len > 0 ? crc64_ecma_refl(crc, bytes.data, bytes.len) : crc;
}
