/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/splice.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/memory.h"

/* New bytes for one document. Far more than a document may grow to, so that its size can be told
 * before it is refused. */
#define NEW_BYTES_MAX ((size_t)4 * BM_DOCUMENT_MAX)

struct change {
    size_t at;
    size_t len;      /* bytes taken out */
    size_t bytes_at; /* bytes put in, in the splicer's buffer */
    size_t bytes_len;
};

/* A length field and what the changes inside its document add to it. */
struct fix {
    size_t at;
    int64_t grown;
};

struct bm_splicer {
    struct change *changes;
    size_t change_count;
    size_t change_capacity;
    struct fix *fixes; /* ascending, since documents open in ascending order */
    size_t fix_count;
    size_t fix_capacity;
    /* The fixes of the documents around the last change, outermost first. A document that is not
     * among them has not been met before: changes ascend, and what was left never comes back. */
    size_t *chain;
    size_t chain_count;
    size_t chain_capacity;
    struct bm_buffer bytes;
};

struct bm_splicer *bm_splicer_new(struct bm_error *err)
{
    struct bm_splicer *splicer = bm_allocate(1, sizeof *splicer, err);
    if (splicer != NULL) {
        splicer->bytes = BM_BUFFER_INIT(NEW_BYTES_MAX);
    }
    return splicer;
}

void bm_splicer_free(struct bm_splicer *splicer)
{
    if (splicer == NULL) {
        return;
    }
    free(splicer->changes);
    free(splicer->fixes);
    free(splicer->chain);
    bm_buffer_free(&splicer->bytes);
    free(splicer);
}

void bm_splicer_clear(struct bm_splicer *splicer)
{
    splicer->change_count = splicer->fix_count = splicer->chain_count = 0;
    bm_buffer_clear(&splicer->bytes);
}

size_t bm_splicer_count(const struct bm_splicer *splicer)
{
    return splicer->change_count;
}

/* Adds to the length field at `at`, which belongs to the document `level` levels below the
 * outermost one. */
static enum bm_status grow_parent(struct bm_splicer *splicer, size_t level, size_t at,
                                  int64_t grown, struct bm_error *err)
{
    if (level < splicer->chain_count && splicer->fixes[splicer->chain[level]].at == at) {
        splicer->fixes[splicer->chain[level]].grown += grown;
        return BM_OK;
    }
    if (bm_grow(&splicer->chain, level, &splicer->chain_capacity, sizeof *splicer->chain, err) !=
            BM_OK ||
        bm_grow(&splicer->fixes, splicer->fix_count, &splicer->fix_capacity, sizeof *splicer->fixes,
                err) != BM_OK) {
        return BM_FAIL;
    }
    assert(splicer->fix_count == 0 || splicer->fixes[splicer->fix_count - 1].at < at);
    splicer->chain[level] = splicer->fix_count;
    splicer->chain_count = level + 1;
    splicer->fixes[splicer->fix_count++] = (struct fix){at, grown};
    return BM_OK;
}

enum bm_status bm_splicer_replace(struct bm_splicer *splicer, size_t at, size_t len,
                                  struct bm_view bytes, const size_t *parents, size_t parent_count,
                                  struct bm_error *err)
{
    if (bm_grow(&splicer->changes, splicer->change_count, &splicer->change_capacity,
                sizeof *splicer->changes, err) != BM_OK) {
        return BM_FAIL;
    }
    if (splicer->change_count > 0) {
        const struct change *last = &splicer->changes[splicer->change_count - 1];
        assert(last->at + last->len <= at);
        (void)last;
    }
    size_t bytes_at = splicer->bytes.len;
    if (bm_buffer_append(&splicer->bytes, bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < parent_count; i++) {
        if (grow_parent(splicer, i, parents[i], (int64_t)bytes.len - (int64_t)len, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    splicer->changes[splicer->change_count++] = (struct change){at, len, bytes_at, bytes.len};
    return BM_OK;
}

/* A piece of the document that stays: `len` bytes from `from` on, at `to` in the output. */
struct piece {
    size_t from;
    size_t len;
    size_t to;
};

/* Corrects the length fields inside a piece, from *next on. */
static enum bm_status fix_piece(const struct bm_splicer *splicer, size_t *next, struct piece piece,
                                struct bm_buffer *out, struct bm_error *err)
{
    while (*next < splicer->fix_count && splicer->fixes[*next].at < piece.from + piece.len) {
        const struct fix *fix = &splicer->fixes[(*next)++];
        assert(fix->at >= piece.from);
        uint8_t *field = out->data + piece.to + (fix->at - piece.from);
        int64_t length = (int64_t)bm_le32(field) + fix->grown;
        if (length < BM_DOCUMENT_MIN || length > INT32_MAX) {
            return bm_fail(err, BM_ERROR_VIOLATION, 0, "a document would have %lld bytes",
                           (long long)length);
        }
        bm_put_le32(field, (uint32_t)length);
    }
    return BM_OK;
}

static struct bm_view new_bytes(const struct bm_splicer *splicer, const struct change *change)
{
    if (change->bytes_len == 0) {
        return (struct bm_view){NULL, 0};
    }
    return (struct bm_view){splicer->bytes.data + change->bytes_at, change->bytes_len};
}

enum bm_status bm_splicer_apply(const struct bm_splicer *splicer, struct bm_view document,
                                struct bm_buffer *out, struct bm_error *err)
{
    size_t start = out->len;
    size_t taken = 0;
    size_t next_fix = 0;
    for (size_t i = 0; i <= splicer->change_count; i++) {
        struct change change = {.at = document.len};
        if (i < splicer->change_count) {
            change = splicer->changes[i];
        }
        assert(change.at >= taken && change.at + change.len <= document.len);
        struct piece piece = {.from = taken, .len = change.at - taken, .to = out->len};
        struct bm_view kept = {document.data + piece.from, piece.len};
        if (bm_buffer_append(out, kept, err) != BM_OK ||
            fix_piece(splicer, &next_fix, piece, out, err) != BM_OK ||
            bm_buffer_append(out, new_bytes(splicer, &change), err) != BM_OK) {
            out->len = start;
            return BM_FAIL;
        }
        taken = change.at + change.len;
    }
    return BM_OK;
}
