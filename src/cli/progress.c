/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <string.h>

#define PROGRESS_EVERY 3000 /* milliseconds, as mongorestore */
#define PROGRESS_BAR 24     /* characters, as mongorestore */

int64_t progress_now(const struct progress *progress)
{
    struct timespec now;
    if (progress->clock(CLOCK_MONOTONIC, &now) != 0) {
        return 0;
    }
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_start(struct progress *progress)
{
    progress->last = progress_now(progress);
}

/* At least three digits and a unit, as mongorestore: "1.00KB", "12.3MB", "1023B". */
static void print_bytes(FILE *stream, uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= 1024;
        unit++;
    }
    /* Rounded first: 9.999 is 10.0, not 10.00. */
    double rounded = (double)(uint64_t)(amount * 100 + 0.5) / 100;
    int digits = unit == 0 || rounded >= 100 ? 0 : rounded >= 10 ? 1 : 2;
    (void)fprintf(stream, "%.*f%s", digits, rounded, units[unit]);
}

static void print_time(const struct progress *progress)
{
    struct timespec now;
    struct tm local;
    char date[32];
    char zone[8];
    if (progress->clock(CLOCK_REALTIME, &now) != 0 || localtime_r(&now.tv_sec, &local) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local) == 0 ||
        strftime(zone, sizeof zone, "%z", &local) == 0) {
        return;
    }
    (void)fprintf(progress->stream, "%s.%03ld%s", date, now.tv_nsec / 1000000, zone);
}

/* A name from the dump must not steer the terminal. */
static void print_name(FILE *stream, const char *ns)
{
    for (; *ns != '\0'; ns++) {
        unsigned char byte = (unsigned char)*ns;
        (void)fputc(byte < 0x20 || byte >= 0x7f ? '?' : byte, stream);
    }
}

static void print_bar(FILE *stream, double part)
{
    char bar[PROGRESS_BAR + 1];
    memset(bar, '.', PROGRESS_BAR);
    memset(bar, '#', (size_t)(part * PROGRESS_BAR));
    bar[PROGRESS_BAR] = '\0';
    (void)fprintf(stream, "[%s]  ", bar);
}

void progress_update(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                     uint64_t total)
{
    struct progress *progress = context;
    FILE *stream = progress->stream;
    (void)documents;
    int64_t now = progress_now(progress);
    if (now - progress->last < PROGRESS_EVERY) {
        return;
    }
    progress->last = now;
    /* A file that grows while it is read has no whole; the run finds that out by itself. */
    int known = total > 0 && bytes <= total;
    double part = known ? (double)bytes / (double)total : 0;
    print_time(progress);
    (void)fputc('\t', stream);
    if (known) {
        print_bar(stream, part);
    }
    print_name(stream, ns);
    (void)fputs("  ", stream);
    print_bytes(stream, bytes);
    if (known) {
        (void)fputc('/', stream);
        print_bytes(stream, total);
        (void)fprintf(stream, "  (%.1f%%)", part * 100);
    }
    (void)fputc('\n', stream);
}
