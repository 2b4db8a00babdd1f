/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/seen.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "seen/budget.h"
#include "seen/keyfile.h"
#include "seen/slots.h"

/*
 * Open addressing by groups of eight slots. Every slot has a tag of one byte, 0 while it is free,
 * else eight bits of the fingerprint; the tags of a group are compared in one step, so that a key
 * that is not there, which is nearly every key of a sound dump, costs one line of memory and no
 * branch that cannot be foreseen [measured: 13 ns against 60 for a search slot by slot]. Groups
 * fill from their first slot on; a full one spills into the next, the last into the first. Nothing
 * is ever removed, so that a group with a free slot ends a search.
 *
 * A fingerprint's home is its high half scaled to the number of groups: growth goes through the old
 * array once from start to end, fills the new one from start to end, and gives back on the way what
 * lies behind it.
 */
struct bm_seen {
    struct bm_budget *budget;
    struct bm_slots slots;
    uint64_t count;                   /* in the slots */
    const struct bm_outlook *outlook; /* NULL: none */
    const struct bm_seen *sieve;      /* NULL: none */
    uint8_t *states;                  /* of the sieve's slots: 0, or HELD and the marks here */
    uint64_t passed;                  /* added, and not in the sieve */
    struct bm_recording recording;    /* keyfile NULL: none */
    const struct bm_outlet *outlet;   /* NULL: none */
};

#define FIRST_GROUPS 4u
#define DOUBLED_BELOW 4096u /* slots */
#define FORESEEN_MOST 8u    /* times what there is: an outlook may be wrong */
#define MARKS UINT64_C(3)
#define HELD 4u
#define LOW_BITS UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

__extension__ typedef unsigned __int128 wide;

struct bm_seen *bm_seen_new(struct bm_budget *budget, struct bm_error *err)
{
    struct bm_seen *seen = bm_allocate(1, sizeof *seen, err);
    if (seen != NULL) {
        seen->budget = budget;
    }
    return seen;
}

static size_t slots_of(const struct bm_slots *slots)
{
    return slots->count * BM_GROUP_SLOTS;
}

void bm_seen_free(struct bm_seen *seen)
{
    if (seen == NULL) {
        return;
    }
    bm_slots_free(&seen->slots);
    seen->budget->used -= seen->slots.bytes;
    if (seen->states != NULL) {
        bm_budget_free(seen->budget, seen->states, slots_of(&seen->sieve->slots), 1);
    }
    free(seen);
}

uint64_t bm_seen_count(const struct bm_seen *seen)
{
    return seen->count + seen->passed;
}

void bm_seen_foresee(struct bm_seen *seen, const struct bm_outlook *outlook)
{
    seen->outlook = outlook;
}

enum bm_status bm_seen_sift(struct bm_seen *seen, const struct bm_seen *sieve, struct bm_error *err)
{
    size_t slots = slots_of(&sieve->slots);
    if (slots > 0) {
        if (bm_budget_take(seen->budget, slots, err) != BM_OK) {
            return BM_FAIL;
        }
        seen->states = bm_allocate(slots, 1, err);
        if (seen->states == NULL) {
            bm_budget_give(seen->budget, slots);
            return BM_FAIL;
        }
    }
    seen->sieve = sieve;
    return BM_OK;
}

void bm_seen_record(struct bm_seen *seen, const struct bm_recording *recording)
{
    seen->recording = *recording;
}

static size_t home_of(size_t groups, uint64_t high)
{
    return (size_t)(((wide)high * groups) >> 64);
}

/* Of the bits that have no say in where the home is. */
static uint8_t tag_of(uint64_t high)
{
    uint8_t tag = (uint8_t)high;
    return tag != 0 ? tag : 1;
}

/* The high bits of the bytes that are zero, and of no others: a free slot must not pass for one of
 * tag 1, since nobody clears the memory of slots. */
static uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & ~HIGH_BITS) + ~HIGH_BITS) | word | ~HIGH_BITS);
}

static size_t lowest_byte(uint64_t bits)
{
    return (size_t)__builtin_ctzll(bits) / 8;
}

static size_t next_group(const struct bm_slots *slots, size_t group)
{
    return group + 1 < slots->count ? group + 1 : 0;
}

/* A slot, by group and number within it. */
struct place {
    size_t group;
    size_t number;
};

/* The first free slot from a group on. */
static struct place first_free(const struct bm_slots *slots, size_t group)
{
    uint64_t free_slots;
    while ((free_slots = zero_bytes(bm_le64(slots->tags[group]))) == 0) {
        group = next_group(slots, group);
    }
    return (struct place){group, lowest_byte(free_slots)};
}

/* Where the fingerprint is held, or else the free slot where it would go. */
static int find(const struct bm_slots *slots, struct bm_fingerprint fingerprint,
                struct place *place)
{
    uint64_t wanted = tag_of(fingerprint.high) * LOW_BITS;
    size_t group = home_of(slots->count, fingerprint.high);
    for (;; group = next_group(slots, group)) {
        uint64_t tags = bm_le64(slots->tags[group]);
        for (uint64_t same = zero_bytes(tags ^ wanted); same != 0; same &= same - 1) {
            const struct bm_fingerprint *slot = &slots->groups[group][lowest_byte(same)];
            if (slot->high == fingerprint.high && ((slot->low ^ fingerprint.low) & ~MARKS) == 0) {
                *place = (struct place){group, lowest_byte(same)};
                return 1;
            }
        }
        uint64_t free_slots = zero_bytes(tags);
        if (free_slots != 0) {
            *place = (struct place){group, lowest_byte(free_slots)};
            return 0;
        }
    }
}

static void fill(struct bm_slots *slots, struct place place, struct bm_fingerprint entry)
{
    slots->tags[place.group][place.number] = tag_of(entry.high);
    slots->groups[place.group][place.number] = entry;
}

void bm_seen_spill(struct bm_seen *seen, const struct bm_outlet *outlet)
{
    seen->outlet = outlet;
}

void bm_seen_prefetch(const struct bm_seen *seen, struct bm_fingerprint fingerprint)
{
    if (seen->sieve != NULL) {
        bm_seen_prefetch(seen->sieve, fingerprint);
    }
    if (seen->count > 0) {
        __builtin_prefetch(seen->slots.tags[home_of(seen->slots.count, fingerprint.high)]);
    }
}

/* Half of the time that adding takes [measured] is waiting for the slot to come. */
void bm_seen_prefetch_slot(const struct bm_seen *seen, struct bm_fingerprint fingerprint)
{
    if (seen->count > 0) {
        struct place place = first_free(&seen->slots, home_of(seen->slots.count, fingerprint.high));
        __builtin_prefetch(&seen->slots.groups[place.group][place.number], 1);
    }
}

/* NULL: the sieve does not have it. */
static uint8_t *state_of(const struct bm_seen *seen, struct bm_fingerprint fingerprint)
{
    struct place place;
    return seen->states != NULL && find(&seen->sieve->slots, fingerprint, &place)
               ? &seen->states[place.group * BM_GROUP_SLOTS + place.number]
               : NULL;
}

int bm_seen_find(const struct bm_seen *seen, struct bm_fingerprint fingerprint)
{
    struct place place;
    if (seen->sieve != NULL) {
        const uint8_t *state = state_of(seen, fingerprint);
        return state != NULL && *state != 0 ? (int)(*state & MARKS) : BM_MARK_ABSENT;
    }
    if (seen->count == 0 || !find(&seen->slots, fingerprint, &place)) {
        return BM_MARK_ABSENT;
    }
    return (int)(seen->slots.groups[place.group][place.number].low & MARKS);
}

void bm_seen_mark(struct bm_seen *seen, struct bm_fingerprint fingerprint, enum bm_mark mark)
{
    struct place place;
    uint8_t *state = state_of(seen, fingerprint);
    if (state != NULL && *state != 0 && mark != BM_MARK_ABSENT) {
        *state |= (uint8_t)mark & MARKS;
    }
    if (seen->count > 0 && mark != BM_MARK_ABSENT && find(&seen->slots, fingerprint, &place)) {
        seen->slots.groups[place.group][place.number].low |= (uint64_t)mark & MARKS;
    }
}

/* Moves the entries of one group; the result is the last group it came to. */
static size_t move_group(const struct bm_slots *from, size_t group, struct bm_slots *to)
{
    size_t last = 0;
    for (size_t i = 0; i < BM_GROUP_SLOTS && from->tags[group][i] != 0; i++) {
        struct bm_fingerprint entry = from->groups[group][i];
        struct place place = first_free(to, home_of(to->count, entry.high));
        fill(to, place, entry);
        last = place.group > last ? place.group : last;
    }
    return last;
}

/*
 * All groups from start to end, but for the first of them, which entries of the last homes may have
 * spilled into: they come when all homes are filled. Their page is not handed over.
 */
static enum bm_status move_all(struct bm_slots *from, struct bm_slots *to, struct bm_error *err)
{
    size_t late = first_free(from, 0).group + 1;
    size_t in_use = 0;
    for (size_t group = late; group < from->count; group++) {
        size_t behind = move_group(from, group, to) + 1;
        in_use = behind > in_use ? behind : in_use;
        size_t page = group / BM_PAGE_GROUPS;
        if ((group + 1) % BM_PAGE_GROUPS == 0 && page > late / BM_PAGE_GROUPS &&
            bm_slots_hand_over(from, page, to, &in_use, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t group = 0; group < late; group++) {
        (void)move_group(from, group, to);
    }
    return BM_OK;
}

/* Whether so many groups more leave half of the budget: others draw from it too. */
static int is_cheap(const struct bm_seen *seen, uint64_t more)
{
    const struct bm_budget *budget = seen->budget;
    uint64_t half = budget->limit / 2;
    return budget->limit == 0 ||
           (budget->used <= half && more <= (half - budget->used) / BM_GROUP_BYTES);
}

/*
 * How many groups a large set grows to. Every growth moves all that is there; the right size at
 * once saves that [measured: five sets of a million keys take 0.8 of the time]. What an outlook
 * promises comes with a thirty-second more, and a quarter of what there is at least.
 */
static size_t groups_wanted(const struct bm_seen *seen)
{
    const struct bm_outlook *outlook = seen->outlook;
    size_t groups = seen->slots.count;
    if (outlook == NULL || outlook->done == 0 || outlook->whole < outlook->done) {
        return groups + groups / 2;
    }
    wide keys = (wide)seen->count * outlook->whole / outlook->done;
    wide foreseen = (keys + keys / 32) * 8 / 7 / BM_GROUP_SLOTS + 1;
    foreseen = foreseen < groups + groups / 4 ? groups + groups / 4 : foreseen;
    foreseen = foreseen > (wide)groups * FORESEEN_MOST ? (wide)groups * FORESEEN_MOST : foreseen;
    return is_cheap(seen, (uint64_t)foreseen - groups) ? (size_t)foreseen : groups + groups / 2;
}

static enum bm_status grow(struct bm_seen *seen, struct bm_error *err)
{
    struct bm_slots old = seen->slots;
    size_t groups = old.count == 0 ? FIRST_GROUPS : 2 * old.count;
    if (old.count >= DOUBLED_BELOW / BM_GROUP_SLOTS) {
        groups = groups_wanted(seen);
    }
    if (bm_slots_outgrow(&old, groups, &seen->slots, seen->budget, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = old.count > 0 ? move_all(&old, &seen->slots, err) : BM_OK;
    bm_slots_free(&old);
    return status;
}

/* Whether one more entry leaves an eighth of the slots free. */
static int has_room(const struct bm_seen *seen)
{
    size_t slots = seen->slots.count * BM_GROUP_SLOTS;
    return seen->count < slots - slots / 8;
}

static enum bm_status record_key(struct bm_seen *seen, struct bm_fingerprint fingerprint,
                                 uint64_t marks, struct bm_error *err)
{
    const struct bm_recording *recording = &seen->recording;
    const struct bm_keyfile_record record = {
        .fingerprint = {(fingerprint.low & ~MARKS) ^ recording->mask.low,
                        fingerprint.high ^ recording->mask.high},
        .place = recording->place | marks,
    };
    seen->passed++;
    return bm_keyfile_add(recording->keyfile, &record, err);
}

static enum bm_status record_next(struct bm_seen *seen, struct bm_fingerprint fingerprint,
                                  uint64_t marks, struct bm_error *err)
{
    enum bm_status status = record_key(seen, fingerprint, marks, err);
    seen->recording.place += BM_RECORD_STEP;
    return status;
}

/* All that is held goes to the outlet, and what comes after it. */
static enum bm_status spill(struct bm_seen *seen, struct bm_error *err)
{
    const struct bm_slots *slots = &seen->slots;
    if (seen->outlet->open(seen->outlet, &seen->recording, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t group = 0; group < slots->count; group++) {
        for (size_t i = 0; i < BM_GROUP_SLOTS && slots->tags[group][i] != 0; i++) {
            struct bm_fingerprint entry = slots->groups[group][i];
            if (record_key(seen, entry, entry.low & MARKS, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    seen->recording.place += BM_RECORD_STEP;
    bm_slots_free(&seen->slots);
    seen->budget->used -= seen->slots.bytes;
    seen->slots = (struct bm_slots){.count = 0};
    seen->count = 0;
    return BM_OK;
}

/* BM_END: there is no room, and the set has spilled. */
static enum bm_status grow_or_spill(struct bm_seen *seen, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = seen->budget->refused;
    if (grow(seen, &failure) == BM_OK) {
        return BM_OK;
    }
    if (seen->outlet == NULL || refused == seen->budget->refused) {
        *err = failure;
        return BM_FAIL;
    }
    return spill(seen, err) == BM_OK ? BM_END : BM_FAIL;
}

enum bm_status bm_seen_add(struct bm_seen *seen, struct bm_fingerprint fingerprint,
                           enum bm_mark mark, struct bm_error *err)
{
    uint64_t bits = mark == BM_MARK_ABSENT ? 0 : (uint64_t)mark & MARKS;
    struct place place = {0, 0};
    if (seen->recording.keyfile != NULL) {
        return record_next(seen, fingerprint, bits, err);
    }
    if (seen->sieve != NULL) {
        uint8_t *state = state_of(seen, fingerprint);
        seen->passed += state == NULL || *state == 0 ? 1 : 0;
        if (state != NULL) {
            *state |= (uint8_t)(HELD | bits);
        }
        return BM_OK;
    }
    if (seen->slots.count > 0 && find(&seen->slots, fingerprint, &place)) {
        seen->slots.groups[place.group][place.number].low |= bits;
        return BM_OK;
    }
    if (!has_room(seen)) {
        enum bm_status status = grow_or_spill(seen, err);
        if (status != BM_OK) {
            return status == BM_END ? record_next(seen, fingerprint, bits, err) : BM_FAIL;
        }
        place = first_free(&seen->slots, home_of(seen->slots.count, fingerprint.high));
    }
    fingerprint.low = (fingerprint.low & ~MARKS) | bits;
    fill(&seen->slots, place, fingerprint);
    seen->count++;
    return BM_OK;
}
