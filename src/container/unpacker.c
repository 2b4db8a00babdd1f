/* SPDX-License-Identifier: Apache-2.0 */
#include "container/unpacker.h"

#include <errno.h>

struct bm_unpacker *bm_unpacker_new(struct bm_source *source, struct bm_error *err)
{
    if (source->busy) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "is being read already");
        (void)bm_error_file(err, source->shown);
        return NULL;
    }
    struct bm_unpacker *unpacker = source->about.container == BM_CONTAINER_ARCHIVE
                                       ? bm_unpacker_archive_new(source, err)
                                       : bm_unpacker_files_new(source, err);
    source->busy = unpacker != NULL;
    return unpacker;
}

enum bm_status bm_unpacker_next(struct bm_unpacker *unpacker, struct bm_event *out,
                                struct bm_error *err)
{
    *out = (struct bm_event){0};
    return unpacker->ops->next(unpacker, out, err);
}

uint64_t bm_unpacker_bytes(const struct bm_unpacker *unpacker)
{
    return unpacker->ops->bytes(unpacker);
}

void bm_unpacker_free(struct bm_unpacker *unpacker)
{
    if (unpacker == NULL) {
        return;
    }
    int saved = errno;
    unpacker->source->busy = 0;
    unpacker->ops->free(unpacker);
    errno = saved;
}
