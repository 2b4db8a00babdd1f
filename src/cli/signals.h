/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_SIGNALS_H
#define BM_CLI_SIGNALS_H

#include <signal.h>

/*
 * Catches what asks the program to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, the
 * limits and timers SIGXCPU, SIGVTALRM and SIGPROF), each where it is not ignored already, and
 * ignores SIGPIPE and SIGXFSZ: a write then fails. The returned flag holds the first signal that
 * came, 0: none; static. Once one came, SIGALRM interrupts whatever call blocks, every second; and
 * from the first SIGALRM on a further signal ends the process at once, with nothing cleaned up.
 */
const volatile sig_atomic_t *signals_catch(void);
/* Ends the process as the signal that came would have ended it. */
void signals_die(void);

#endif
