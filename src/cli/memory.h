/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_MEMORY_H
#define BM_CLI_MEMORY_H

#include <stdint.h>

/* A quarter of the machine's memory, or of the control group's limit where that is lower, in
 * bytes. */
uint64_t memory_budget(void);
/* The most this process has had resident, in bytes; 0: not known. */
uint64_t memory_peak(void);

#endif
