/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure FILE COMMAND [ARGUMENT...]
 *
 * Runs COMMAND and adds a line to FILE: the seconds it took by the clock, and the most memory in
 * KiB that it or any process it waited for held at once. Ends with COMMAND's status, 128+N if
 * signal N ended it, 127 if it could not be started.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STATUS_NOT_STARTED 127

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Runs the command to its end; the result is the status to end with. */
static int run_command(char **command)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        (void)execvp(command[0], command);
        perror(command[0]);
        _exit(STATUS_NOT_STARTED);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("measure");
        return STATUS_NOT_STARTED;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fputs("usage: measure FILE COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    double before = seconds_now();
    int status = run_command(argv + 2);
    double seconds = seconds_now() - before;
    struct rusage usage;
    (void)getrusage(RUSAGE_CHILDREN, &usage);
    FILE *out = fopen(argv[1], "a");
    if (out == NULL || fprintf(out, "%.6f %ld\n", seconds, usage.ru_maxrss) < 0) {
        perror(argv[1]);
        return STATUS_NOT_STARTED;
    }
    if (fclose(out) != 0) {
        perror(argv[1]);
        return STATUS_NOT_STARTED;
    }
    return status;
}
