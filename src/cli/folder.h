/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_FOLDER_H
#define BM_CLI_FOLDER_H

#include "cli/options.h"

/*
 * Where temporary files go that memory does not hold: --spool, else the folder of OUT, else
 * $TMPDIR, else /tmp. Freed with free(); NULL: no memory.
 */
char *folder_for_keys(const struct options *options);

#endif
