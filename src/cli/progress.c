/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_EVERY 3000 /* milliseconds, as mongorestore */
#define PROGRESS_BAR 24     /* characters, as mongorestore */

int64_t progress_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether a file starts like one of a codec: then its size says nothing of what it holds. A guess
 * is enough for a bar. */
static int looks_compressed(int fd)
{
    unsigned char head[4] = {0};
    if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head) {
        return 0;
    }
    int gzip = head[0] == 0x1f && head[1] == 0x8b && head[2] == 8;
    int zstd = head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd;
    return gzip || zstd;
}

void progress_start(struct progress *progress, const char *dump)
{
    struct stat about;
    *progress = (struct progress){.last = progress_now()};
    /* Not to hang on a named pipe that nobody writes to yet. */
    int fd = dump != NULL ? open(dump, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : STDIN_FILENO;
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
        !looks_compressed(fd)) {
        progress->total = (uint64_t)about.st_size;
    }
    if (dump != NULL) {
        (void)close(fd);
    }
}

/* Three digits and a unit: "12.3MB". */
static void format_bytes(uint64_t bytes, char *text, size_t size)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= 1024;
        unit++;
    }
    int digits = unit == 0 || amount >= 100 ? 0 : amount >= 10 ? 1 : 2;
    (void)snprintf(text, size, "%.*f%s", digits, amount, units[unit]);
}

static void print_time(void)
{
    struct timespec now;
    struct tm local;
    char date[32];
    char zone[8];
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || localtime_r(&now.tv_sec, &local) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local) == 0 ||
        strftime(zone, sizeof zone, "%z", &local) == 0) {
        return;
    }
    (void)fprintf(stderr, "%s.%03ld%s", date, now.tv_nsec / 1000000, zone);
}

/* A name from the dump must not steer the terminal. */
static void print_name(const char *ns)
{
    for (; *ns != '\0'; ns++) {
        unsigned char byte = (unsigned char)*ns;
        (void)fputc(byte < 0x20 || byte >= 0x7f ? '?' : byte, stderr);
    }
}

void progress_update(void *context, const char *ns, uint64_t documents, uint64_t bytes)
{
    struct progress *progress = context;
    int64_t now = progress_now();
    if (now - progress->last < PROGRESS_EVERY) {
        return;
    }
    progress->last = now;
    char done[32];
    char whole[32];
    char bar[PROGRESS_BAR + 1];
    format_bytes(bytes, done, sizeof done);
    print_time();
    if (progress->total >= bytes && progress->total > 0) {
        double part = (double)bytes / (double)progress->total;
        format_bytes(progress->total, whole, sizeof whole);
        memset(bar, '.', PROGRESS_BAR);
        memset(bar, '#', (size_t)(part * PROGRESS_BAR));
        bar[PROGRESS_BAR] = '\0';
        (void)fprintf(stderr, "\t[%s]  ", bar);
        print_name(ns);
        (void)fprintf(stderr, "  %s/%s  (%.1f%%)\n", done, whole, part * 100);
    } else {
        (void)fputc('\t', stderr);
        print_name(ns);
        (void)fprintf(stderr, "  %s  (%" PRIu64 " documents)\n", done, documents);
    }
}
