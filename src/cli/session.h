/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_SESSION_H
#define BM_CLI_SESSION_H

#include "cli/options.h"

/* Prints "bsonmend: …" on standard error. */
void session_complain(const struct bm_error *error);
/* Runs the command that the options ask for, says what came of it, and returns the exit status.
 * *stopped: whether a signal ended it. */
int session_run(const struct options *options, const volatile sig_atomic_t *stop, int *stopped);

#endif
