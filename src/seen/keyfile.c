/* SPDX-License-Identifier: Apache-2.0 */
#include "seen/keyfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/unnamed.h"

/*
 * A part is a chain of blocks, all of one size: the place of the next block, then records. Where a
 * part's next block will be is settled when the one before is written, so that no list of blocks
 * has to be kept; the last one is not full, and the file has a hole behind it.
 */
#define PART_BITS 8u
#define PARTS ((size_t)1 << PART_BITS)
#define LEVELS (128u / PART_BITS)
#define BLOCK_MOST ((size_t)1 << 20)
/* Blocks read that are kept in mind, to be written again: a part that is split needs as many as it
 * has, which it gives back as it is read, and one more for each of its finer parts. */
#define FREE_MOST (4 * PARTS)

typedef struct bm_keyfile_record record;

struct block {
    uint64_t next; /* place of the part's next block in the file */
    record records[];
};

struct part {
    uint64_t first; /* place of its first block */
    uint64_t next;  /* of the block in memory */
    uint64_t count; /* records */
    size_t held;    /* of them in memory */
    struct block *block;
    struct bm_fingerprint any; /* one of its fingerprints */
    int is_mixed;              /* there are others */
};

/* The parts of one level; at one time only one set of parts has blocks in memory. */
struct parts {
    struct part part[PARTS];
    unsigned level;
    char *memory; /* of the blocks; NULL once they are written */
};

struct bm_keyfile {
    int fd;
    char *folder;
    const volatile sig_atomic_t *stop; /* NULL: nobody stops it */
    size_t memory;
    size_t block_size; /* bytes */
    size_t capacity;   /* records a block */
    uint64_t end;      /* of the blocks that are spoken for */
    uint64_t count;
    struct parts parts;
    uint64_t free[FREE_MOST]; /* places of blocks that were read and are not wanted again */
    size_t free_count;
};

static enum bm_status fail_io(const struct bm_keyfile *keyfile, int error, const char *what,
                              struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_IO, error, "%s", what);
    return bm_error_file(err, keyfile->folder);
}

static enum bm_status write_at(const struct bm_keyfile *keyfile, const void *data, size_t size,
                               uint64_t at, struct bm_error *err)
{
    const char *from = data;
    while (size > 0) {
        ssize_t n = pwrite(keyfile->fd, from, size, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail_io(keyfile, n < 0 ? errno : EIO,
                           "cannot write the keys that memory does not hold", err);
        }
        from += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    return BM_OK;
}

static enum bm_status read_at(const struct bm_keyfile *keyfile, void *data, size_t size,
                              uint64_t at, struct bm_error *err)
{
    char *into = data;
    while (size > 0) {
        ssize_t n = pread(keyfile->fd, into, size, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail_io(keyfile, n < 0 ? errno : EIO,
                           "cannot read the keys that memory does not hold", err);
        }
        into += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    return BM_OK;
}

static enum bm_status look_for_stop(const struct bm_keyfile *keyfile, struct bm_error *err)
{
    if (keyfile->stop != NULL && *keyfile->stop != 0) {
        return bm_fail(err, BM_ERROR_STOPPED, 0, "stopped by a signal");
    }
    return BM_OK;
}

/* ---- parts ---- */

static int same(struct bm_fingerprint a, struct bm_fingerprint b)
{
    return a.high == b.high && a.low == b.low;
}

/* Which part of its level a fingerprint belongs to; low levels go by the highest bits. */
static size_t part_of(struct bm_fingerprint fingerprint, unsigned level)
{
    unsigned from_top = (level + 1) * PART_BITS;
    uint64_t word = from_top <= 64 ? fingerprint.high : fingerprint.low;
    return (size_t)(word >> (from_top <= 64 ? 64 - from_top : 128 - from_top)) & (PARTS - 1);
}

static enum bm_status parts_start(const struct bm_keyfile *keyfile, struct parts *parts,
                                  unsigned level, struct bm_error *err)
{
    *parts = (struct parts){.level = level};
    parts->memory = bm_allocate(PARTS, keyfile->block_size, err);
    if (parts->memory == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < PARTS; i++) {
        parts->part[i].block = (struct block *)(void *)(parts->memory + i * keyfile->block_size);
    }
    return BM_OK;
}

static void parts_drop_memory(struct parts *parts)
{
    free(parts->memory);
    parts->memory = NULL;
}

static uint64_t reserve(struct bm_keyfile *keyfile)
{
    if (keyfile->free_count > 0) {
        return keyfile->free[--keyfile->free_count];
    }
    uint64_t at = keyfile->end;
    keyfile->end += keyfile->block_size;
    return at;
}

static void give_back(struct bm_keyfile *keyfile, uint64_t block)
{
    if (keyfile->free_count < FREE_MOST) {
        keyfile->free[keyfile->free_count++] = block;
    }
}

static enum bm_status parts_add(struct bm_keyfile *keyfile, struct parts *parts, const record *one,
                                struct bm_error *err)
{
    struct part *part = &parts->part[part_of(one->fingerprint, parts->level)];
    if (part->count == 0) {
        part->first = part->next = reserve(keyfile);
        part->any = one->fingerprint;
    } else if (part->held == keyfile->capacity) {
        part->block->next = reserve(keyfile);
        if (write_at(keyfile, part->block, keyfile->block_size, part->next, err) != BM_OK) {
            return BM_FAIL;
        }
        part->next = part->block->next;
        part->held = 0;
    }
    part->block->records[part->held++] = *one;
    part->count++;
    part->is_mixed |= !same(part->any, one->fingerprint);
    return BM_OK;
}

/* Writes what the blocks hold and gives their memory back. */
static enum bm_status parts_finish(struct bm_keyfile *keyfile, struct parts *parts,
                                   struct bm_error *err)
{
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < PARTS && status == BM_OK; i++) {
        struct part *part = &parts->part[i];
        if (part->held > 0) {
            size_t size = sizeof *part->block + part->held * sizeof(record);
            status = write_at(keyfile, part->block, size, part->next, err);
        }
    }
    parts_drop_memory(parts);
    return status;
}

/* ---- going through a part ---- */

/* The records of a part, a block at a time, in the order in which they were added: once, as what
 * was read may be written over. */
struct cursor {
    struct bm_keyfile *keyfile;
    struct block *block;
    uint64_t next;
    uint64_t left; /* records behind those of the block */
};

static enum bm_status cursor_start(struct cursor *cursor, struct bm_keyfile *keyfile,
                                   const struct part *part, struct bm_error *err)
{
    *cursor = (struct cursor){.keyfile = keyfile, .next = part->first, .left = part->count};
    cursor->block = bm_allocate(1, keyfile->block_size, err);
    return cursor->block != NULL ? BM_OK : BM_FAIL;
}

/* BM_OK with how many records the next block has, or BM_END. */
static enum bm_status cursor_next(struct cursor *cursor, size_t *count, struct bm_error *err)
{
    if (cursor->left == 0) {
        return BM_END;
    }
    size_t capacity = cursor->keyfile->capacity;
    *count = cursor->left < capacity ? (size_t)cursor->left : capacity;
    size_t size = sizeof *cursor->block + *count * sizeof(record);
    if (look_for_stop(cursor->keyfile, err) != BM_OK ||
        read_at(cursor->keyfile, cursor->block, size, cursor->next, err) != BM_OK) {
        return BM_FAIL;
    }
    give_back(cursor->keyfile, cursor->next);
    cursor->next = cursor->block->next;
    cursor->left -= *count;
    return BM_OK;
}

/* Who gets the groups. */
struct taker {
    bm_keyfile_take take;
    void *context;
};

/* All of a part are one group, however many they are. */
static enum bm_status stream_group(struct bm_keyfile *keyfile, const struct part *part,
                                   const struct taker *taker, struct bm_error *err)
{
    struct cursor cursor;
    uint64_t number = 0;
    size_t count;
    enum bm_status status = cursor_start(&cursor, keyfile, part, err);
    while (status == BM_OK && (status = cursor_next(&cursor, &count, err)) == BM_OK) {
        for (size_t i = 0; i < count && status == BM_OK; i++) {
            status =
                taker->take(taker->context, &cursor.block->records[i], number++, part->count, err);
        }
    }
    free(cursor.block);
    return status == BM_END ? BM_OK : BM_FAIL;
}

static int compare(const void *left, const void *right)
{
    const record *a = left;
    const record *b = right;
    if (a->fingerprint.high != b->fingerprint.high) {
        return a->fingerprint.high < b->fingerprint.high ? -1 : 1;
    }
    if (a->fingerprint.low != b->fingerprint.low) {
        return a->fingerprint.low < b->fingerprint.low ? -1 : 1;
    }
    return a->place < b->place ? -1 : a->place > b->place;
}

static enum bm_status take_groups(const record *records, size_t count, const struct taker *taker,
                                  struct bm_error *err)
{
    for (size_t first = 0, behind; first < count; first = behind) {
        for (behind = first + 1;
             behind < count && same(records[first].fingerprint, records[behind].fingerprint);) {
            behind++;
        }
        for (size_t i = first; i < behind && behind - first > 1; i++) {
            if (taker->take(taker->context, &records[i], i - first, behind - first, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}

/*
 * Brings the records of a part together by the bits of the next level, and keeps where each lot
 * begins: groups do not go over lots, and between two of them there is time to look for a stop.
 */
static void sort_by_level(record *records, size_t count, unsigned level, size_t starts[PARTS + 1])
{
    size_t next[PARTS] = {0};
    for (size_t i = 0; i < count; i++) {
        next[part_of(records[i].fingerprint, level)]++;
    }
    starts[0] = 0;
    for (size_t lot = 0; lot < PARTS; lot++) {
        starts[lot + 1] = starts[lot] + next[lot];
        next[lot] = starts[lot];
    }
    for (size_t lot = 0; lot < PARTS; lot++) {
        while (next[lot] < starts[lot + 1]) {
            record *one = &records[next[lot]];
            size_t own = part_of(one->fingerprint, level);
            record other = records[next[own]];
            records[next[own]++] = *one;
            if (own != lot) {
                *one = other;
            }
        }
    }
}

static enum bm_status sort_records(const struct bm_keyfile *keyfile, record *records, size_t count,
                                   unsigned level, const struct taker *taker, struct bm_error *err)
{
    size_t starts[PARTS + 1];
    enum bm_status status = BM_OK;
    sort_by_level(records, count, level, starts);
    for (size_t lot = 0; lot < PARTS && status == BM_OK; lot++) {
        size_t size = starts[lot + 1] - starts[lot];
        status = look_for_stop(keyfile, err);
        if (size > 1 && status == BM_OK) {
            qsort(records + starts[lot], size, sizeof *records, compare);
            status = take_groups(records + starts[lot], size, taker, err);
        }
    }
    return status;
}

static enum bm_status sort_part(struct bm_keyfile *keyfile, const struct part *part, unsigned level,
                                const struct taker *taker, struct bm_error *err)
{
    struct cursor cursor;
    size_t got = 0;
    size_t count;
    record *records = NULL;
    enum bm_status status = cursor_start(&cursor, keyfile, part, err);
    if (status == BM_OK) {
        records = bm_allocate((size_t)part->count, sizeof *records, err);
        status = records != NULL ? BM_OK : BM_FAIL;
    }
    while (status == BM_OK && (status = cursor_next(&cursor, &count, err)) == BM_OK) {
        memcpy(records + got, cursor.block->records, count * sizeof *records);
        got += count;
    }
    free(cursor.block);
    if (status == BM_END) {
        status = sort_records(keyfile, records, got, level, taker, err);
    }
    free(records);
    return status;
}

static enum bm_status split_part(struct bm_keyfile *keyfile, const struct part *part,
                                 struct parts *into, unsigned level, struct bm_error *err)
{
    struct cursor cursor;
    size_t count;
    enum bm_status status = cursor_start(&cursor, keyfile, part, err);
    if (status == BM_OK) {
        status = parts_start(keyfile, into, level, err);
    }
    while (status == BM_OK && (status = cursor_next(&cursor, &count, err)) == BM_OK) {
        for (size_t i = 0; i < count && status == BM_OK; i++) {
            status = parts_add(keyfile, into, &cursor.block->records[i], err);
        }
    }
    free(cursor.block);
    return status == BM_END ? parts_finish(keyfile, into, err) : BM_FAIL;
}

/* qsort may take as much again; a block is read beside. */
static int fits(const struct bm_keyfile *keyfile, const struct part *part)
{
    return part->count <= (keyfile->memory - keyfile->block_size) / (2 * sizeof(record));
}

/* Parts that are too large for memory are split by further bits: at most LEVELS deep, since what
 * agrees in all bits is one group. */
static enum bm_status read_parts(struct bm_keyfile *keyfile, struct parts *parts,
                                 const struct taker *taker, struct bm_error *err)
{
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < PARTS && status == BM_OK; i++) {
        const struct part *part = &parts->part[i];
        if (part->count < 2) {
            continue;
        }
        if (!part->is_mixed) {
            status = stream_group(keyfile, part, taker, err);
        } else if (fits(keyfile, part)) {
            status = sort_part(keyfile, part, parts->level + 1, taker, err);
        } else {
            struct parts *finer = bm_allocate(1, sizeof *finer, err);
            status =
                finer != NULL ? split_part(keyfile, part, finer, parts->level + 1, err) : BM_FAIL;
            if (status == BM_OK) {
                status = read_parts(keyfile, finer, taker, err);
            }
            if (finer != NULL) {
                parts_drop_memory(finer);
            }
            free(finer);
        }
    }
    return status;
}

/* ---- the file ---- */

struct bm_keyfile *bm_keyfile_new(const char *folder, size_t memory,
                                  const volatile sig_atomic_t *stop, struct bm_error *err)
{
    struct bm_keyfile *keyfile = bm_allocate(1, sizeof *keyfile, err);
    if (keyfile == NULL) {
        return NULL;
    }
    memory = memory < BM_KEYFILE_MEMORY_LEAST ? BM_KEYFILE_MEMORY_LEAST : memory;
    size_t share = memory / (PARTS + 1); /* one more is read while a part is split */
    share = share < BLOCK_MOST ? share : BLOCK_MOST;
    keyfile->fd = -1;
    keyfile->stop = stop;
    keyfile->memory = memory;
    keyfile->capacity = (share - sizeof(struct block)) / sizeof(record);
    keyfile->block_size = sizeof(struct block) + keyfile->capacity * sizeof(record);
    keyfile->folder = bm_copy_text(folder, err);
    if (keyfile->folder != NULL && parts_start(keyfile, &keyfile->parts, 0, err) == BM_OK) {
        keyfile->fd = bm_unnamed_open(folder, err);
    }
    if (keyfile->fd < 0) {
        bm_keyfile_free(keyfile);
        return NULL;
    }
    return keyfile;
}

enum bm_status bm_keyfile_add(struct bm_keyfile *keyfile, const struct bm_keyfile_record *one,
                              struct bm_error *err)
{
    keyfile->count++;
    return parts_add(keyfile, &keyfile->parts, one, err);
}

uint64_t bm_keyfile_count(const struct bm_keyfile *keyfile)
{
    return keyfile->count;
}

enum bm_status bm_keyfile_read(struct bm_keyfile *keyfile, bm_keyfile_take take, void *context,
                               struct bm_error *err)
{
    const struct taker taker = {take, context};
    if (parts_finish(keyfile, &keyfile->parts, err) != BM_OK) {
        return BM_FAIL;
    }
    return read_parts(keyfile, &keyfile->parts, &taker, err);
}

void bm_keyfile_free(struct bm_keyfile *keyfile)
{
    if (keyfile == NULL) {
        return;
    }
    int saved = errno;
    parts_drop_memory(&keyfile->parts);
    if (keyfile->fd >= 0) {
        (void)close(keyfile->fd);
    }
    free(keyfile->folder);
    free(keyfile);
    errno = saved;
}
