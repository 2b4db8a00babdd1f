/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "seen/slots.h"

/*
 * Linear probing over slots kept in ascending order of the high half. A fingerprint's home is its
 * high half scaled to the capacity, so that order and home never contradict: a look-up ends at the
 * first larger one, and growth spreads the entries in two sequential sweeps of the same memory.
 * There is no wrap-around: behind the last home lie spare slots and one that is always free.
 */
struct bm_seen {
    struct bm_budget *budget;
    struct bm_slots slots;
    size_t capacity; /* homes */
    uint64_t count;
};

#define FIRST_CAPACITY 16u
#define DOUBLED_BELOW 4096u
#define SPARE_MOST 1024u
#define MARKS UINT64_C(3)

__extension__ typedef unsigned __int128 wide;

static size_t home_of(size_t capacity, uint64_t high)
{
    return (size_t)(((wide)high * capacity) >> 64);
}

static size_t length_for(size_t capacity)
{
    /* Up to SPARE_MOST entries fit behind any home; beyond that a longer run at the very end is a
     * matter of 10^-17, and is answered by growing. */
    size_t spare = capacity < SPARE_MOST ? capacity : SPARE_MOST;
    return capacity + spare + 1;
}

/* How many entries a capacity takes: three quarters. */
static uint64_t fill_of(size_t capacity)
{
    return capacity - capacity / 4;
}

struct bm_seen *bm_seen_new(struct bm_budget *budget, struct bm_error *err)
{
    struct bm_seen *seen = bm_allocate(1, sizeof *seen, err);
    if (seen != NULL) {
        seen->budget = budget;
    }
    return seen;
}

void bm_seen_free(struct bm_seen *seen)
{
    if (seen == NULL) {
        return;
    }
    bm_slots_release(&seen->slots, seen->budget);
    free(seen);
}

uint64_t bm_seen_count(const struct bm_seen *seen)
{
    return seen->count;
}

void bm_seen_prefetch(const struct bm_seen *seen, const struct bm_fingerprint *fingerprints,
                      size_t count)
{
    if (seen->count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        __builtin_prefetch(&seen->slots.at[home_of(seen->capacity, fingerprints[i].high)]);
    }
}

/* The slot of the fingerprint, or the one where it would go in (then *found is 0). */
static size_t place_of(const struct bm_seen *seen, struct bm_fingerprint fingerprint, int *found)
{
    const struct bm_fingerprint *at = seen->slots.at;
    size_t place = home_of(seen->capacity, fingerprint.high);
    *found = 0;
    while (at[place].high != 0 && at[place].high <= fingerprint.high) {
        if (at[place].high == fingerprint.high &&
            ((at[place].low ^ fingerprint.low) & ~MARKS) == 0) {
            *found = 1;
            break;
        }
        place++;
    }
    return place;
}

int bm_seen_find(const struct bm_seen *seen, struct bm_fingerprint fingerprint)
{
    if (seen->count == 0) {
        return BM_MARK_ABSENT;
    }
    int found;
    size_t place = place_of(seen, fingerprint, &found);
    return found ? (int)(seen->slots.at[place].low & MARKS) : BM_MARK_ABSENT;
}

void bm_seen_mark(struct bm_seen *seen, struct bm_fingerprint fingerprint, enum bm_mark mark)
{
    if (seen->count == 0 || mark == BM_MARK_ABSENT) {
        return;
    }
    int found;
    size_t place = place_of(seen, fingerprint, &found);
    if (found) {
        seen->slots.at[place].low |= (uint64_t)mark & MARKS;
    }
}

/*
 * Whether all entries, spread over this capacity, leave a slot before the last one. Each needs as
 * many slots from its home on as there are entries behind it; the rest need not be asked once all
 * entries would fit behind a home.
 */
static int fits(const struct bm_seen *seen, size_t capacity)
{
    size_t limit = length_for(capacity) - 2;
    size_t behind = 0;
    for (size_t i = seen->slots.length; i-- > 0;) {
        if (seen->slots.at[i].high == 0) {
            continue;
        }
        size_t home = home_of(capacity, seen->slots.at[i].high);
        behind++;
        if (home + behind > limit) {
            return 0;
        }
        if (home + seen->count <= limit) {
            return 1;
        }
    }
    return 1;
}

/* Moves the entries of the first `before` slots to their places in the grown array. */
static void spread(struct bm_seen *seen, size_t before)
{
    static const struct bm_fingerprint nothing = {0, 0};
    struct bm_fingerprint *at = seen->slots.at;
    size_t end = seen->slots.length;
    size_t packed = end;
    for (size_t from = before; from-- > 0;) {
        if (at[from].high != 0) {
            at[--packed] = at[from];
            at[from] = nothing;
        }
    }
    size_t next = 0;
    for (size_t from = packed; from < end; from++) {
        struct bm_fingerprint entry = at[from];
        at[from] = nothing;
        size_t home = home_of(seen->capacity, entry.high);
        next = home > next ? home : next;
        at[next++] = entry;
    }
}

static enum bm_status grow(struct bm_seen *seen, struct bm_error *err)
{
    size_t capacity = seen->capacity;
    do {
        if (capacity > SIZE_MAX / 64) {
            return bm_fail(err, BM_ERROR_MEMORY, 0, "a key set of %zu slots cannot grow", capacity);
        }
        size_t more = capacity < DOUBLED_BELOW ? capacity : capacity / 3;
        capacity = capacity == 0 ? FIRST_CAPACITY : capacity + more;
    } while (!fits(seen, capacity));
    size_t before = seen->slots.length;
    if (bm_slots_grow(&seen->slots, length_for(capacity), seen->budget, err) != BM_OK) {
        return BM_FAIL;
    }
    seen->capacity = capacity;
    spread(seen, before);
    return BM_OK;
}

static size_t first_free(const struct bm_seen *seen, size_t place)
{
    while (seen->slots.at[place].high != 0) {
        place++;
    }
    return place;
}

enum bm_status bm_seen_add(struct bm_seen *seen, struct bm_fingerprint fingerprint,
                           enum bm_mark mark, struct bm_error *err)
{
    uint64_t bits = mark == BM_MARK_ABSENT ? 0 : (uint64_t)mark & MARKS;
    for (;;) {
        int found = 0;
        size_t place = seen->capacity > 0 ? place_of(seen, fingerprint, &found) : 0;
        if (found) {
            seen->slots.at[place].low |= bits;
            return BM_OK;
        }
        size_t gap = seen->capacity > 0 ? first_free(seen, place) : 0;
        if (seen->count < fill_of(seen->capacity) && gap + 1 < seen->slots.length) {
            struct bm_fingerprint *at = &seen->slots.at[place];
            memmove(at + 1, at, (gap - place) * sizeof *at);
            *at = (struct bm_fingerprint){(fingerprint.low & ~MARKS) | bits, fingerprint.high};
            seen->count++;
            return BM_OK;
        }
        if (grow(seen, err) != BM_OK) {
            return BM_FAIL;
        }
    }
}
