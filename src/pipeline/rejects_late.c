/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/rejects_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "container/frame.h"
#include "seen/keyfile.h"

/*
 * Documents whose _ids memory did not hold, all in the first file of their shelf. A key file tells
 * which _ids several documents have; where there are such, the first file is read again, and what
 * came late is taken as if it came only now, with the sets holding no other _ids than those.
 */

#define KEYFILE_MEMORY ((size_t)1 << 20)

/* Gets the documents of a file. `offset`: of the first byte. */
struct taker {
    enum bm_status (*take)(void *context, struct bm_view document, uint64_t offset,
                           struct bm_error *err);
    void *context;
};

static enum bm_status take_batch(const struct bm_batch *batch, const struct taker *taker,
                                 struct bm_error *err)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        struct bm_view document = {batch->bytes.data + batch->at[i],
                                   batch->at[i + 1] - batch->at[i]};
        if (taker->take(taker->context, document, batch->offset + batch->at[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* All documents of a file that was written by flushing. */
static enum bm_status read_file(const struct bm_rejects *rejects, const char *path,
                                const struct taker *taker, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    struct bm_frame frame = {.reader = NULL};
    struct bm_reader *reader = bm_reader_file_new(path, rejects->options.stop, &failure);
    enum bm_item item = BM_ITEM_DOCUMENTS;
    enum bm_status status =
        reader != NULL ? bm_frame_init(&frame, BM_FRAMING_FILE, reader, 0, &failure) : BM_FAIL;
    enum bm_status taken = BM_OK;
    while (status == BM_OK && taken == BM_OK && item == BM_ITEM_DOCUMENTS) {
        struct bm_batch batch = {.count = 0};
        status = bm_frame_next(&frame, BM_FRAME_DOCUMENTS, &batch, &item, &failure);
        if (status == BM_OK && item == BM_ITEM_DOCUMENTS) {
            taken = take_batch(&batch, taker, err);
        }
    }
    bm_frame_free(&frame);
    bm_reader_free(reader);
    return status == BM_OK ? taken : bm_rejects_fail_shown(rejects, path, &failure, err);
}

static char *path_of(const struct bm_rejects_file *file, const char *suffix, struct bm_error *err)
{
    return bm_format_text(err, "%s%s", file->path, suffix);
}

/* ---- which _ids several documents have ---- */

struct recording {
    struct bm_rejects *rejects;
    struct bm_keyfile *keyfile;
    uint64_t place;
};

static enum bm_status record_id(void *context, struct bm_view document, uint64_t offset,
                                struct bm_error *err)
{
    (void)offset;
    struct recording *recording = context;
    struct bm_keyfile_record record = {.place = recording->place++};
    enum bm_status status =
        bm_rejects_id_of(recording->rejects, document, &record.fingerprint, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    struct bm_error failure = BM_ERROR_INIT;
    return bm_keyfile_add(recording->keyfile, &record, &failure) == BM_OK
               ? BM_OK
               : bm_rejects_fail_shown(recording->rejects, recording->rejects->temporary, &failure,
                                       err);
}

static enum bm_status take_shared(void *context, const struct bm_keyfile_record *record,
                                  uint64_t number, uint64_t size, struct bm_error *err)
{
    (void)size;
    return number == 0 ? bm_seen_add(context, record->fingerprint, BM_MARK_PLAIN, err) : BM_OK;
}

/* The words are about --memory where that is what there was too little of. */
static enum bm_status refuse_shared(const struct bm_rejects *rejects,
                                    const struct bm_rejects_shelf *shelf, struct bm_error *err)
{
    (void)bm_fail(
        err, BM_ERROR_MEMORY, 0,
        "of the documents that are set aside so many have an _id that others of them have "
        "that these would outgrow --memory (%llu bytes): allow more",
        (unsigned long long)rejects->options.budget->limit);
    return bm_error_in(err, rejects->files[shelf->files[0]].ns->ns);
}

static enum bm_status read_shared(struct bm_rejects *rejects, struct bm_rejects_shelf *shelf,
                                  struct bm_keyfile *keyfile, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = rejects->options.budget->refused;
    shelf->sieve = bm_seen_new(rejects->options.budget, err);
    if (shelf->sieve == NULL) {
        return BM_FAIL;
    }
    if (bm_keyfile_read(keyfile, take_shared, shelf->sieve, &failure) == BM_OK) {
        return BM_OK;
    }
    return refused != rejects->options.budget->refused
               ? refuse_shared(rejects, shelf, err)
               : bm_rejects_fail_shown(rejects, rejects->temporary, &failure, err);
}

static enum bm_status find_shared(struct bm_rejects *rejects, struct bm_rejects_shelf *shelf,
                                  struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    struct recording recording = {.rejects = rejects};
    const struct taker taker = {record_id, &recording};
    recording.keyfile =
        bm_keyfile_new(rejects->temporary, KEYFILE_MEMORY, rejects->options.stop, &failure);
    if (recording.keyfile == NULL) {
        return bm_rejects_fail_shown(rejects, rejects->temporary, &failure, err);
    }
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < shelf->count && status == BM_OK; i++) {
        char *path = path_of(&rejects->files[shelf->files[i]], ".bson", err);
        status = path != NULL ? read_file(rejects, path, &taker, err) : BM_FAIL;
        free(path);
    }
    if (status == BM_OK) {
        status = read_shared(rejects, shelf, recording.keyfile, err);
    }
    bm_keyfile_free(recording.keyfile);
    return status;
}

/* ---- to their places ---- */

/* A file whose documents are given out: those that were placed, and those that came late. */
struct sorting {
    struct bm_rejects *rejects;
    size_t file;  /* its number */
    int is_moved; /* what is placed must be written again, too */
};

static enum bm_status sort_document(void *context, struct bm_view document, uint64_t offset,
                                    struct bm_error *err)
{
    struct sorting *sorting = context;
    struct bm_rejects *rejects = sorting->rejects;
    struct bm_rejects_file *file = &rejects->files[sorting->file];
    struct bm_fingerprint id;
    enum bm_status status = bm_rejects_id_of(rejects, document, &id, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (offset >= file->placed) {
        return sorting->is_moved ? bm_rejects_place(rejects, file->ns, status == BM_OK ? &id : NULL,
                                                    document, err)
                                 : BM_OK;
    }
    if (status == BM_OK && bm_seen_add(file->ids, id, BM_MARK_PLAIN, err) != BM_OK) {
        return BM_FAIL;
    }
    return sorting->is_moved ? bm_rejects_append(rejects, file, document, err) : BM_OK;
}

/* The first file makes room for itself. */
static enum bm_status move_first(struct bm_rejects *rejects, size_t number, struct bm_error *err)
{
    struct sorting sorting = {rejects, number, 1};
    const struct taker taker = {sort_document, &sorting};
    struct bm_error failure = BM_ERROR_INIT;
    char *path = path_of(&rejects->files[number], ".bson", err);
    char *waiting = path_of(&rejects->files[number], ".waiting", err);
    enum bm_status status = path != NULL && waiting != NULL ? BM_OK : BM_FAIL;
    if (status == BM_OK && rename(path, waiting) != 0) {
        (void)bm_fail(&failure, BM_ERROR_IO, errno, "cannot be renamed");
        status = bm_rejects_fail_shown(rejects, path, &failure, err);
    }
    if (status == BM_OK) {
        status = read_file(rejects, waiting, &taker, err);
    }
    if (waiting != NULL) {
        (void)unlink(waiting);
    }
    free(path);
    free(waiting);
    return status;
}

static enum bm_status sort_shelf(struct bm_rejects *rejects, struct bm_rejects_shelf *shelf,
                                 struct bm_error *err)
{
    size_t count = shelf->count; /* there may be more of them then */
    uint64_t refused = rejects->options.budget->refused;
    struct bm_error failure = BM_ERROR_INIT;
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < count && status == BM_OK; i++) {
        struct bm_rejects_file *file = &rejects->files[shelf->files[i]];
        file->ids = bm_seen_new(rejects->options.budget, &failure);
        status = file->ids != NULL ? bm_seen_sift(file->ids, shelf->sieve, &failure) : BM_FAIL;
    }
    /* The first file comes last: it looks into all others. */
    for (size_t i = count; i-- > 1 && status == BM_OK;) {
        struct sorting sorting = {rejects, shelf->files[i], 0};
        const struct taker taker = {sort_document, &sorting};
        char *path = path_of(&rejects->files[shelf->files[i]], ".bson", &failure);
        status = path != NULL ? read_file(rejects, path, &taker, &failure) : BM_FAIL;
        free(path);
    }
    if (status == BM_OK) {
        status = move_first(rejects, shelf->files[0], &failure);
    }
    if (status == BM_OK) {
        return BM_OK;
    }
    if (refused != rejects->options.budget->refused) {
        return refuse_shared(rejects, shelf, err);
    }
    *err = failure;
    return BM_FAIL;
}

enum bm_status bm_rejects_settle_late(struct bm_rejects *rejects, struct bm_error *err)
{
    for (size_t i = 0; i < rejects->shelf_count; i++) {
        struct bm_rejects_shelf *shelf = &rejects->shelves[i];
        if (!shelf->is_late) {
            continue;
        }
        if (bm_rejects_flush(rejects, 0, err) != BM_OK ||
            find_shared(rejects, shelf, err) != BM_OK) {
            return BM_FAIL;
        }
        shelf->is_late = 0;
        if (bm_seen_count(shelf->sieve) > 0 && sort_shelf(rejects, shelf, err) != BM_OK) {
            return BM_FAIL;
        }
        for (size_t f = 0; f < shelf->count; f++) {
            bm_seen_free(rejects->files[shelf->files[f]].ids);
            rejects->files[shelf->files[f]].ids = NULL;
        }
        bm_seen_free(shelf->sieve);
        shelf->sieve = NULL;
    }
    return BM_OK;
}
