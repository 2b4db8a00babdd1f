/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_PACKER_NAMES_H
#define BM_CONTAINER_PACKER_NAMES_H

#include "container/packer.h"

/*
 * Names in a directory that is written, below its root; each freed with free(). Names found in a
 * directory stay as they are but for the suffix when another codec is asked for; others are made as
 * mongodump makes them.
 */

/* Also what the data file is written in. BM_ERROR_USAGE: a name a directory cannot hold. */
char *bm_packer_names_data(const struct bm_packer *packer, const struct bm_namespace *ns,
                           struct bm_compression *compression, struct bm_error *err) BM_MUST_USE;
char *bm_packer_names_metadata(const struct bm_packer *packer, const struct bm_namespace *ns,
                               struct bm_error *err) BM_MUST_USE;
/* `relative` with the suffix of another codec in place of its own. */
char *bm_packer_names_change_suffix(const char *relative, enum bm_codec codec,
                                    struct bm_error *err) BM_MUST_USE;

#endif
