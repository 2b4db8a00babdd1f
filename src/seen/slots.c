/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "seen/slots.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define MAPPED_FROM ((size_t)4 << 20)

/* Address space at a multiple of a huge page, without memory behind it. NULL: none. */
static uint8_t *reserve(size_t bytes)
{
    size_t wanted = bytes + HUGE_PAGE;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint8_t *start = mmap(NULL, wanted, PROT_NONE, flags, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t past = (size_t)((uintptr_t)start % HUGE_PAGE);
    size_t before = past == 0 ? 0 : HUGE_PAGE - past;
    if (before > 0) {
        (void)munmap(start, before);
    }
    (void)munmap(start + before + bytes, HUGE_PAGE - before);
    return start + before;
}

static void *map_new(size_t bytes)
{
    uint8_t *memory = reserve(bytes);
    if (memory == NULL) {
        return NULL;
    }
    if (mprotect(memory, bytes, PROT_READ | PROT_WRITE) != 0) {
        int saved = errno;
        (void)munmap(memory, bytes);
        errno = saved;
        return NULL;
    }
    return memory;
}

static void *map_moved(struct bm_slots *slots, size_t bytes)
{
    uint8_t *target = reserve(bytes);
    if (target == NULL) {
        return NULL;
    }
    void *moved = mremap(slots->at, slots->bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    if (moved == MAP_FAILED) {
        int saved = errno;
        (void)munmap(target, bytes);
        errno = saved;
        return NULL;
    }
    return moved;
}

static void *grow_mapped(struct bm_slots *slots, size_t bytes)
{
    void *memory = slots->mapped ? map_moved(slots, bytes) : map_new(bytes);
    if (memory == NULL) {
        return NULL;
    }
    /* Without huge pages every look-up would miss the address cache; a refusal costs only time. */
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    if (!slots->mapped && slots->at != NULL) {
        memcpy(memory, slots->at, slots->bytes);
        free(slots->at);
    }
    slots->mapped = 1;
    return memory;
}

static void *grow_heap(struct bm_slots *slots, size_t bytes)
{
    uint8_t *memory = realloc(slots->at, bytes);
    if (memory != NULL) {
        memset(memory + slots->bytes, 0, bytes - slots->bytes);
    }
    return memory;
}

static enum bm_status within_budget(const struct bm_budget *budget, size_t more,
                                    struct bm_error *err)
{
    if (budget->limit != 0 && (more > budget->limit || budget->used > budget->limit - more)) {
        return bm_fail(err, BM_ERROR_MEMORY, 0,
                       "key sets would outgrow the memory allowed for them (%llu bytes)",
                       (unsigned long long)budget->limit);
    }
    return BM_OK;
}

enum bm_status bm_slots_grow(struct bm_slots *slots, size_t length, struct bm_budget *budget,
                             struct bm_error *err)
{
    size_t bytes;
    size_t rounded;
    if (bm_size_multiply(length, sizeof *slots->at, &bytes, err) != BM_OK ||
        bm_size_add(bytes, 2 * HUGE_PAGE, &rounded, err) != BM_OK) {
        return BM_FAIL;
    }
    int mapped = slots->mapped || bytes >= MAPPED_FROM;
    if (mapped) {
        bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    }
    if (within_budget(budget, bytes - slots->bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    void *memory = mapped ? grow_mapped(slots, bytes) : grow_heap(slots, bytes);
    if (memory == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, errno, "no memory for a key set of %zu bytes", bytes);
    }
    budget->used += bytes - slots->bytes;
    slots->at = memory;
    slots->length = length;
    slots->bytes = bytes;
    return BM_OK;
}

void bm_slots_release(struct bm_slots *slots, struct bm_budget *budget)
{
    int saved = errno;
    if (slots->mapped) {
        (void)munmap(slots->at, slots->bytes);
    } else {
        free(slots->at);
    }
    budget->used -= slots->bytes;
    *slots = (struct bm_slots){.at = NULL};
    errno = saved;
}
