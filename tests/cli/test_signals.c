/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/signals.h"

enum { STILL_THERE = 7 };

static void set_alarm_blocked(int how)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGALRM);
    (void)sigprocmask(how, &set, NULL);
}

/* A process that looks at no flag gets signals; no second goes by before `late` says so. */
static int end_of_process(int late)
{
    pid_t child = fork();
    if (child == 0) {
        set_alarm_blocked(SIG_BLOCK);
        const volatile sig_atomic_t *stop = signals_catch();
        (void)raise(SIGTERM);
        (void)raise(SIGUSR1);
        if (*stop != SIGTERM) {
            _exit(1);
        }
        if (late) {
            (void)raise(SIGALRM);
            set_alarm_blocked(SIG_UNBLOCK);
            (void)raise(SIGUSR1);
        }
        _exit(STILL_THERE);
    }
    int status = 0;
    cr_assert_gt(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

/* timeout(1), or a terminal and a shell, send one wish twice. */
Test(signals, two_at_once_are_one_wish)
{
    int status = end_of_process(0);
    cr_expect(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), STILL_THERE);
}

Test(signals, one_that_comes_later_ends_the_process_at_once)
{
    int status = end_of_process(1);
    cr_expect(WIFSIGNALED(status));
    cr_expect_eq(WTERMSIG(status), SIGUSR1);
}
