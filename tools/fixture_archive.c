/* SPDX-License-Identifier: Apache-2.0 */
/* Documents and the records of archives. */
#include "fixture.h"

#include <bson/bson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CRC-64/XZ, one bit after the other. */
static uint64_t crc64(uint64_t crc, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? UINT64_C(0xC96C5795D7870F42) : 0);
        }
    }
    return crc;
}

void fixture_sum_from(struct fixture *build, size_t start)
{
    if (build->open != NULL) {
        build->open->crc = crc64(build->open->crc, build->out.data + start, build->out.len - start);
    }
}

void fixture_do_document(struct fixture *build, char *json)
{
    size_t start = build->out.len;
    fixture_append_json(build, json);
    fixture_sum_from(build, start);
}

void fixture_do_item(struct fixture *build, char *json)
{
    fixture_append_json(build, json);
}

/* Hexadecimal bytes, "text" and le32:N, separated by spaces. */
void fixture_do_bytes(struct fixture *build, char *rest)
{
    size_t start = build->out.len;
    for (char *at = rest; *at != '\0';) {
        uint8_t value[4];
        if (*at == ' ') {
            at++;
        } else if (*at == '"') {
            size_t len = strcspn(at + 1, "\"");
            fixture_append(build, at + 1, len);
            at += len + 1;
            at += *at == '"';
        } else if (strncmp(at, "le32:", 5) == 0) {
            fixture_put_le32(value, (uint32_t)strtoul(at + 5, &at, 0));
            fixture_append(build, value, 4);
        } else {
            char *end;
            value[0] = (uint8_t)strtoul(at, &end, 16);
            if (end != at + 2) {
                fixture_die(build, "not bytes: %s", at);
            }
            fixture_append(build, value, 1);
            at = end;
        }
    }
    build->last_document = start;
    fixture_sum_from(build, start);
}

void fixture_do_text(struct fixture *build, char *rest)
{
    fixture_append(build, rest, strlen(rest));
}

void fixture_do_archive(struct fixture *build, char *rest)
{
    static const uint8_t MAGIC[] = {0x6d, 0xe2, 0x99, 0x81};
    int concurrent = (int)fixture_number(build, fixture_need(build, &rest));
    const char *server = fixture_need(build, &rest);
    const char *tool = fixture_need(build, &rest);
    bson_t *header = BCON_NEW("concurrent_collections", BCON_INT32(concurrent), "version", "0.1",
                              "server_version", BCON_UTF8(server), "tool_version", BCON_UTF8(tool));
    fixture_append(build, MAGIC, sizeof MAGIC);
    fixture_append(build, bson_get_data(header), header->len);
    bson_destroy(header);
}

/* Resolves %XX, then splits at the first dot; the database of ".oplog" is the empty string. */
static const char *split(struct fixture *build, char *ns)
{
    char *out = ns;
    for (const char *in = ns; *in != '\0'; out++) {
        unsigned value;
        if (sscanf(in, "%%%2x", &value) == 1) {
            *out = (char)value;
            in += 3;
        } else {
            *out = *in++;
        }
    }
    *out = '\0';
    char *dot = strchr(ns, '.');
    if (dot == NULL) {
        fixture_die(build, "no dot in %s", ns);
    }
    *dot = '\0';
    return dot + 1;
}

/* announce DB.COLLECTION TYPE METADATA; TYPE "-" is the empty one. */
void fixture_do_announce(struct fixture *build, char *rest)
{
    char *db = fixture_need(build, &rest);
    const char *collection = split(build, db);
    const char *type = fixture_need(build, &rest);
    bson_t *record = BCON_NEW("db", BCON_UTF8(db), "collection", BCON_UTF8(collection), "metadata",
                              BCON_UTF8(rest), "size", BCON_INT32(0), "type",
                              BCON_UTF8(strcmp(type, "-") == 0 ? "" : type));
    fixture_append(build, bson_get_data(record), record->len);
    bson_destroy(record);
}

static struct fixture_checksum *checksum_of(struct fixture *build, const char *ns)
{
    for (size_t i = 0; i < build->sum_count; i++) {
        if (strcmp(build->sums[i].ns, ns) == 0) {
            return &build->sums[i];
        }
    }
    if (build->sum_count == SUMS_MAX) {
        fixture_die(build, "too many namespaces");
    }
    struct fixture_checksum *sum = &build->sums[build->sum_count++];
    snprintf(sum->ns, sizeof sum->ns, "%s", ns);
    sum->crc = UINT64_MAX;
    return sum;
}

static void append_header(struct fixture *build, char *ns, bool end, uint64_t crc)
{
    const char *collection = split(build, ns);
    bson_t *header = BCON_NEW("db", BCON_UTF8(ns), "collection", BCON_UTF8(collection), "EOF",
                              BCON_BOOL(end), "CRC", BCON_INT64((int64_t)crc));
    fixture_append(build, bson_get_data(header), header->len);
    bson_destroy(header);
}

void fixture_do_segment(struct fixture *build, char *rest)
{
    char *ns = fixture_need(build, &rest);
    build->open = checksum_of(build, ns);
    append_header(build, ns, false, 0);
}

/* The segment's header was written by other means. */
void fixture_do_open(struct fixture *build, char *rest)
{
    build->open = checksum_of(build, rest);
}

/* eof DB.COLLECTION [CRC]; without CRC the right one. */
void fixture_do_eof(struct fixture *build, char *rest)
{
    char *ns = fixture_need(build, &rest);
    const struct fixture_checksum *sum = checksum_of(build, ns);
    const char *wanted = fixture_word(&rest);
    append_header(build, ns, true, wanted != NULL ? fixture_number(build, wanted) : ~sum->crc);
    build->open = NULL;
}

void fixture_do_term(struct fixture *build, char *rest)
{
    (void)rest;
    fixture_append(build, "\xff\xff\xff\xff", 4);
    build->open = NULL;
}
