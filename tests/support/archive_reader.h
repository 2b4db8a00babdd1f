/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_ARCHIVE_READER_H
#define BM_TESTS_ARCHIVE_READER_H

#include <stddef.h>
#include <stdint.h>

/*
 * A reader of whole archives in memory that shares no code with src/: its own framing, its own
 * fields, its own CRC-64/XZ, bit by bit. What it accepts mongorestore accepts.
 */

struct test_archive_namespace {
    char name[512]; /* db.collection as the body has it */
    size_t documents;
    size_t segments;
    uint64_t crc;
    int closed;
    size_t closed_at; /* how many were closed before it */
};

enum { TEST_ARCHIVE_NAMESPACES = 64 };

struct test_archive {
    char error[256]; /* "" when the archive is good */
    size_t error_at; /* position of the item at fault */
    char server_version[64];
    int32_t concurrent;
    size_t entries;                           /* of the prelude */
    char entry[TEST_ARCHIVE_NAMESPACES][640]; /* db.collection type */
    size_t most_open;                         /* namespaces open at once */
    size_t count;
    struct test_archive_namespace namespaces[TEST_ARCHIVE_NAMESPACES]; /* as they were opened */
};

/* Checks it from the first byte to the last; *out says what was found. 1: good. */
int test_archive_check(const uint8_t *bytes, size_t len, struct test_archive *out);
/* NULL: not in the archive. */
const struct test_archive_namespace *test_archive_find(const struct test_archive *archive,
                                                       const char *name);

/* CRC-64/XZ, one bit at a time. */
uint64_t test_archive_crc(uint64_t crc, const uint8_t *bytes, size_t len);

#endif
