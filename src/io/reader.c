/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/reader.h"

#include <assert.h>

enum bm_status bm_reader_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                              struct bm_error *err)
{
    assert(want >= 1 && want <= BM_READER_MAX);
    return reader->ops->peek(reader, want, out, err);
}

void bm_reader_consume(struct bm_reader *reader, size_t n)
{
    if (n > 0) {
        reader->ops->consume(reader, n);
    }
}

void bm_reader_free(struct bm_reader *reader)
{
    if (reader != NULL) {
        reader->ops->free(reader);
    }
}
