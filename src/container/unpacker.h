/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_UNPACKER_H
#define BM_CONTAINER_UNPACKER_H

#include "container/source.h"

/* A concrete unpacker embeds struct bm_unpacker first. */
struct bm_unpacker_ops {
    enum bm_status (*next)(struct bm_unpacker *unpacker, struct bm_event *out,
                           struct bm_error *err);
    uint64_t (*bytes)(const struct bm_unpacker *unpacker);
    void (*free)(struct bm_unpacker *unpacker);
};

struct bm_unpacker {
    const struct bm_unpacker_ops *ops;
    struct bm_source *source;
};

/* Raw BSON and directories: one file a namespace. */
struct bm_unpacker *bm_unpacker_files_new(struct bm_source *source,
                                          struct bm_error *err) BM_MUST_USE;
struct bm_unpacker *bm_unpacker_archive_new(struct bm_source *source,
                                            struct bm_error *err) BM_MUST_USE;

#endif
