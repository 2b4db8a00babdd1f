/* SPDX-License-Identifier: Apache-2.0 */
#include "support/archive_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where we are in the archive, and what of its fields the last document had. */
struct cursor {
    const uint8_t *bytes;
    size_t len;
    size_t at;
    struct test_archive *out;
};

struct fields {
    char db[256];
    char collection[256];
    char type[64];
    char server_version[64];
    int32_t concurrent;
    int eof;
    uint64_t crc;
    int unknown; /* a field that newer readers refuse in a block's header */
};

enum item { ITEM_DOCUMENT, ITEM_TERMINATOR, ITEM_END, ITEM_BAD };

uint64_t test_archive_crc(uint64_t crc, const uint8_t *bytes, size_t len)
{
    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ UINT64_C(0xC96C5795D7870F42) : crc >> 1;
        }
    }
    return ~crc;
}

static int bad(struct cursor *cursor, size_t at, const char *format, ...)
{
    if (cursor->out->error[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(cursor->out->error, sizeof cursor->out->error, format, arguments);
        va_end(arguments);
        cursor->out->error_at = at;
    }
    return 0;
}

static uint64_t number(const uint8_t *at, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++) {
        value += (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static enum item next_item(struct cursor *cursor, size_t *start, size_t *len)
{
    *start = cursor->at;
    if (cursor->at == cursor->len) {
        return ITEM_END;
    }
    if (cursor->len - cursor->at < 4) {
        bad(cursor, cursor->at, "half a length");
        return ITEM_BAD;
    }
    uint64_t size = number(cursor->bytes + cursor->at, 4);
    if (size == 0xffffffff) {
        cursor->at += 4;
        return ITEM_TERMINATOR;
    }
    if (size < 5 || size > 16777216) {
        bad(cursor, cursor->at, "length %llu", (unsigned long long)size);
        return ITEM_BAD;
    }
    if (size > cursor->len - cursor->at) {
        bad(cursor, cursor->at, "half a document");
        return ITEM_BAD;
    }
    if (cursor->bytes[cursor->at + size - 1] != 0) {
        bad(cursor, cursor->at, "document without its last byte");
        return ITEM_BAD;
    }
    *len = (size_t)size;
    cursor->at += (size_t)size;
    return ITEM_DOCUMENT;
}

static void keep_text(char *to, size_t size, const uint8_t *value, size_t len)
{
    snprintf(to, size, "%.*s", (int)len, (const char *)value);
}

static void keep(struct fields *fields, const char *name, uint8_t type, const uint8_t *value,
                 size_t len)
{
    if (type == 0x02 && strcmp(name, "db") == 0) {
        keep_text(fields->db, sizeof fields->db, value + 4, len - 5);
    } else if (type == 0x02 && strcmp(name, "collection") == 0) {
        keep_text(fields->collection, sizeof fields->collection, value + 4, len - 5);
    } else if (type == 0x02 && strcmp(name, "type") == 0) {
        keep_text(fields->type, sizeof fields->type, value + 4, len - 5);
    } else if (type == 0x02 && strcmp(name, "server_version") == 0) {
        keep_text(fields->server_version, sizeof fields->server_version, value + 4, len - 5);
    } else if (type == 0x10 && strcmp(name, "concurrent_collections") == 0) {
        fields->concurrent = (int32_t)number(value, 4);
    } else if (type == 0x08 && strcmp(name, "EOF") == 0) {
        fields->eof = value[0];
    } else if (type == 0x12 && strcmp(name, "CRC") == 0) {
        fields->crc = number(value, 8);
    } else {
        fields->unknown = 1;
    }
}

/* The four types that an archive's own records are made of. */
static int read_fields(struct cursor *cursor, size_t start, size_t len, struct fields *fields)
{
    memset(fields, 0, sizeof *fields);
    size_t at = start + 4;
    size_t end = start + len - 1;
    while (at < end) {
        uint8_t type = cursor->bytes[at++];
        const char *name = (const char *)cursor->bytes + at;
        at += strnlen(name, end - at) + 1;
        size_t width = type == 0x08 ? 1 : type == 0x10 ? 4 : type == 0x12 ? 8 : 0;
        if (type == 0x02 && at + 4 <= end) {
            width = 4 + (size_t)number(cursor->bytes + at, 4);
        }
        if (width == 0 || at > end || width > end - at) {
            return bad(cursor, start, "broken record");
        }
        if (type == 0x02 && (width < 5 || cursor->bytes[at + width - 1] != 0)) {
            return bad(cursor, start, "broken string");
        }
        keep(fields, name, type, cursor->bytes + at, width);
        at += width;
    }
    return 1;
}

static int read_prelude(struct cursor *cursor)
{
    size_t start;
    size_t len;
    struct fields fields;
    if (cursor->len < 4 || number(cursor->bytes, 4) != 0x8199e26d) {
        return bad(cursor, 0, "no magic");
    }
    cursor->at = 4;
    if (next_item(cursor, &start, &len) != ITEM_DOCUMENT) {
        return bad(cursor, start, "no header");
    }
    if (!read_fields(cursor, start, len, &fields)) {
        return 0;
    }
    snprintf(cursor->out->server_version, sizeof cursor->out->server_version, "%s",
             fields.server_version);
    cursor->out->concurrent = fields.concurrent;
    for (;;) {
        enum item item = next_item(cursor, &start, &len);
        if (item == ITEM_TERMINATOR) {
            return 1;
        }
        if (item != ITEM_DOCUMENT || cursor->out->entries == TEST_ARCHIVE_NAMESPACES) {
            return bad(cursor, start, "prelude without end");
        }
        if (!read_fields(cursor, start, len, &fields)) {
            return 0;
        }
        snprintf(cursor->out->entry[cursor->out->entries++], sizeof cursor->out->entry[0],
                 "%s.%s %s", fields.db, fields.collection, fields.type);
    }
}

static struct test_archive_namespace *open_namespace(struct cursor *cursor, size_t start,
                                                     const struct fields *fields)
{
    char name[520];
    snprintf(name, sizeof name, "%s.%s", fields->db, fields->collection);
    struct test_archive *out = cursor->out;
    size_t open = 0;
    for (size_t i = 0; i < out->count; i++) {
        open += !out->namespaces[i].closed;
        if (strcmp(out->namespaces[i].name, name) == 0) {
            if (out->namespaces[i].closed) {
                bad(cursor, start, "%s opened again", name);
                return NULL;
            }
            return &out->namespaces[i];
        }
    }
    if (out->count == TEST_ARCHIVE_NAMESPACES) {
        bad(cursor, start, "too many namespaces for this reader");
        return NULL;
    }
    struct test_archive_namespace *namespace = &out->namespaces[out->count++];
    memcpy(namespace->name, name, sizeof namespace->name);
    namespace->name[sizeof namespace->name - 1] = '\0';
    if (open + 1 > out->most_open) {
        out->most_open = open + 1;
    }
    return namespace;
}

static int end_namespace(struct cursor *cursor, size_t start, const struct fields *fields,
                         struct test_archive_namespace *namespace)
{
    if (fields->crc != namespace->crc) {
        return bad(cursor, start, "CRC of %s", namespace->name);
    }
    for (size_t i = 0; i < cursor->out->count; i++) {
        namespace->closed_at += (size_t)cursor->out->namespaces[i].closed;
    }
    namespace->closed = 1;
    size_t next;
    size_t len;
    if (next_item(cursor, &next, &len) != ITEM_TERMINATOR) {
        return bad(cursor, next, "no terminator after an EOF header");
    }
    return 1;
}

static int read_documents(struct cursor *cursor, struct test_archive_namespace *namespace)
{
    size_t start;
    size_t len;
    namespace->segments++;
    for (;;) {
        enum item item = next_item(cursor, &start, &len);
        if (item == ITEM_TERMINATOR) {
            return 1;
        }
        if (item != ITEM_DOCUMENT) {
            return bad(cursor, start, "segment of %s without end", namespace->name);
        }
        namespace->crc = test_archive_crc(namespace->crc, cursor->bytes + start, len);
        namespace->documents++;
    }
}

/* -1: the archive is over. */
static int read_block(struct cursor *cursor)
{
    size_t start;
    size_t len;
    struct fields fields;
    enum item item = next_item(cursor, &start, &len);
    if (item == ITEM_END) {
        return -1;
    }
    if (item != ITEM_DOCUMENT) {
        return bad(cursor, start, "block without a header");
    }
    if (!read_fields(cursor, start, len, &fields)) {
        return 0;
    }
    if (fields.collection[0] == '\0' || fields.unknown) {
        return bad(cursor, start, "not a block's header");
    }
    struct test_archive_namespace *namespace = open_namespace(cursor, start, &fields);
    if (namespace == NULL) {
        return 0;
    }
    return fields.eof ? end_namespace(cursor, start, &fields, namespace)
                      : read_documents(cursor, namespace);
}

static int all_closed(struct cursor *cursor)
{
    for (size_t i = 0; i < cursor->out->count; i++) {
        if (!cursor->out->namespaces[i].closed) {
            return bad(cursor, cursor->len, "%s not closed", cursor->out->namespaces[i].name);
        }
    }
    if (cursor->out->count != cursor->out->entries) {
        return bad(cursor, cursor->len, "%zu namespaces, %zu announced", cursor->out->count,
                   cursor->out->entries);
    }
    return 1;
}

int test_archive_check(const uint8_t *bytes, size_t len, struct test_archive *out)
{
    memset(out, 0, sizeof *out);
    struct cursor cursor = {.bytes = bytes, .len = len, .out = out};
    if (!read_prelude(&cursor)) {
        return 0;
    }
    for (;;) {
        int block = read_block(&cursor);
        if (block < 0) {
            return all_closed(&cursor);
        }
        if (block == 0) {
            return 0;
        }
    }
}

const struct test_archive_namespace *test_archive_find(const struct test_archive *archive,
                                                       const char *name)
{
    for (size_t i = 0; i < archive->count; i++) {
        if (strcmp(archive->namespaces[i].name, name) == 0) {
            return &archive->namespaces[i];
        }
    }
    return NULL;
}
