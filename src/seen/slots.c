/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "seen/slots.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "seen/budget.h"

#define LINE ((size_t)64)
#define HUGE_PAGE ((size_t)2 << 20)
/* A smaller piece would leave more than half of its huge page empty. */
#define MAPPED_FROM (HUGE_PAGE / 2)

_Static_assert(BM_PAGE_GROUPS *BM_GROUP_SLOTS * sizeof(struct bm_fingerprint) == HUGE_PAGE,
               "a page is handed over whole");

static size_t round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

/* Zeroed memory of huge pages. NULL: none. */
static void *map(size_t bytes)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint8_t *start = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t before = round_up((uintptr_t)start, HUGE_PAGE) - (uintptr_t)start;
    if (before > 0) {
        (void)munmap(start, before);
    }
    if (before < HUGE_PAGE) {
        (void)munmap(start + before + bytes, HUGE_PAGE - before);
    }
    /* Without huge pages every look-up would miss the address cache; a refusal costs only time. */
    (void)madvise(start + before, bytes, MADV_HUGEPAGE);
    return start + before;
}

static enum bm_status take_piece(struct bm_piece *piece, size_t bytes, struct bm_error *err)
{
    piece->mapped = bytes >= MAPPED_FROM;
    piece->bytes = round_up(bytes, piece->mapped ? HUGE_PAGE : LINE);
    piece->at = piece->mapped ? map(piece->bytes) : aligned_alloc(LINE, piece->bytes);
    if (piece->at == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, errno, "no memory for a key set of %zu bytes", bytes);
    }
    return BM_OK;
}

static void free_piece(struct bm_piece *piece)
{
    int saved = errno;
    if (piece->at != NULL && piece->mapped) {
        (void)munmap(piece->at, piece->bytes);
    } else {
        free(piece->at);
    }
    errno = saved;
}

enum bm_status bm_slots_outgrow(const struct bm_slots *old, size_t groups, struct bm_slots *out,
                                struct bm_budget *budget, struct bm_error *err)
{
    size_t of_group = sizeof *out->tags + sizeof *out->groups;
    size_t bytes;
    size_t rounded;
    if (bm_size_multiply(groups, of_group, &bytes, err) != BM_OK ||
        bm_size_add(bytes, 2 * HUGE_PAGE, &rounded, err) != BM_OK ||
        bm_budget_take(budget, bytes - old->bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    *out = (struct bm_slots){.count = groups, .bytes = bytes};
    if (take_piece(&out->of_tags, groups * sizeof *out->tags, err) != BM_OK ||
        take_piece(&out->of_groups, groups * sizeof *out->groups, err) != BM_OK) {
        free_piece(&out->of_tags);
        bm_budget_give(budget, bytes - old->bytes);
        return BM_FAIL;
    }
    if (!out->of_tags.mapped) {
        memset(out->of_tags.at, 0, out->of_tags.bytes);
    }
    out->tags = out->of_tags.at;
    out->groups = out->of_groups.at;
    return BM_OK;
}

void bm_slots_free(struct bm_slots *slots)
{
    free_piece(&slots->of_tags);
    free_piece(&slots->of_groups);
}

/*
 * Moves the memory of a huge page; its old place stays a valid address. BM_FAIL: there is nothing
 * at its new place.
 */
static enum bm_status move_page(uint8_t *from, uint8_t *to, struct bm_error *err)
{
    int flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
    if (mremap(from, HUGE_PAGE, HUGE_PAGE, flags, to) != MAP_FAILED) {
        return BM_OK;
    }
    /* Not before Linux 5.7, and not with too many mappings: fresh memory does as well. */
    (void)madvise(from, HUGE_PAGE, MADV_DONTNEED);
    flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap(to, HUGE_PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) {
        return bm_fail(err, BM_ERROR_MEMORY, errno, "no memory to grow a key set");
    }
    (void)madvise(to, HUGE_PAGE, MADV_HUGEPAGE);
    return BM_OK;
}

enum bm_status bm_slots_hand_over(struct bm_slots *old, size_t page, struct bm_slots *grown,
                                  size_t *in_use, struct bm_error *err)
{
    size_t pages = (*in_use + BM_PAGE_GROUPS - 1) / BM_PAGE_GROUPS;
    uint8_t *from = (uint8_t *)&old->groups[page * BM_PAGE_GROUPS];
    if (!old->of_groups.mapped) {
        return BM_OK;
    }
    if (pages >= grown->of_groups.bytes / HUGE_PAGE) {
        (void)madvise(from, HUGE_PAGE, MADV_DONTNEED);
        return BM_OK;
    }
    *in_use = (pages + 1) * BM_PAGE_GROUPS;
    return move_page(from, (uint8_t *)&grown->groups[pages * BM_PAGE_GROUPS], err);
}
