/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_SEEN_KEYFILE_H
#define BM_SEEN_KEYFILE_H

#include <signal.h>

#include "bsonmend/seen.h"

/*
 * Keys that memory does not hold: records go into parts of one unnamed file by the first bits of
 * their fingerprints, so that equal ones come together and each part can be looked at alone.
 * Exact, and 24 bytes of disk a key: a part that has to be split goes where it was read from.
 */
struct bm_keyfile;

/* One key of one document. */
struct bm_keyfile_record {
    struct bm_fingerprint fingerprint;
    uint64_t place; /* the caller's: grows from record to record of one fingerprint */
};

/* The least memory a key file works in, in bytes. */
#define BM_KEYFILE_MEMORY_LEAST ((size_t)256 << 10)

/*
 * A key file in a folder that takes at most so many bytes of memory (BM_KEYFILE_MEMORY_LEAST or
 * more) at any time. `stop`, NULL or lent, ends what is read back once it is not 0. NULL on
 * failure: errors as of bm_unnamed_open, BM_ERROR_MEMORY.
 */
struct bm_keyfile *bm_keyfile_new(const char *folder, size_t memory,
                                  const volatile sig_atomic_t *stop,
                                  struct bm_error *err) BM_MUST_USE;
/* BM_ERROR_IO with the folder as `file`: it is full, or cannot be written. */
enum bm_status bm_keyfile_add(struct bm_keyfile *keyfile, const struct bm_keyfile_record *record,
                              struct bm_error *err) BM_MUST_USE;
/* Records added. */
uint64_t bm_keyfile_count(const struct bm_keyfile *keyfile);

/* A record of a group: the number-th (from 0, by place) of the `size` with its fingerprint. */
typedef enum bm_status (*bm_keyfile_take)(void *context, const struct bm_keyfile_record *record,
                                          uint64_t number, uint64_t size, struct bm_error *err);
/*
 * Hands out the records of all groups: fingerprints that two records or more have. Groups come in
 * the order of their fingerprints, records of one group together. Nothing may be added afterwards,
 * and it is read once. BM_ERROR_IO: it cannot be read, or cannot be written where a part has to be
 * split; BM_ERROR_STOPPED; BM_ERROR_MEMORY; what `take` sets when it fails.
 */
enum bm_status bm_keyfile_read(struct bm_keyfile *keyfile, bm_keyfile_take take, void *context,
                               struct bm_error *err) BM_MUST_USE;
void bm_keyfile_free(struct bm_keyfile *keyfile); /* NULL is fine; keeps errno */

#endif
