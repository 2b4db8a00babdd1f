/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_MEMORY_H
#define BM_CLI_MEMORY_H

#include <stdint.h>

#include "bsonmend/error.h"

/* The least budget that --memory takes, in bytes: some 25,000 keys. */
#define MEMORY_LEAST ((uint64_t)1 << 20)

/*
 * The least memory limit, in bytes, of the process's control groups (version 1 or 2) and of all
 * that these lie in; UINT64_MAX: none. What cannot be read sets no limit. root is put before /proc
 * and /sys: "" for the machine's own.
 */
uint64_t memory_limit(const char *root);
/* A quarter of the machine's memory, or of the control group's limit where that is lower, in
 * bytes. */
uint64_t memory_budget(void);
/*
 * Reads a size: digits, then K, M or G (powers of 1024, small letters too) or nothing for bytes.
 * BM_ERROR_USAGE: anything else, less than MEMORY_LEAST, or more than 2^63 - 1; *out is not changed
 * then.
 */
enum bm_status memory_parse(const char *text, uint64_t *out, struct bm_error *err) BM_MUST_USE;
/* The most this process has had resident, in bytes; 0: not known. */
uint64_t memory_peak(void);

#endif
