/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an archive or as raw BSON: what unpacks to its proper end packs to the same bytes;
 * what does not is told as damage and never finished.
 */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bsonmend/container.h"

static void write_whole(int fd, const uint8_t *data, size_t size)
{
    FUZZ_HOLDS(ftruncate(fd, 0) == 0);
    for (size_t done = 0; done < size;) {
        ssize_t count = pwrite(fd, data + done, size - done, (off_t)done);
        FUZZ_HOLDS(count > 0);
        done += (size_t)count;
    }
}

/* An archive names its collections itself; for raw BSON that is a usage error to be mended here. */
static struct bm_source *open_source(const char *path, size_t chunk, struct bm_error *err)
{
    struct bm_source_options options = {.path = path, .chunk = chunk};
    struct bm_source *source = bm_source_new(&options, err);
    if (source == NULL && err->code == BM_ERROR_USAGE) {
        *err = BM_ERROR_INIT;
        options.db = "d";
        options.collection = "c";
        source = bm_source_new(&options, err);
    }
    return source;
}

static enum bm_status pass_through(struct bm_source *source, int out, struct bm_error *err)
{
    struct bm_packer_options options = {
        .fd = out, .container = BM_CONTAINER_KEEP, .compression = {.codec = BM_CODEC_NONE}};
    struct bm_unpacker *unpacker = bm_unpacker_new(source, err);
    struct bm_packer *packer = bm_packer_new(&options, source, err);
    struct bm_event event;
    enum bm_status status = BM_FAIL;
    if (unpacker != NULL && packer != NULL) {
        while ((status = bm_unpacker_next(unpacker, &event, err)) == BM_OK) {
            if (event.kind == BM_EVENT_BATCH) {
                FUZZ_HOLDS(event.batch.count >= 1);
                FUZZ_HOLDS(event.batch.at[event.batch.count] == event.batch.bytes.len);
            }
            if (bm_packer_event(packer, &event, NULL, 0, err) != BM_OK) {
                status = BM_FAIL;
                break;
            }
        }
        if (status == BM_END) {
            FUZZ_HOLDS(bm_packer_finish(packer, err) == BM_OK);
        } else {
            bm_packer_abandon(packer);
        }
    }
    bm_unpacker_free(unpacker);
    bm_packer_free(packer);
    return status;
}

/* Compares what was written with the input, which was in no codec. */
static void check_same(int out, const uint8_t *data, size_t size)
{
    struct stat about;
    FUZZ_HOLDS(fstat(out, &about) == 0);
    FUZZ_HOLDS((size_t)about.st_size == size);
    uint8_t *written = malloc(size + 1);
    FUZZ_HOLDS(written != NULL);
    FUZZ_HOLDS(pread(out, written, size, 0) == (ssize_t)size);
    FUZZ_HOLDS(memcmp(written, data, size) == 0);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_error err = BM_ERROR_INIT;
    char path[64];
    int in = memfd_create("in", 0);
    int out = memfd_create("out", 0);
    FUZZ_HOLDS(in >= 0 && out >= 0);
    write_whole(in, data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", in);
    struct bm_source *source = open_source(path, fuzz_chunk(size), &err);
    enum bm_status status = BM_FAIL;
    if (source != NULL) {
        enum bm_codec codec = bm_source_about(source)->codec;
        status = pass_through(source, out, &err);
        if (status == BM_END && codec == BM_CODEC_NONE) {
            check_same(out, data, size);
        }
    }
    FUZZ_HOLDS(status == BM_END || err.code == BM_ERROR_TRUNCATED || err.code == BM_ERROR_CORRUPT ||
               err.code == BM_ERROR_USAGE || err.code == BM_ERROR_MEMORY);
    bm_source_free(source);
    close(in);
    close(out);
    return 0;
}
