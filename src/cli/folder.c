/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/folder.h"

#include <stdlib.h>
#include <string.h>

/* The part of a path before its last name: "." where there is none. */
static char *parent_of(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    return len > 0 ? strndup(path, len) : strdup(".");
}

char *folder_for_keys(const struct options *options)
{
    if (options->spool != NULL) {
        return strdup(options->spool);
    }
    if (options->out != NULL && !options->dry_run) {
        return parent_of(options->out);
    }
    const char *usual = getenv("TMPDIR");
    return strdup(usual != NULL && usual[0] != '\0' ? usual : "/tmp");
}
