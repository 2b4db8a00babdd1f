/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_ADVICE_H
#define BM_CLI_ADVICE_H

#include "cli/options.h"

/* The words around the rules in "mend: bsonmend fix …", quoted for a shell; freed with free(). */

/* The dump and the options that count for a fix. NULL: no memory. */
char *advice_arguments(const struct options *options);
/* Where the output goes: as it was asked for, else a name that fits the input's container; with
 * "< DUMP" and "> FIXED" where standard input and output were used. NULL: no memory. */
char *advice_output(const struct options *options, enum bm_container input);

#endif
