/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_MEMORY_H
#define BM_CLI_MEMORY_H

#include <stdint.h>

/*
 * The least memory limit, in bytes, of the process's control groups (version 1 or 2) and of all
 * that these lie in; UINT64_MAX: none. What cannot be read sets no limit. root is put before /proc
 * and /sys: "" for the machine's own.
 */
uint64_t memory_limit(const char *root);
/* A quarter of the machine's memory, or of the control group's limit where that is lower, in
 * bytes. */
uint64_t memory_budget(void);
/* The most this process has had resident, in bytes; 0: not known. */
uint64_t memory_peak(void);

#endif
