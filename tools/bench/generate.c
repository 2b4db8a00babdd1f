/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents to measure with, the same bytes in every run:
 *
 *   generate documents COUNT [SEED]   COUNT documents of about 250 bytes, to standard output
 *   generate metadata INDEXES         metadata.json with so many unique indexes (0 to 5) besides
 * _id
 *
 * All documents hold the fields of all five indexes, so that the same file is judged with one index
 * or with five; no two documents share a key, and _id rises. A dump to measure with:
 *
 *   cc -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -o generate tools/bench/generate.c
 *   mkdir -p dump/d && ./generate documents 1000000 >dump/d/c.bson
 *   ./generate metadata 5 >dump/d/c.metadata.json && perf stat -r 7 bsonmend check dump
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEXES_MOST 5u
#define DOCUMENT_BYTES 512u /* room; one document takes about half */

/* A document being written; bytes are little endian, as BSON has them. */
struct document {
    uint8_t bytes[DOCUMENT_BYTES];
    size_t len;
};

static void put(struct document *out, const void *bytes, size_t len)
{
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

static void put_number(struct document *out, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        out->bytes[out->len++] = (uint8_t)(number >> (8 * i));
    }
}

static void put_name(struct document *out, uint8_t type, const char *name)
{
    out->bytes[out->len++] = type;
    put(out, name, strlen(name) + 1);
}

static void put_string(struct document *out, const char *name, const char *text)
{
    size_t len = strlen(text) + 1;
    put_name(out, 0x02, name);
    put_number(out, len, 4);
    put(out, text, len);
}

/* Opens a document at `out`; the result is for close_document. */
static size_t open_document(struct document *out)
{
    size_t at = out->len;
    out->len += 4;
    return at;
}

static void close_document(struct document *out, size_t at)
{
    out->bytes[out->len++] = 0;
    size_t end = out->len;
    out->len = at;
    put_number(out, end - at, 4);
    out->len = end;
}

/* The steps of splitmix64: every one can be undone, so that different numbers stay different. */
static uint64_t mixed(uint64_t number)
{
    number += UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

static void put_id(struct document *out, uint64_t number)
{
    uint8_t id[12] = {0x65, 0x4a, 0x00, 0x01};
    for (size_t i = 0; i < 8; i++) {
        id[11 - i] = (uint8_t)(number >> (8 * i));
    }
    put_name(out, 0x07, "_id");
    put(out, id, sizeof id);
}

static void write_document(struct document *out, uint64_t number, uint64_t seed)
{
    uint64_t own = mixed(number ^ seed);
    char text[64];
    out->len = 0;
    size_t whole = open_document(out);
    put_id(out, number);
    (void)snprintf(text, sizeof text, "u%" PRIx64 "@example.org", own);
    put_string(out, "email", text);
    put_name(out, 0x12, "account");
    put_number(out, own << 32 | own >> 32, 8);
    put_name(out, 0x10, "tenant");
    put_number(out, number % 97, 4);
    (void)snprintf(text, sizeof text, "page-%" PRIu64, number);
    put_string(out, "slug", text);
    put_name(out, 0x03, "card");
    size_t card = open_document(out);
    put_name(out, 0x05, "code");
    put_number(out, 16, 4);
    put_number(out, 0, 1);
    put_number(out, own, 8);
    put_number(out, ~own, 8);
    put_name(out, 0x08, "active");
    put_number(out, 1, 1);
    close_document(out, card);
    put_name(out, 0x09, "created");
    put_number(out, UINT64_C(1700000000000) + number, 8);
    (void)snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64, mixed(own), own);
    put_string(out, "token", text);
    put_string(out, "city", "Rotterdam");
    put_name(out, 0x01, "score");
    put_number(out, UINT64_C(0x3ff0000000000000) | own >> 12, 8);
    close_document(out, whole);
}

static int write_documents(uint64_t count, uint64_t seed)
{
    static struct document document;
    for (uint64_t i = 0; i < count; i++) {
        write_document(&document, i, seed);
        if (fwrite(document.bytes, 1, document.len, stdout) != document.len) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

static void write_metadata(uint64_t indexes)
{
    static const char *const keys[INDEXES_MOST][2] = {
        {"email_1", "\"email\":1"},         {"account_1", "\"account\":1"},
        {"card.code_1", "\"card.code\":1"}, {"tenant_1_slug_1", "\"tenant\":1,\"slug\":1"},
        {"token_1", "\"token\":1"},
    };
    printf("{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"}");
    for (uint64_t i = 0; i < indexes; i++) {
        printf(",{\"v\":2,\"unique\":true,\"key\":{%s},\"name\":\"%s\"}", keys[i][1], keys[i][0]);
    }
    printf("],\"collectionName\":\"c\",\"type\":\"collection\"}\n");
}

/* A whole number up to `most`; anything else ends the program. */
static uint64_t number_of(const char *text, uint64_t most)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || number > most) {
        (void)fprintf(stderr, "generate: %s is no number up to %" PRIu64 "\n", text, most);
        exit(2);
    }
    return number;
}

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "documents") == 0) {
        uint64_t seed = argc == 4 ? number_of(argv[3], UINT64_MAX) : 1;
        status = write_documents(number_of(argv[2], UINT64_MAX), seed);
    } else if (argc == 3 && strcmp(argv[1], "metadata") == 0) {
        write_metadata(number_of(argv[2], INDEXES_MOST));
    } else {
        (void)fputs("usage: generate documents COUNT [SEED] | generate metadata INDEXES\n", stderr);
        return 2;
    }
    if (fflush(stdout) != 0 || status != EXIT_SUCCESS) {
        perror("generate: standard output");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
