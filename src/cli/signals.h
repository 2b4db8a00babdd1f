/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_SIGNALS_H
#define BM_CLI_SIGNALS_H

#include <signal.h>

/*
 * Catches SIGINT, SIGTERM and SIGHUP (where they are not ignored already) and ignores SIGPIPE. The
 * returned flag holds the signal that came, 0: none; static.
 */
const volatile sig_atomic_t *signals_catch(void);
/* Ends the process as the signal that came would have ended it. */
void signals_die(void);

#endif
