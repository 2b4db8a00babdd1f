/* SPDX-License-Identifier: Apache-2.0 */
#include "container/outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "container/transfer.h"

/* Batches are longer and pass it by; it gathers short runs between edits. */
enum { OUTPUT_CHUNK = 1 << 16 };

enum bm_status bm_outputs_init(struct bm_outputs *outputs, size_t count,
                               const volatile sig_atomic_t *stop, struct bm_error *err)
{
    *outputs = (struct bm_outputs){.count = count, .stop = stop};
    outputs->list = bm_allocate(count, sizeof *outputs->list, err);
    return outputs->list != NULL ? BM_OK : BM_FAIL;
}

static enum bm_output_way choose_way(const struct bm_outputs *outputs,
                                     const struct bm_output *output)
{
    if (output->compression.codec == BM_CODEC_NONE) {
        return BM_OUTPUT_DIRECT;
    }
    return outputs->encoders < BM_OUTPUTS_ENCODERS ? BM_OUTPUT_ENCODED : BM_OUTPUT_WAITING;
}

enum bm_status bm_outputs_open(struct bm_outputs *outputs, size_t number, const char *folder,
                               struct bm_error *err)
{
    static const struct bm_compression plain = {BM_CODEC_NONE, 0};
    struct bm_output *output = &outputs->list[number];
    if (outputs->open == BM_OUTPUTS_OPEN_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "more than %d namespaces with documents are open at once: an archive can "
                       "hold them, a directory is not made of it",
                       BM_OUTPUTS_OPEN_MAX);
    }
    output->way = choose_way(outputs, output);
    struct bm_sink_file file = {.path = output->path,
                                .shown = output->shown,
                                .mode = output->mode,
                                .chunk = OUTPUT_CHUNK,
                                .threads = outputs->open == 0 ? outputs->threads : 0};
    int is_waiting = output->way == BM_OUTPUT_WAITING;
    if (is_waiting) {
        /* No name of a dump starts with a dot: a database's cannot. */
        output->waiting = bm_format_text(err, "%s/.waiting-%zu", folder, number);
        if (output->waiting == NULL) {
            return BM_FAIL;
        }
        file.path = output->waiting;
        file.mode = 0600;
    }
    if (bm_sink_create(&output->sink, &file, is_waiting ? plain : output->compression,
                       outputs->stop, err) != BM_OK) {
        return BM_FAIL;
    }
    outputs->open++;
    outputs->encoders += output->way == BM_OUTPUT_ENCODED;
    return BM_OK;
}

static enum bm_status encode_waiting(const struct bm_outputs *outputs,
                                     const struct bm_output *output, struct bm_error *err)
{
    const struct bm_sink_file file = {
        .path = output->path, .shown = output->shown, .mode = output->mode};
    struct bm_reader *reader = bm_reader_file_new(output->waiting, outputs->stop, err);
    if (reader == NULL) {
        return BM_FAIL;
    }
    enum bm_status status =
        bm_transfer_stream(reader, &file, output->compression, outputs->stop, err);
    bm_reader_free(reader);
    if (status == BM_OK && unlink(output->waiting) != 0) {
        status = bm_fail(err, BM_ERROR_IO, errno, "cannot be removed");
    }
    return status;
}

enum bm_status bm_outputs_close(struct bm_outputs *outputs, size_t number, struct bm_error *err)
{
    struct bm_output *output = &outputs->list[number];
    enum bm_status status = bm_sink_close(&output->sink, err);
    outputs->open--;
    outputs->encoders -= output->way == BM_OUTPUT_ENCODED;
    if (status == BM_OK && output->way == BM_OUTPUT_WAITING) {
        status = encode_waiting(outputs, output, err);
    }
    return status == BM_OK ? BM_OK : bm_error_file(err, output->shown);
}

void bm_outputs_drop(struct bm_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        bm_sink_free(&outputs->list[i].sink);
    }
}

void bm_outputs_free(struct bm_outputs *outputs)
{
    bm_outputs_drop(outputs);
    for (size_t i = 0; i < outputs->count; i++) {
        free(outputs->list[i].path);
        free(outputs->list[i].shown);
        free(outputs->list[i].waiting);
    }
    free(outputs->list);
    *outputs = (struct bm_outputs){0};
}
