/* SPDX-License-Identifier: Apache-2.0 */
#include "io/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

int bm_descriptor_open(const char *path, const volatile sig_atomic_t *stop, struct bm_error *err)
{
    int fd;
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (fd < 0 && errno == EINTR && (stop == NULL || *stop == 0));
    if (fd >= 0) {
        return fd;
    }
    if (errno == EINTR) {
        (void)bm_fail(err, BM_ERROR_STOPPED, 0, "stopped while opening");
    } else {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot be opened");
    }
    return -1;
}

enum bm_status bm_descriptor_init(struct bm_descriptor *descriptor,
                                  const struct bm_fd_options *options, struct bm_error *err)
{
    *descriptor = (struct bm_descriptor){
        .fd = options->fd,
        .ownership = options->ownership,
        .stop = options->stop,
        .patience = BM_DESCRIPTOR_PATIENCE,
    };
    if (options->path == NULL) {
        return BM_OK;
    }
    descriptor->path = bm_copy_text(options->path, err);
    return descriptor->path != NULL ? BM_OK : BM_FAIL;
}

static int is_stopped(const struct bm_descriptor *descriptor)
{
    /* A signal's handler raises it in whichever thread it runs. */
    return descriptor->stop != NULL && __atomic_load_n(descriptor->stop, __ATOMIC_RELAXED) != 0;
}

static enum bm_status fail(const struct bm_descriptor *descriptor, enum bm_error_code code,
                           int sys_errno, const char *text, struct bm_error *err)
{
    (void)bm_fail(err, code, sys_errno, "%s", text);
    return descriptor->path != NULL ? bm_error_file(err, descriptor->path) : BM_FAIL;
}

/* 1 when a call that failed with this errno is to be made again. */
static int is_passing(const struct bm_descriptor *descriptor, int error, short events)
{
    if (error == EINTR) {
        return 1;
    }
    if (error != EAGAIN && error != EWOULDBLOCK) {
        return 0;
    }
    /* Somebody else made the descriptor non-blocking, as some shells' children do to a pipe. */
    struct pollfd waited = {.fd = descriptor->fd, .events = events};
    return poll(&waited, 1, -1) >= 0 || errno == EINTR;
}

enum bm_status bm_descriptor_read(struct bm_descriptor *descriptor, uint8_t *data, size_t size,
                                  size_t *got, struct bm_error *err)
{
    for (;;) {
        if (is_stopped(descriptor)) {
            return fail(descriptor, BM_ERROR_STOPPED, 0, "stopped while reading", err);
        }
        ssize_t n = read(descriptor->fd, data, size);
        if (n >= 0) {
            *got = (size_t)n;
            return BM_OK;
        }
        int error = errno;
        if (!is_passing(descriptor, error, POLLIN)) {
            return fail(descriptor, BM_ERROR_IO, error, "cannot read", err);
        }
    }
}

static int milliseconds_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t passed =
        (int64_t)(now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
    return passed < BM_DESCRIPTOR_PATIENCE ? (int)passed : BM_DESCRIPTOR_PATIENCE;
}

/* Waits in what is left of the patience; 1 when a small write will not block. */
static int takes_more(struct bm_descriptor *descriptor)
{
    struct pollfd waited = {.fd = descriptor->fd, .events = POLLOUT};
    int ready;
    do {
        struct timespec start;
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        ready = poll(&waited, 1, descriptor->patience);
        int passed = milliseconds_since(&start);
        descriptor->patience -= passed < descriptor->patience ? passed : descriptor->patience;
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* How much to write at once of what is left. 0: not a byte now. */
static size_t portion(struct bm_descriptor *descriptor, size_t left)
{
    if (descriptor->pace == BM_UNHURRIED) {
        return left;
    }
    if (!takes_more(descriptor)) {
        return 0;
    }
    return left < PIPE_BUF ? left : PIPE_BUF;
}

enum bm_status bm_descriptor_write(struct bm_descriptor *descriptor, struct bm_view bytes,
                                   size_t *written, struct bm_error *err)
{
    *written = 0;
    while (*written < bytes.len) {
        if (is_stopped(descriptor) && descriptor->pace == BM_UNHURRIED) {
            descriptor->pace = BM_HURRIED;
            return fail(descriptor, BM_ERROR_STOPPED, 0, "stopped while writing", err);
        }
        size_t part = portion(descriptor, bytes.len - *written);
        if (part == 0) {
            return fail(descriptor, BM_ERROR_STOPPED, 0, "stopped, and nobody reads", err);
        }
        ssize_t n = write(descriptor->fd, bytes.data + *written, part);
        int error = errno;
        if (n > 0) {
            *written += (size_t)n;
        } else if (n == 0 || !is_passing(descriptor, error, POLLOUT)) {
            return fail(descriptor, BM_ERROR_IO, n == 0 ? EIO : error, "cannot write", err);
        }
    }
    return BM_OK;
}

/* 0 or the errno of close(). */
static int release(struct bm_descriptor *descriptor)
{
    int fd = descriptor->fd;
    descriptor->fd = -1;
    if (descriptor->ownership == BM_BORROWED || fd < 0 || close(fd) == 0 || errno == EINTR) {
        return 0;
    }
    return errno;
}

enum bm_status bm_descriptor_close(struct bm_descriptor *descriptor, struct bm_error *err)
{
    int error = release(descriptor);
    return error == 0 ? BM_OK : fail(descriptor, BM_ERROR_IO, error, "cannot close", err);
}

void bm_descriptor_free(struct bm_descriptor *descriptor)
{
    int saved = errno;
    (void)release(descriptor);
    free(descriptor->path);
    descriptor->path = NULL;
    errno = saved;
}
