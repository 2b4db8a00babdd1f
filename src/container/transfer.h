/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_TRANSFER_H
#define BM_CONTAINER_TRANSFER_H

#include "container/packer.h"

/* Small files on their way from one dump to another. */

/* A file whose decoded content is a text known already (metadata, prelude). */
struct bm_transfer {
    const struct bm_input *from;       /* NULL: there was no such file */
    const char *to;                    /* a new file */
    const char *shown;                 /* how messages call that, NULL: to */
    struct bm_view text;               /* what it shall hold; lent */
    int changed;                       /* 0: that is what `from` holds */
    struct bm_compression compression; /* codec resolved */
    const volatile sig_atomic_t *stop;
};

/* Copies the bytes with mode and times where codec and text stay, else writes the text anew with
 * the mode of `from`. BM_ERROR_IO, file filled, where `from` is not what it was when it was read.
 */
enum bm_status bm_transfer_text(const struct bm_transfer *transfer,
                                struct bm_error *err) BM_MUST_USE;

/* Copies a regular file's bytes, mode and times; `shown` is how messages call the copy, NULL: to.
 */
enum bm_status bm_transfer_file(const char *from, const char *to, const char *shown,
                                const volatile sig_atomic_t *stop,
                                struct bm_error *err) BM_MUST_USE;

/* Writes what a reader has left into a new file. */
enum bm_status bm_transfer_stream(struct bm_reader *reader, const struct bm_sink_file *file,
                                  struct bm_compression compression,
                                  const volatile sig_atomic_t *stop,
                                  struct bm_error *err) BM_MUST_USE;

/* What the metadata file of a namespace is written in: as the input's unless the output's codec was
 * asked for; what had no file goes as the data does. */
struct bm_compression bm_transfer_metadata_compression(const struct bm_packer *packer,
                                                       const struct bm_namespace *ns);

#endif
