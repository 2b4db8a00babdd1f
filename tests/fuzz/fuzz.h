/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_FUZZ_H
#define BM_TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "bsonmend/view.h"

/* What must hold of any input; a target that only does not crash proves little. */
#define FUZZ_HOLDS(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Chunk sizes at which every place to resume is reached. Taken from the length, so that an input
 * stays what it is and a file of the fixtures is a seed as it stands.
 */
static inline size_t fuzz_chunk(size_t size)
{
    static const size_t chunks[] = {1, 2, 3, 7, 13, 64, 4096, 0};
    return chunks[size % (sizeof chunks / sizeof chunks[0])];
}

#endif
