/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum bm_status bm_digests_init(struct bm_digests *digests, size_t count,
                               const struct bm_hash_key *key, struct bm_error *err)
{
    *digests = (struct bm_digests){.key = key};
    digests->list = bm_allocate(count, sizeof *digests->list, err);
    if (digests->list == NULL) {
        return BM_FAIL;
    }
    digests->count = count;
    for (size_t i = 0; i < count; i++) {
        digests->list[i].to = UINT64_MAX;
    }
    return BM_OK;
}

static void forget_caught(struct bm_digest *digest)
{
    for (size_t i = 0; i < 2; i++) {
        free((void *)(uintptr_t)digest->caught[i].id.data);
        digest->caught[i] = (struct bm_caught){0};
    }
}

void bm_digests_restart(struct bm_digests *digests)
{
    for (size_t i = 0; i < digests->count; i++) {
        struct bm_digest *digest = &digests->list[i];
        forget_caught(digest);
        digest->documents = 0;
        digest->shift = 0;
        digest->count = 0;
        digest->kept = digest->taken_out = (struct bm_heap){0};
    }
}

void bm_digests_free(struct bm_digests *digests)
{
    for (size_t i = 0; i < digests->count; i++) {
        forget_caught(&digests->list[i]);
        free(digests->list[i].blocks);
    }
    free(digests->list);
    *digests = (struct bm_digests){0};
}

/* ---- sums ---- */

static void add(struct bm_fingerprint *sum, struct bm_fingerprint more)
{
    sum->low += more.low;
    sum->high += more.high + (sum->low < more.low ? 1 : 0);
}

void bm_heap_add(struct bm_heap *heap, const struct bm_heap *more)
{
    heap->documents += more->documents;
    add(&heap->sum, more->sum);
}

int bm_heap_equal(const struct bm_heap *a, const struct bm_heap *b)
{
    return a->documents == b->documents && a->sum.low == b->sum.low && a->sum.high == b->sum.high;
}

static void double_blocks(struct bm_digest *digest)
{
    for (size_t i = 0; i < digest->count; i++) {
        struct bm_fingerprint block = digest->blocks[i];
        if (i % 2 == 0) {
            digest->blocks[i / 2] = block;
        } else {
            add(&digest->blocks[i / 2], block);
        }
    }
    digest->count = (digest->count + 1) / 2;
    digest->shift++;
}

/* ---- documents ---- */

/* The same bytes at another place are another fingerprint. */
static struct bm_fingerprint place_of(const struct bm_digests *digests, struct bm_fingerprint bytes,
                                      uint64_t place)
{
    uint8_t both[24];
    memcpy(both, &bytes.low, 8);
    memcpy(both + 8, &bytes.high, 8);
    memcpy(both + 16, &place, 8);
    return bm_fingerprint_of(digests->key, (struct bm_view){both, sizeof both});
}

static enum bm_status count_in(struct bm_digest *digest, uint64_t place,
                               struct bm_fingerprint fingerprint, struct bm_error *err)
{
    uint64_t at = place - digest->from;
    while (at >> digest->shift >= BM_DIGEST_BLOCKS) {
        double_blocks(digest);
    }
    /* Places come one by one: it is the last block, or the one behind it. */
    if (at >> digest->shift == digest->count) {
        if (bm_grow(&digest->blocks, digest->count, &digest->capacity, sizeof *digest->blocks,
                    err) != BM_OK) {
            return BM_FAIL;
        }
        digest->blocks[digest->count++] = (struct bm_fingerprint){0};
    }
    add(&digest->blocks[digest->count - 1], fingerprint);
    return BM_OK;
}

/* A document as it is read and as it is made. */
struct passing {
    struct bm_view read, made;
    uint64_t ordinal, offset;
};

static enum bm_status catch_document(struct bm_caught *caught, const struct passing *passing,
                                     struct bm_fingerprint bytes, struct bm_error *err)
{
    struct bm_element id;
    struct bm_error damage = BM_ERROR_INIT;
    caught->is_there = 1;
    caught->bytes = bytes;
    caught->ordinal = passing->ordinal;
    caught->offset = passing->offset;
    if (bm_document_find(passing->read, bm_view_text("_id"), &id, &damage) != BM_OK) {
        return BM_OK;
    }
    char *copy = bm_copy_view(id.raw, err);
    if (copy == NULL) {
        return BM_FAIL;
    }
    caught->id = (struct bm_view){(const uint8_t *)copy, id.raw.len};
    return BM_OK;
}

static enum bm_status keep_document(struct bm_digests *digests, struct bm_digest *digest,
                                    const struct passing *passing, struct bm_error *err)
{
    uint64_t place = digest->documents++;
    struct bm_fingerprint bytes = bm_fingerprint_of(digests->key, passing->made);
    const struct bm_heap one = {1, bytes};
    bm_heap_add(&digest->kept, &one);
    if (digest->catches && place >= digest->wanted && place - digest->wanted < 2 &&
        catch_document(&digest->caught[place - digest->wanted], passing, bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    if (place < digest->from || place >= digest->to) {
        return BM_OK;
    }
    return count_in(digest, place, place_of(digests, bytes, place), err);
}

enum bm_status bm_digests_batch(struct bm_digests *digests, const struct bm_batch *batch,
                                const struct bm_edit *edits, size_t edit_count,
                                struct bm_error *err)
{
    struct bm_digest *digest = &digests->list[batch->ns->number];
    size_t next = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct bm_view read = {batch->bytes.data + batch->at[i], batch->at[i + 1] - batch->at[i]};
        struct passing passing = {read, read, batch->ordinal + i, batch->offset + batch->at[i]};
        const struct bm_edit *edit =
            next < edit_count && edits[next].document == i ? &edits[next++] : NULL;
        if (edit != NULL && edit->verdict == BM_VERDICT_DROP) {
            const struct bm_heap one = {1, bm_fingerprint_of(digests->key, read)};
            bm_heap_add(&digest->taken_out, &one);
            continue;
        }
        if (edit != NULL && edit->verdict == BM_VERDICT_REPLACE) {
            passing.made = edit->bytes;
        }
        if (keep_document(digests, digest, &passing, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- two of them ---- */

int bm_digest_differ(struct bm_digest *a, struct bm_digest *b, uint64_t *from, uint64_t *to)
{
    while (a->shift < b->shift) {
        double_blocks(a);
    }
    while (b->shift < a->shift) {
        double_blocks(b);
    }
    size_t shared = a->count < b->count ? a->count : b->count;
    size_t i = 0;
    while (i < shared && a->blocks[i].low == b->blocks[i].low &&
           a->blocks[i].high == b->blocks[i].high) {
        i++;
    }
    if (i == a->count && i == b->count) {
        return 0;
    }
    *from = a->from + ((uint64_t)i << a->shift);
    *to = *from + ((uint64_t)1 << a->shift);
    return 1;
}
