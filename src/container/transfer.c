/* SPDX-License-Identifier: Apache-2.0 */
#include "container/transfer.h"

#include <errno.h>
#include <sys/stat.h>

#include "io/place.h"

static const struct bm_compression plain = {BM_CODEC_NONE, 0};

static enum bm_status copy_bytes(struct bm_reader *reader, struct bm_sink *sink,
                                 struct bm_error *err)
{
    for (;;) {
        struct bm_view lent;
        enum bm_status status = bm_reader_peek(reader, 1, &lent, err);
        if (status != BM_OK) {
            return status == BM_END ? BM_OK : BM_FAIL;
        }
        if (bm_sink_write(sink, lent, err) != BM_OK) {
            return BM_FAIL;
        }
        bm_reader_consume(reader, lent.len);
    }
}

enum bm_status bm_transfer_stream(struct bm_reader *reader, const struct bm_sink_file *file,
                                  struct bm_compression compression,
                                  const volatile sig_atomic_t *stop, struct bm_error *err)
{
    struct bm_sink sink = {0};
    if (bm_sink_create(&sink, file, compression, stop, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = copy_bytes(reader, &sink, err);
    if (status == BM_OK) {
        status = bm_sink_close(&sink, err);
    }
    bm_sink_free(&sink);
    return status;
}

enum bm_status bm_transfer_file(const char *from, const char *to, const char *shown,
                                const volatile sig_atomic_t *stop, struct bm_error *err)
{
    struct stat found;
    if (stat(from, &found) != 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot be opened");
        return bm_error_file(err, from);
    }
    struct bm_reader *reader = bm_reader_file_new(from, stop, err);
    if (reader == NULL) {
        return BM_FAIL;
    }
    const struct bm_sink_file file = {.path = to, .shown = shown, .mode = found.st_mode & 0777};
    enum bm_status status = bm_transfer_stream(reader, &file, plain, stop, err);
    bm_reader_free(reader);
    return status == BM_OK ? bm_place_set_times(to, &found, err) : BM_FAIL;
}

enum bm_status bm_transfer_text(const struct bm_transfer *transfer, struct bm_error *err)
{
    const struct bm_input *from = transfer->from;
    if (from != NULL && !transfer->changed && from->codec == transfer->compression.codec) {
        /* The text was judged when it was read first: what is copied must be that one. */
        return bm_transfer_file(from->path, transfer->to, transfer->shown, transfer->stop, err) ==
                       BM_OK
                   ? bm_input_unchanged(from, err)
                   : BM_FAIL;
    }
    const struct bm_sink_file file = {.path = transfer->to,
                                      .shown = transfer->shown,
                                      .mode = from != NULL ? from->found.st_mode & 0777
                                                           : BM_SINK_ANY_MODE};
    struct bm_sink sink = {0};
    if (bm_sink_create(&sink, &file, transfer->compression, transfer->stop, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bm_sink_write(&sink, transfer->text, err);
    if (status == BM_OK) {
        status = bm_sink_close(&sink, err);
    }
    bm_sink_free(&sink);
    return status;
}

struct bm_compression bm_transfer_metadata_compression(const struct bm_packer *packer,
                                                       const struct bm_namespace *ns)
{
    const struct bm_source *source = packer->source;
    const struct bm_slot *slot = source->slots != NULL ? &source->slots[ns->number] : NULL;
    struct bm_compression compression = packer->compression;
    int asked = packer->options.compression.codec != BM_CODEC_KEEP;
    if (slot == NULL || asked) {
        return compression;
    }
    if (bm_input_exists(&slot->metadata)) {
        compression.codec = slot->metadata.codec;
    } else if (compression.codec == BM_CODEC_KEEP) {
        compression.codec = bm_input_exists(&slot->data) ? slot->data.codec : BM_CODEC_NONE;
    }
    return compression;
}
