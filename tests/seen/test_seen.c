/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/seen.h"
#include "seen/keyfile.h"

static struct bm_fingerprint of_number(uint64_t number)
{
    static const struct bm_hash_key key = {{7, 1, 9}};
    return bm_fingerprint_of(&key, (struct bm_view){(const uint8_t *)&number, sizeof number});
}

static struct bm_seen *new_set(struct bm_budget *budget)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = bm_seen_new(budget, &err);
    cr_assert_not_null(seen);
    return seen;
}

static void add(struct bm_seen *seen, uint64_t number, enum bm_mark mark)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_seen_add(seen, of_number(number), mark, &err), BM_OK, "%s", err.text);
}

Test(seen, an_empty_set_finds_nothing_and_is_cheap)
{
    struct bm_budget budget = {0};
    struct bm_seen *seen = new_set(&budget);
    struct bm_fingerprint one = of_number(1);
    bm_seen_prefetch(seen, one);
    bm_seen_prefetch_slot(seen, one);
    bm_seen_mark(seen, one, BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, one), BM_MARK_ABSENT);
    cr_assert_eq(bm_seen_count(seen), 0);
    cr_assert_lt(budget.used, 1024);
    add(seen, 1, BM_MARK_PLAIN);
    cr_assert_lt(budget.used, 1024);
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

Test(seen, marks_are_ored)
{
    struct bm_budget budget = {0};
    struct bm_seen *seen = new_set(&budget);
    add(seen, 1, BM_MARK_PLAIN);
    add(seen, 2, BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, of_number(1)), BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_find(seen, of_number(2)), BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, of_number(3)), BM_MARK_ABSENT);
    bm_seen_mark(seen, of_number(1), BM_MARK_SHARED);
    bm_seen_mark(seen, of_number(2), BM_MARK_SHARED);
    bm_seen_mark(seen, of_number(3), BM_MARK_SHARED);
    cr_assert_eq(bm_seen_find(seen, of_number(1)), BM_MARK_SHARED);
    cr_assert_eq(bm_seen_find(seen, of_number(2)), BM_MARK_OURS | BM_MARK_SHARED);
    cr_assert_eq(bm_seen_find(seen, of_number(3)), BM_MARK_ABSENT);
    add(seen, 1, BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, of_number(1)), BM_MARK_OURS | BM_MARK_SHARED);
    cr_assert_eq(bm_seen_count(seen), 2);
    bm_seen_free(seen);
}

Test(seen, same_high_half_is_not_the_same_key)
{
    struct bm_budget budget = {0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    struct bm_fingerprint a = {.low = 8, .high = UINT64_MAX};
    struct bm_fingerprint b = {.low = 4, .high = UINT64_MAX};
    struct bm_fingerprint c = {.low = 0, .high = UINT64_MAX};
    cr_assert_eq(bm_seen_add(seen, a, BM_MARK_OURS, &err), BM_OK);
    cr_assert_eq(bm_seen_find(seen, b), BM_MARK_ABSENT);
    cr_assert_eq(bm_seen_add(seen, b, BM_MARK_PLAIN, &err), BM_OK);
    cr_assert_eq(bm_seen_find(seen, a), BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, b), BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_find(seen, c), BM_MARK_ABSENT);
    bm_seen_free(seen);
}

/* The last group spills into the first, through every growth. */
Test(seen, a_crowd_at_the_last_home_stays_findable)
{
    struct bm_budget budget = {0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    for (uint64_t i = 0; i < 5000; i++) {
        struct bm_fingerprint one = {.low = i << 2, .high = UINT64_MAX - i % 7};
        cr_assert_eq(bm_seen_add(seen, one, BM_MARK_PLAIN, &err), BM_OK);
        if (i % 10 == 0) { /* others, whose homes it lies on */
            struct bm_fingerprint other = {.low = 0, .high = i << 40};
            cr_assert_eq(bm_seen_add(seen, other, BM_MARK_OURS, &err), BM_OK);
        }
    }
    for (uint64_t i = 0; i < 5000; i++) {
        struct bm_fingerprint one = {.low = i << 2, .high = UINT64_MAX - i % 7};
        struct bm_fingerprint other = {.low = i << 2, .high = UINT64_MAX - (i + 1) % 7};
        cr_assert_eq(bm_seen_find(seen, one), BM_MARK_PLAIN);
        cr_assert_eq(bm_seen_find(seen, other), BM_MARK_ABSENT);
        other = (struct bm_fingerprint){.low = 0, .high = i << 40};
        cr_assert_eq(bm_seen_find(seen, other), i % 10 == 0 ? BM_MARK_OURS : BM_MARK_ABSENT);
    }
    cr_assert_eq(bm_seen_count(seen), 5500);
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

/* A slot's tag is eight bits; a key is told from others by all of its own. */
Test(seen, keys_of_one_home_and_tag_differ_in_any_bit)
{
    struct bm_budget budget = {0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    struct bm_fingerprint first = {.low = 0, .high = UINT64_C(1) << 62};
    cr_assert_eq(bm_seen_add(seen, first, BM_MARK_PLAIN, &err), BM_OK);
    for (unsigned bit = 2; bit < 128; bit++) {
        struct bm_fingerprint one = first;
        *(bit < 64 ? &one.low : &one.high) ^= UINT64_C(1) << bit % 64;
        cr_assert_eq(bm_seen_find(seen, one), BM_MARK_ABSENT, "bit %u", bit);
        cr_assert_eq(bm_seen_add(seen, one, BM_MARK_OURS, &err), BM_OK);
        cr_assert_eq(bm_seen_find(seen, one), BM_MARK_OURS, "bit %u", bit);
    }
    cr_assert_eq(bm_seen_find(seen, first), BM_MARK_PLAIN);
    bm_seen_free(seen);
}

/* Slots are not cleared: what memory held before must not pass for a key. Here all of it is 1. */
Test(seen, a_free_slot_holds_nothing_whatever_its_memory)
{
    struct bm_budget budget = {0};
    struct bm_error err = BM_ERROR_INIT;
    int is_filled = 0;
#ifdef M_PERTURB
    is_filled = mallopt(M_PERTURB, 0xfe); /* new memory: the complement */
#endif
    if (!is_filled) {
        printf("memory of 1s cannot be asked for here (a sanitizer's is as it comes)\n");
    }
    struct bm_seen *seen = new_set(&budget);
    struct bm_fingerprint ones = {UINT64_C(0x0101010101010100), UINT64_C(0x0101010101010101)};
    for (uint64_t i = 1; i <= 7; i++) { /* of the same home and tag */
        struct bm_fingerprint other = {.low = i << 2, .high = ones.high};
        cr_assert_eq(bm_seen_add(seen, other, BM_MARK_PLAIN, &err), BM_OK);
        cr_assert_eq(bm_seen_find(seen, ones), BM_MARK_ABSENT, "%d others", (int)i);
    }
    bm_seen_free(seen);
}

/* Numbers 0 … RANGE-1 at random against an array that knows the marks. */
Test(seen, agrees_with_a_naive_model)
{
    enum { RANGE = 40000 };
    static int model[RANGE];
    struct bm_budget budget = {0};
    struct bm_seen *seen = new_set(&budget);
    for (size_t i = 0; i < RANGE; i++) {
        model[i] = BM_MARK_ABSENT;
    }
    uint64_t state = 88172645463325252u;
    uint64_t count = 0;
    for (size_t step = 0; step < 200000; step++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t number = (state >> 8) % RANGE;
        enum bm_mark mark = (enum bm_mark)(state % 3);
        cr_assert_eq(bm_seen_find(seen, of_number(number)), model[number], "step %zu", step);
        if (state >> 63) {
            bm_seen_mark(seen, of_number(number), mark);
            model[number] =
                model[number] == BM_MARK_ABSENT ? BM_MARK_ABSENT : (int)(model[number] | mark);
        } else {
            add(seen, number, mark);
            count += model[number] == BM_MARK_ABSENT;
            model[number] =
                model[number] == BM_MARK_ABSENT ? (int)mark : (int)(model[number] | mark);
        }
    }
    cr_assert_eq(bm_seen_count(seen), count);
    for (uint64_t i = 0; i < RANGE; i++) {
        cr_assert_eq(bm_seen_find(seen, of_number(i)), model[i]);
    }
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

Test(seen, a_budget_refuses_and_the_set_stays)
{
    struct bm_budget budget = {.limit = 100000, .used = 500};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    uint64_t held = 0;
    while (bm_seen_add(seen, of_number(held), BM_MARK_OURS, &err) == BM_OK) {
        held++;
    }
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    cr_assert_gt(held, 1000);
    cr_assert_leq(budget.used, budget.limit);
    uint64_t used = budget.used;
    for (int again = 0; again < 3; again++) {
        err = BM_ERROR_INIT;
        cr_assert_eq(bm_seen_add(seen, of_number(held), BM_MARK_PLAIN, &err), BM_FAIL);
        cr_assert_eq(bm_seen_find(seen, of_number(held)), BM_MARK_ABSENT);
        cr_assert_eq(bm_seen_count(seen), held);
        cr_assert_eq(budget.used, used);
    }
    add(seen, 3, BM_MARK_SHARED); /* there already: needs no room */
    for (uint64_t i = 0; i < held; i++) {
        int mark = i == 3 ? BM_MARK_OURS | BM_MARK_SHARED : BM_MARK_OURS;
        cr_assert_eq(bm_seen_find(seen, of_number(i)), mark);
    }
    budget.limit = 0;
    add(seen, held, BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_find(seen, of_number(held)), BM_MARK_PLAIN);
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 500);
}

static uint64_t used_by(uint64_t keys, uint64_t limit, const struct bm_outlook *outlook)
{
    struct bm_budget budget = {.limit = limit};
    struct bm_seen *seen = new_set(&budget);
    bm_seen_foresee(seen, outlook);
    for (uint64_t i = 0; i < keys; i++) {
        add(seen, i, BM_MARK_PLAIN);
    }
    for (uint64_t i = 0; i < 2 * keys; i++) {
        cr_assert_eq(bm_seen_find(seen, of_number(i)), i < keys ? BM_MARK_PLAIN : BM_MARK_ABSENT);
    }
    uint64_t used = budget.used;
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
    return used;
}

/* An outlook decides how far a set grows, within bounds, and never what it holds. */
Test(seen, a_set_grows_to_what_is_foreseen)
{
    enum { SMALL = 4000, SLOTS = 4096, SLOT = 17 };
    struct bm_outlook tenfold = {.done = 1, .whole = 10};
    struct bm_outlook fivefold = {.done = 20, .whole = 100};
    struct bm_outlook endless = {.done = 1, .whole = UINT64_MAX};
    struct bm_outlook nothing = {.done = 0, .whole = UINT64_MAX};
    struct bm_outlook at_end = {.done = 7, .whole = 7};
    struct bm_outlook beyond = {.done = 8, .whole = 7};
    uint64_t usual = used_by(SMALL, 0, NULL);
    cr_expect_eq(used_by(SMALL, 0, &nothing), usual);
    cr_expect_eq(used_by(SMALL, 0, &beyond), usual);
    cr_expect_lt(used_by(SMALL, 0, &at_end), usual);
    cr_expect_geq(used_by(SMALL, 0, &fivefold), 5 * SLOTS * SLOT);
    cr_expect_leq(used_by(SMALL, 0, &fivefold), 6 * SLOTS * SLOT);
    cr_expect_eq(used_by(SMALL, 0, &tenfold), 8 * SLOTS * SLOT);
    cr_expect_eq(used_by(SMALL, 0, &endless), 8 * SLOTS * SLOT);
    /* Half of the budget has to stay. */
    cr_expect_eq(used_by(SMALL, 16 * SLOTS * SLOT, &endless), 8 * SLOTS * SLOT);
    cr_expect_eq(used_by(SMALL, 16 * SLOTS * SLOT - 2, &endless), usual);
    cr_expect_leq(used_by(100000, 0, &endless), UINT64_C(100000) * 8 * 8 / 7 * SLOT);
}

Test(seen, two_sets_share_a_budget)
{
    struct bm_budget budget = {0};
    struct bm_seen *one = new_set(&budget);
    struct bm_seen *other = new_set(&budget);
    add(one, 1, BM_MARK_PLAIN);
    uint64_t used = budget.used;
    add(other, 1, BM_MARK_PLAIN);
    cr_assert_eq(budget.used, 2 * used);
    bm_seen_free(one);
    cr_assert_eq(budget.used, used);
    bm_seen_free(other);
    bm_seen_free(NULL);
}

/* Heap, then mapped memory; the price of a key is bounded all the way. */
Test(seen, a_key_takes_at_most_32_bytes_at_any_count)
{
    enum { COUNT = 1000000, FROM = 10000 };
    struct bm_budget budget = {0};
    struct bm_seen *seen = new_set(&budget);
    double worst = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        add(seen, i, BM_MARK_PLAIN);
        double each = (double)budget.used / (double)(i + 1);
        worst = i >= FROM && each > worst ? each : worst;
    }
    printf("a key takes %.1f bytes at a million, %.1f at most from ten thousand\n",
           (double)budget.used / COUNT, worst);
    cr_assert_leq(worst, 32.0);
    cr_assert_eq(bm_seen_count(seen), COUNT);
    for (uint64_t i = 0; i < 2 * COUNT; i++) {
        int mark = i < COUNT ? BM_MARK_PLAIN : BM_MARK_ABSENT;
        cr_assert_eq(bm_seen_find(seen, of_number(i)), mark);
    }
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

/* What the process holds in memory, in KiB; 0: this system does not tell. */
static long peak_memory(void)
{
    char line[128];
    long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            peak = strtol(line + 6, NULL, 10);
        }
    }
    if (status != NULL) {
        (void)fclose(status);
    }
    return peak;
}

/* Criterion runs every test in a process of its own, so that the peak is that of this set. */
Test(seen, growth_never_holds_two_arrays)
{
    enum { COUNT = 4000000 };
    struct bm_budget budget = {0};
    long before = peak_memory();
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("a sanitizer's own memory counts at the peak");
#endif
    if (before == 0) {
        cr_skip_test("/proc/self/status does not tell the peak of memory");
    }
    struct bm_seen *seen = new_set(&budget);
    uint64_t most = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        add(seen, i, BM_MARK_PLAIN);
        most = budget.used > most ? budget.used : most;
    }
    double peak = (double)(peak_memory() - before) * 1024;
    printf("%d keys: %.1f MB at the peak, %.1f of them of the budget\n", COUNT, peak / 1e6,
           (double)most / 1e6);
    /* The tags of the old array, a few pages on the way, and the last page of each piece. */
    cr_assert_leq(peak, (double)most * 1.1 + (16 << 20));
    bm_seen_free(seen);
}

/* Of what is in no sieve a set keeps nothing but the number. */
Test(seen, a_sifted_set_holds_what_the_sieve_holds)
{
    struct bm_budget budget = {0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *sieve = new_set(&budget);
    struct bm_seen *seen = new_set(&budget);
    add(sieve, 1, BM_MARK_PLAIN);
    add(sieve, 2, BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_sift(seen, sieve, &err), BM_OK, "%s", err.text);
    uint64_t before = budget.used;
    for (uint64_t i = 100; i < 10100; i++) {
        bm_seen_prefetch(seen, of_number(i));
        bm_seen_prefetch_slot(seen, of_number(i));
        cr_assert_eq(bm_seen_find(seen, of_number(i)), BM_MARK_ABSENT);
        add(seen, i, BM_MARK_PLAIN);
        cr_assert_eq(bm_seen_find(seen, of_number(i)), BM_MARK_ABSENT);
    }
    cr_expect_eq(budget.used, before);
    cr_expect_eq(bm_seen_count(seen), 10000);
    cr_expect_eq(bm_seen_find(seen, of_number(1)), BM_MARK_ABSENT);
    add(seen, 1, BM_MARK_OURS);
    cr_expect_eq(bm_seen_find(seen, of_number(1)), BM_MARK_OURS);
    bm_seen_mark(seen, of_number(1), BM_MARK_SHARED);
    cr_expect_eq(bm_seen_find(seen, of_number(1)), BM_MARK_OURS | BM_MARK_SHARED);
    cr_expect_eq(bm_seen_find(sieve, of_number(1)), BM_MARK_PLAIN, "the sieve stays as it is");
    cr_expect_eq(bm_seen_find(seen, of_number(2)), BM_MARK_ABSENT);
    cr_expect_eq(bm_seen_count(seen), 10001);
    bm_seen_free(seen);
    bm_seen_free(sieve);
    cr_assert_eq(budget.used, 0);
}

/* What a sieve holds is in memory once, however many sets are sifted by it. */
Test(seen, a_sifted_set_takes_little_beside_its_sieve)
{
    struct bm_budget budget = {0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *sieve = new_set(&budget);
    struct bm_seen *seen = new_set(&budget);
    for (uint64_t i = 0; i < 100000; i++) {
        add(sieve, i, BM_MARK_PLAIN);
    }
    uint64_t before = budget.used;
    cr_assert_eq(bm_seen_sift(seen, sieve, &err), BM_OK, "%s", err.text);
    for (uint64_t i = 0; i < 100000; i += 2) {
        add(seen, i, i % 4 == 0 ? BM_MARK_OURS : BM_MARK_PLAIN);
    }
    cr_expect_leq(budget.used - before, 200000);
    for (uint64_t i = 0; i < 100000; i++) {
        int expected = i % 2 != 0 ? BM_MARK_ABSENT : i % 4 == 0 ? BM_MARK_OURS : BM_MARK_PLAIN;
        cr_assert_eq(bm_seen_find(seen, of_number(i)), expected, "%d", (int)i);
    }
    cr_expect_eq(bm_seen_count(seen), 50000);
    bm_seen_free(seen);
    budget.limit = budget.used + 1000;
    seen = new_set(&budget);
    cr_expect_eq(bm_seen_sift(seen, sieve, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    bm_seen_free(seen);
    bm_seen_free(sieve);
    cr_assert_eq(budget.used, 0);
}

/* What two recording sets left: for each group the first place, by what the key is. */
struct recorded {
    struct bm_fingerprint masks[2];
    unsigned groups;
    unsigned found[2];
};

static enum bm_status take_recorded(void *context, const struct bm_keyfile_record *record,
                                    uint64_t number, uint64_t size, struct bm_error *err)
{
    (void)err;
    struct recorded *recorded = context;
    size_t set = record->place >= 1000 ? 1 : 0;
    struct bm_fingerprint expected = of_number(set == 0 ? 5 : 6);
    cr_assert_eq(record->fingerprint.high ^ recorded->masks[set].high, expected.high);
    cr_assert_eq(record->fingerprint.low ^ recorded->masks[set].low, expected.low);
    cr_expect_eq(size, set == 0 ? 2 : 3);
    recorded->groups += number == 0 ? 1 : 0;
    recorded->found[set]++;
    return BM_OK;
}

/* Two sets in one file: the same key in both is no group. */
Test(seen, recording_sets_hold_nothing)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_budget budget = {0};
    struct recorded recorded = {.masks = {of_number(1001), of_number(1002)}};
    struct bm_keyfile *keyfile = bm_keyfile_new("/tmp", 0, NULL, &err);
    cr_assert_not_null(keyfile, "%s", err.text);
    struct bm_seen *sets[2];
    for (size_t i = 0; i < 2; i++) {
        const struct bm_recording recording = {keyfile, recorded.masks[i], i * 1000};
        sets[i] = new_set(&budget);
        bm_seen_record(sets[i], &recording);
    }
    static const uint64_t keys[2][6] = {{1, 2, 5, 3, 5, 4}, {6, 1, 6, 2, 6, 3}};
    for (size_t i = 0; i < 12; i++) {
        struct bm_seen *set = sets[i % 2];
        struct bm_fingerprint key = of_number(keys[i % 2][i / 2]);
        cr_assert_eq(bm_seen_find(set, key), BM_MARK_ABSENT);
        cr_assert_eq(bm_seen_add(set, key, BM_MARK_OURS, &err), BM_OK, "%s", err.text);
        bm_seen_mark(set, key, BM_MARK_SHARED);
    }
    cr_expect_eq(bm_seen_count(sets[0]), 6);
    cr_expect_eq(budget.used, 0);
    cr_assert_eq(bm_keyfile_read(keyfile, take_recorded, &recorded, &err), BM_OK, "%s", err.text);
    cr_expect_eq(recorded.groups, 2);
    cr_expect_eq(recorded.found[0], 2);
    cr_expect_eq(recorded.found[1], 3);
    bm_seen_free(sets[0]);
    bm_seen_free(sets[1]);
    bm_keyfile_free(keyfile);
}

/* An outlet into a key file that is there. */
struct test_outlet {
    struct bm_outlet base;
    struct bm_recording recording;
    int opened;
};

static enum bm_status open_outlet(const struct bm_outlet *outlet, struct bm_recording *out,
                                  struct bm_error *err)
{
    struct test_outlet *self = (struct test_outlet *)(uintptr_t)outlet;
    self->opened++;
    *out = self->recording;
    return out->keyfile != NULL ? BM_OK : bm_fail(err, BM_ERROR_IO, 0, "no key file");
}

struct spilled {
    uint64_t groups;
    uint64_t before; /* first records from before the set was moved … */
    uint64_t shared; /* … of those that were marked */
    uint64_t ours;   /* later records */
};

static enum bm_status take_spilled(void *context, const struct bm_keyfile_record *record,
                                   uint64_t number, uint64_t size, struct bm_error *err)
{
    (void)err;
    struct spilled *spilled = context;
    cr_expect_eq(size, 2);
    spilled->groups += number == 0 ? 1 : 0;
    spilled->before += number == 0 && record->place < BM_RECORD_STEP ? 1 : 0;
    spilled->shared += number == 0 && (record->place & BM_MARK_SHARED) != 0 ? 1 : 0;
    spilled->ours += number == 1 && (record->place & BM_MARK_OURS) != 0 ? 1 : 0;
    return BM_OK;
}

/* Every tenth of its keys comes again after the budget was used up, and every hundredth is marked.
 */
Test(seen, a_set_without_room_spills)
{
    enum { KEYS = 20000 };
    struct bm_error err = BM_ERROR_INIT;
    struct bm_budget budget = {.limit = 100000};
    struct bm_seen *seen = new_set(&budget);
    struct test_outlet outlet = {.base = {open_outlet}, .recording = {.mask = of_number(77)}};
    outlet.recording.keyfile = bm_keyfile_new("/tmp", 0, NULL, &err);
    cr_assert_not_null(outlet.recording.keyfile, "%s", err.text);
    bm_seen_spill(seen, &outlet.base);
    for (uint64_t i = 0; i < KEYS; i++) {
        add(seen, i, BM_MARK_PLAIN);
        if (i % 100 == 0) {
            bm_seen_mark(seen, of_number(i), BM_MARK_SHARED);
        }
        cr_assert_leq(budget.used, budget.limit);
        cr_assert(outlet.opened == 1 || bm_seen_find(seen, of_number(i)) != BM_MARK_ABSENT);
    }
    cr_expect_eq(outlet.opened, 1);
    cr_expect_eq(budget.used, 0);
    cr_expect_eq(bm_seen_count(seen), KEYS);
    for (uint64_t i = 0; i < KEYS; i += 10) {
        cr_assert_eq(bm_seen_find(seen, of_number(i)), BM_MARK_ABSENT);
        add(seen, i, BM_MARK_OURS);
    }
    struct spilled spilled = {0};
    cr_assert_eq(bm_keyfile_read(outlet.recording.keyfile, take_spilled, &spilled, &err), BM_OK);
    cr_expect_eq(spilled.groups, KEYS / 10);
    cr_expect_gt(spilled.before, 200);
    cr_expect_eq(spilled.shared, (spilled.before + 9) / 10);
    cr_expect_eq(spilled.ours, KEYS / 10);
    bm_seen_free(seen);
    bm_keyfile_free(outlet.recording.keyfile);
}

Test(seen, an_outlet_that_fails_ends_it)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_budget budget = {.limit = 1000};
    struct bm_seen *seen = new_set(&budget);
    struct test_outlet outlet = {.base = {open_outlet}};
    bm_seen_spill(seen, &outlet.base);
    enum bm_status status = BM_OK;
    for (uint64_t i = 0; i < 1000 && status == BM_OK; i++) {
        status = bm_seen_add(seen, of_number(i), BM_MARK_PLAIN, &err);
    }
    cr_expect_eq(status, BM_FAIL);
    cr_expect_str_eq(err.text, "no key file");
    bm_seen_free(seen);
    cr_expect_eq(budget.used, 0);
}
