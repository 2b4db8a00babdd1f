/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_HELP_H
#define BM_CLI_HELP_H

#include <stdio.h>

#include "cli/table.h"

/* Help for all commands and options, or (command not NULL) for one command and its options. */
void help_print(FILE *stream, const struct command_row *command);

#endif
