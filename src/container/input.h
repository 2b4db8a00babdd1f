/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_INPUT_H
#define BM_CONTAINER_INPUT_H

#include <sys/stat.h>

#include "base/buffer.h"
#include "bsonmend/codec.h"
#include "container/spool.h"

/* A file of a dump, or the stream on standard input: opened once or more, always the same. */
struct bm_input {
    char *path;             /* owned; NULL: descriptor 0 */
    char *shown;            /* owned; how messages call it */
    char *relative;         /* owned; below a directory dump's root, NULL elsewhere */
    int opened;             /* what follows is known */
    int repeatable;         /* a regular file, or spooled */
    int is_too_large;       /* as metadata */
    struct bm_spool *spool; /* owned; what a stream held, NULL: it is read as it comes */
    off_t start;            /* descriptor 0: where the stream starts in its file */
    struct stat found;
    enum bm_codec codec;
};

struct bm_input_options {
    size_t chunk;
    unsigned threads;  /* 2 or more: one reads ahead */
    const char *spool; /* folder where a stream is kept to be read again, NULL: it is not */
    const volatile sig_atomic_t *stop;
};

enum bm_input_files { BM_REGULAR_ONLY, BM_ANY_FILE };

/* 1: there is such a file; zeroed memory stands for none. */
static inline int bm_input_exists(const struct bm_input *input)
{
    return input->shown != NULL;
}

/*
 * Opens it for reading from its start, decoded. From the second time on it is BM_ERROR_IO if the
 * file is not the same as before, BM_ERROR_USAGE if it can be read only once. BM_ERROR_TRUNCATED
 * for a file of no bytes with a name that promises a codec. NULL on failure, file filled.
 */
struct bm_reader *bm_input_open(struct bm_input *input, enum bm_input_files files,
                                const struct bm_input_options *options,
                                struct bm_error *err) BM_MUST_USE;
/*
 * Whether the file is still what it was when it was opened, asked once its end was reached: one
 * that was cut between two documents meanwhile ends properly. BM_ERROR_IO, file filled, if it is
 * not.
 */
enum bm_status bm_input_unchanged(const struct bm_input *input, struct bm_error *err) BM_MUST_USE;
/* Appends all decoded bytes of a small file; BM_ERROR_CORRUPT if they are more than `limit`. */
enum bm_status bm_input_text(struct bm_input *input, const struct bm_input_options *options,
                             size_t limit, struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;
/* The same for metadata: one that is larger leaves `out` empty and sets is_too_large. */
enum bm_status bm_input_metadata(struct bm_input *input, const struct bm_input_options *options,
                                 size_t limit, struct bm_buffer *out,
                                 struct bm_error *err) BM_MUST_USE;
void bm_input_free(struct bm_input *input); /* leaves it zeroed */

#endif
