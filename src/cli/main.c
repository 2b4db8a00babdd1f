/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "bsonmend/version.h"

#include "cli/descriptors.h"
#include "cli/help.h"
#include "cli/session.h"
#include "cli/signals.h"

#define EXIT_USAGE 2
#define EXIT_IO 4

/* Help and version are answers: a full disk under standard output counts. */
static int print_answer(const struct options *options)
{
    if (options->request == REQUEST_VERSION) {
        (void)puts("bsonmend " BSONMEND_VERSION);
    } else {
        help_print(stdout, options->command);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("bsonmend: standard output: cannot write");
        return EXIT_IO;
    }
    return 0;
}

int main(int argc, char **argv)
{
    /* 0. Nothing that is opened may become a standard stream. */
    if (descriptors_reserve() != 0) {
        perror("bsonmend: /dev/null");
        return EXIT_IO;
    }
    if (argc < 2) {
        help_print(stderr, NULL);
        return EXIT_USAGE;
    }
    /* 1. What is asked for. */
    struct options options;
    struct bm_error err = BM_ERROR_INIT;
    int status;
    if (options_read(&options, argc, argv, &err) != BM_OK) {
        session_complain(&err);
        (void)fputs("see bsonmend --help\n", stderr);
        status = bm_error_exit(err.code);
    } else if (options.request != REQUEST_RUN) {
        status = print_answer(&options);
    } else {
        /* 2. Signals first: from here on there may be something to clean up. */
        const volatile sig_atomic_t *stop = signals_catch();
        /* 3. The run, what it says, and its report. */
        int stopped;
        status = session_run(&options, stop, &stopped);
        /* 4. All is cleaned up; who waits for us sees the signal, not a status of our own. */
        if (stopped) {
            signals_die();
        }
    }
    options_free(&options);
    return status;
}
