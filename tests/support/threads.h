/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_THREADS_H
#define BM_TESTS_THREADS_H

#include <stddef.h>

/* How many threads this process has now. */
size_t test_threads(void);

#endif
