/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum bm_status bm_fail(struct bm_error *err, enum bm_error_code code, int sys_errno,
                       const char *format, ...)
{
    if (err->code != BM_ERROR_NONE) {
        return BM_FAIL;
    }
    err->code = code;
    err->sys_errno = sys_errno;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    if (n < 0) {
        err->text[0] = '\0';
    }
    return BM_FAIL;
}

enum bm_status bm_error_at(struct bm_error *err, uint64_t offset)
{
    if (err->offset == BM_NO_OFFSET) {
        err->offset = offset;
    }
    return BM_FAIL;
}

enum bm_status bm_error_in(struct bm_error *err, const char *ns)
{
    if (err->ns[0] == '\0') {
        (void)snprintf(err->ns, sizeof err->ns, "%s", ns);
    }
    return BM_FAIL;
}

enum bm_status bm_error_file(struct bm_error *err, const char *path)
{
    if (err->file[0] != '\0') {
        return BM_FAIL;
    }
    size_t len = strlen(path);
    if (len < sizeof err->file) {
        memcpy(err->file, path, len + 1);
    } else {
        const char *end = path + len - (sizeof err->file - 4);
        (void)snprintf(err->file, sizeof err->file, "...%s", end);
    }
    return BM_FAIL;
}

int bm_error_exit(enum bm_error_code code)
{
    switch (code) {
    case BM_ERROR_NONE:
        return 0;
    case BM_ERROR_VIOLATION:
        return 1;
    case BM_ERROR_USAGE:
        return 2;
    case BM_ERROR_TRUNCATED:
    case BM_ERROR_CORRUPT:
        return 3;
    case BM_ERROR_IO:
    case BM_ERROR_MEMORY:
    case BM_ERROR_STOPPED:
        return 4;
    }
    return 4;
}
