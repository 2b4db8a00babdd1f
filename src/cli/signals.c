/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

/* All that by itself would end the process and is sent on purpose or by a limit. */
static const int ending[] = {
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF,
};

/* Handlers reach nothing else. */
static volatile sig_atomic_t caught;
static volatile sig_atomic_t is_late; /* a second or more has gone by since */

/* A signal may come between the look at the flag and a system call that then blocks for good; so
 * one comes every second until the process is gone. */
static void interrupt_again(int signal_number)
{
    int saved = errno;
    is_late = signal_number == SIGALRM;
    (void)alarm(1);
    errno = saved;
}

/* Who asks once more has waited for something that looks at no flag: a long call, a disk that
 * stalls. Not within the first second: timeout(1), or a terminal and a shell, send one wish twice.
 */
static void note_signal(int signal_number)
{
    if (caught == 0) {
        __atomic_store_n(&caught, signal_number, __ATOMIC_RELAXED); /* other threads look at it */
        interrupt_again(signal_number);
    } else if (is_late) {
        struct sigaction usual = {.sa_handler = SIG_DFL};
        int saved = errno;
        (void)sigemptyset(&usual.sa_mask);
        (void)sigaction(signal_number, &usual, NULL);
        (void)raise(signal_number); /* comes when this handler returns */
        errno = saved;
    }
}

/* Without SA_RESTART: a blocked system call must return. */
static void catch_one(int signal_number)
{
    struct sigaction old;
    struct sigaction action = {.sa_handler = note_signal};
    (void)sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &old) == 0 && old.sa_handler == SIG_IGN) {
        return; /* nohup, or a shell's background job */
    }
    (void)sigaction(signal_number, &action, NULL);
}

const volatile sig_atomic_t *signals_catch(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL); /* a file too large is then a failed write */
    struct sigaction again = {.sa_handler = interrupt_again};
    (void)sigemptyset(&again.sa_mask);
    (void)sigaction(SIGALRM, &again, NULL);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        catch_one(ending[i]);
    }
    return &caught;
}

void signals_die(void)
{
    int signal_number = (int)caught;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    (void)alarm(0);
    (void)sigemptyset(&usual.sa_mask);
    (void)sigaction(signal_number, &usual, NULL);
    (void)raise(signal_number);
}
