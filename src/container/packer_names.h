/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_PACKER_NAMES_H
#define BM_CONTAINER_PACKER_NAMES_H

#include "container/packer.h"

/*
 * Names in a directory that is written, below its root; each freed with free(). Names found in a
 * directory stay as they are but for the suffix when another codec is asked for. Others are made as
 * mongodump makes them; where mongorestore would read such a name as another collection's, the name
 * is spelt out. BM_ERROR_USAGE: no name in a directory leads back to this namespace, or its suffix
 * makes it too long. BM_ERROR_MEMORY.
 */

/* Also what the data file is written in. */
char *bm_packer_names_data(const struct bm_packer *packer, const struct bm_namespace *ns,
                           struct bm_compression *compression, struct bm_error *err) BM_MUST_USE;
char *bm_packer_names_metadata(const struct bm_packer *packer, const struct bm_namespace *ns,
                               struct bm_error *err) BM_MUST_USE;
/* Makes all names once, so that what cannot be named is told before any work, namespace filled. */
enum bm_status bm_packer_names_check(const struct bm_packer *packer,
                                     struct bm_error *err) BM_MUST_USE;
/* `relative` with the suffix of another codec in place of its own. */
char *bm_packer_names_change_suffix(const char *relative, enum bm_codec codec,
                                    struct bm_error *err) BM_MUST_USE;

#endif
