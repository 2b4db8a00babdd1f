/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "codec/pinned.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

/* Above what sanitizers reserve, below where kernels put programs, heaps and mappings. */
static const uintptr_t first_place = UINTPTR_MAX / 0xffffffffu > 1 ? (uintptr_t)0x2000 << 32 : 0;

enum { PLACES = 1024 };

void *bm_pinned_new(size_t bytes, struct bm_error *err)
{
    size_t step = (bytes + 0xfffff) / 0x100000 * 0x100000;
    for (uintptr_t i = 0; i <= PLACES; i++) {
        void *wanted = i < PLACES ? (void *)(first_place + i * step) : NULL;
        void *memory =
            mmap(wanted, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            break;
        }
        if (memory == wanted || wanted == NULL) {
            return memory;
        }
        (void)munmap(memory, bytes);
    }
    (void)bm_fail(err, BM_ERROR_MEMORY, errno, "no memory for %zu bytes", bytes);
    return NULL;
}

void bm_pinned_free(void *memory, size_t bytes)
{
    int saved = errno;
    if (memory != NULL) {
        (void)munmap(memory, bytes);
    }
    errno = saved;
}
