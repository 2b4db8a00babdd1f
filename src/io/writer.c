/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/writer.h"

enum bm_status bm_writer_write(struct bm_writer *writer, struct bm_view bytes, struct bm_error *err)
{
    return bytes.len > 0 ? writer->ops->write(writer, bytes, err) : BM_OK;
}

enum bm_status bm_writer_finish(struct bm_writer *writer, struct bm_error *err)
{
    return writer->ops->finish(writer, err);
}

void bm_writer_abandon(struct bm_writer *writer)
{
    writer->ops->abandon(writer);
}

void bm_writer_free(struct bm_writer *writer)
{
    if (writer != NULL) {
        writer->ops->free(writer);
    }
}
