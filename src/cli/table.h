/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_TABLE_H
#define BM_CLI_TABLE_H

#include <stddef.h>

#include "cli/options.h"

/* Which commands an option belongs to, or-ed; NOT_REPEATED: advice on what to run does not repeat
 * it. */
enum {
    FOR_CHECK = 1,
    FOR_FIX = 2,
    FOR_LIST = 4,
    FOR_VERIFY = 8,
    FOR_RULES = FOR_FIX | FOR_VERIFY, /* what it takes to carry rules out */
    FOR_VERDICT = FOR_CHECK | FOR_FIX | FOR_VERIFY,
    FOR_ALL = FOR_VERDICT | FOR_LIST,
    NOT_REPEATED = 16
};

/* Whether an option takes an argument. */
enum argument { ARGUMENT_NONE, ARGUMENT_NEEDED, ARGUMENT_MAY };

/* How often an option may be given: with one value, or once for each of many. */
enum repeat { ONE_VALUE, MANY_VALUES };

/* One option. */
struct option_row {
    const char *name;
    char letter; /* '\0': none */
    enum argument argument;
    const char *value; /* what its argument is called in the help */
    unsigned commands;
    enum repeat repeat;
    /* Takes the option into the options; NULL: an option of the mongo tools that has no place here
     * because there is no server to connect to. */
    enum bm_status (*take)(struct options *options, const char *value, struct bm_error *err);
    const char *help;
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* One command. */
struct command_row {
    const char *name;
    enum bm_command command;
    unsigned mask;
    const char *operands; /* of its usage line */
    size_t dumps;         /* it takes so many; with more than one, none is standard input */
    const char *help;
};

extern const struct command_row command_rows[];
extern const size_t command_row_count;

#endif
