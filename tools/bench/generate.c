/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents to measure with, the same bytes in every run:
 *
 *   generate documents COUNT [NAME=NUMBER...]   COUNT documents, to standard output:
 *     bytes=N   of about N bytes each (250, at most 1 MiB); what a document of 250 has no need of
 * is an array of small documents, and one of under 200 holds _id, token and two more only empty=N
 * the token of every Nth document is null (none is) seed=N    other values (1) generate metadata
 * INDEXES                   metadata.json with so many unique indexes (0 to 5) besides _id; the
 * first one's key is the token
 *
 * All documents from 200 bytes on hold the fields of all five indexes, so that the same file is
 * judged with one index or with five; no two documents share a key but null, and _id rises. Numbers
 * are written by hand, since a pipe from here to a program under measurement must not be what it
 * waits for.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEXES_MOST 5u
#define BYTES_USUAL 250u
#define BYTES_FULL 200u /* from here on a document has all fields */
#define BYTES_MOST (1u << 20)

/* What the user may choose. */
struct choice {
    uint64_t bytes;
    uint64_t empty;
    uint64_t seed;
};

/* A document being written; bytes are little endian, as BSON has them. */
struct document {
    uint8_t bytes[BYTES_MOST + 512]; /* the fields of all indexes take about 250 */
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

/* Writes `number` in base 16 or 10, in `digits` of them or, if that is 0, as many as it takes. */
static char *put_digits(char *out, uint64_t number, unsigned base, size_t digits)
{
    char reversed[20];
    size_t count = 0;
    do {
        reversed[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (count < digits || (digits == 0 && number != 0));
    while (count > 0) {
        *out++ = reversed[--count];
    }
    *out = 0;
    return out;
}

static void put_token(struct document *out, uint64_t own)
{
    char text[33];
    (void)put_digits(put_digits(text, mixed(own), 16, 16), own, 16, 16);
    put_string(out, "token", text);
}

static void put_card(struct document *out, uint64_t own)
{
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
}

/* The keys of the other four indexes, and fields of no index. */
static void put_fields(struct document *out, uint64_t number, uint64_t own)
{
    char text[48] = "u";
    memcpy(put_digits(text + 1, own, 16, 0), "@example.org", sizeof "@example.org");
    put_string(out, "email", text);
    put_name(out, 0x12, "account");
    put_number(out, own << 32 | own >> 32, 8);
    put_name(out, 0x10, "tenant");
    put_number(out, number % 97, 4);
    memcpy(text, "page-", 5);
    (void)put_digits(text + 5, number, 10, 0);
    put_string(out, "slug", text);
    put_card(out, own);
    put_name(out, 0x09, "created");
    put_number(out, UINT64_C(1700000000000) + number, 8);
}

/* Fills the document up to about `bytes` with an array of small documents. */
static void put_history(struct document *out, size_t bytes, uint64_t own)
{
    put_name(out, 0x04, "history");
    size_t history = open_document(out);
    for (uint64_t i = 0; out->len + 48 < bytes; i++) {
        char place[21];
        (void)put_digits(place, i, 10, 0);
        put_name(out, 0x03, place);
        size_t entry = open_document(out);
        put_name(out, 0x09, "at");
        put_number(out, UINT64_C(1700000000000) + i, 8);
        put_name(out, 0x12, "by");
        put_number(out, own + i, 8);
        put_string(out, "what", "changed");
        close_document(out, entry);
    }
    close_document(out, history);
}

static void write_document(struct document *out, uint64_t number, const struct choice *choice)
{
    uint64_t own = mixed(number ^ choice->seed);
    out->len = 0;
    size_t whole = open_document(out);
    put_id(out, number);
    if (choice->bytes >= BYTES_FULL) {
        put_fields(out, number, own);
    }
    if (choice->empty != 0 && (number + 1) % choice->empty == 0) {
        put_name(out, 0x0a, "token");
    } else {
        put_token(out, own);
    }
    put_string(out, "city", "Rotterdam");
    put_name(out, 0x01, "score");
    put_number(out, UINT64_C(0x3ff0000000000000) | own >> 12, 8);
    if (choice->bytes > BYTES_USUAL) {
        put_history(out, choice->bytes, own);
    }
    close_document(out, whole);
}

static int write_documents(uint64_t count, const struct choice *choice)
{
    static struct document document;
    for (uint64_t i = 0; i < count; i++) {
        write_document(&document, i, choice);
        if (fwrite(document.bytes, 1, document.len, stdout) != document.len) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

static void write_metadata(uint64_t indexes)
{
    static const char *const keys[INDEXES_MOST][2] = {
        {"token_1", "\"token\":1"},
        {"email_1", "\"email\":1"},
        {"account_1", "\"account\":1"},
        {"card.code_1", "\"card.code\":1"},
        {"tenant_1_slug_1", "\"tenant\":1,\"slug\":1"},
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

/* Takes one NAME=NUMBER. */
static void choose(struct choice *choice, const char *text)
{
    const struct {
        const char *name;
        uint64_t *number;
        uint64_t most;
    } names[] = {
        {"bytes=", &choice->bytes, BYTES_MOST},
        {"empty=", &choice->empty, UINT64_MAX},
        {"seed=", &choice->seed, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i].name);
        if (strncmp(text, names[i].name, len) == 0) {
            *names[i].number = number_of(text + len, names[i].most);
            return;
        }
    }
    (void)fprintf(stderr, "generate: %s is none of bytes=N, empty=N, seed=N\n", text);
    exit(2);
}

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;
    if (argc >= 3 && strcmp(argv[1], "documents") == 0) {
        struct choice choice = {.bytes = BYTES_USUAL, .seed = 1};
        for (int i = 3; i < argc; i++) {
            choose(&choice, argv[i]);
        }
        static char batch[1u << 18]; /* fewer system calls than stdio's own buffer makes */
        (void)setvbuf(stdout, batch, _IOFBF, sizeof batch);
        status = write_documents(number_of(argv[2], UINT64_MAX), &choice);
    } else if (argc == 3 && strcmp(argv[1], "metadata") == 0) {
        write_metadata(number_of(argv[2], INDEXES_MOST));
    } else {
        (void)fputs("usage: generate documents COUNT [bytes=N] [empty=N] [seed=N] | "
                    "generate metadata INDEXES\n",
                    stderr);
        return 2;
    }
    if (fflush(stdout) != 0 || status != EXIT_SUCCESS) {
        perror("generate: standard output");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
