/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CODEC_PINNED_H
#define BM_CODEC_PINNED_H

#include "bsonmend/error.h"

/*
 * Zeroed memory at an address that is the same in every run: the first free one of a row of places
 * where no system puts anything by itself. ISA-L 2.30 compresses the same bytes differently with
 * its state at one address or another (measured: about one address in fifty, levels 1 and 2), so
 * whoever promises the same file for the same input has to say where the state lies. Should the
 * whole row be taken the memory lies anywhere: the output is then still right, though not surely
 * the same.
 */

/* NULL: BM_ERROR_MEMORY. */
void *bm_pinned_new(size_t bytes, struct bm_error *err) BM_MUST_USE;
void bm_pinned_free(void *memory, size_t bytes); /* NULL is fine; keeps errno */

#endif
