/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

const char *bm_words_command(enum bm_command command)
{
    switch (command) {
    case BM_COMMAND_CHECK:
        return "check";
    case BM_COMMAND_FIX:
        return "fix";
    case BM_COMMAND_LIST:
        return "list";
    case BM_COMMAND_VERIFY:
        return "verify";
    }
    return "";
}

const char *bm_words_kind(enum bm_namespace_kind kind)
{
    switch (kind) {
    case BM_NAMESPACE_COLLECTION:
        return "collection";
    case BM_NAMESPACE_VIEW:
        return "view";
    case BM_NAMESPACE_TIMESERIES:
        return "timeseries";
    case BM_NAMESPACE_SYSTEM:
        return "system";
    case BM_NAMESPACE_INDEXES:
        return "indexes";
    case BM_NAMESPACE_OPLOG:
        return "oplog";
    }
    return "";
}

const char *bm_words_violation(enum bm_violation_kind kind)
{
    switch (kind) {
    case BM_VIOLATION_DUPLICATE:
        return "duplicate";
    case BM_VIOLATION_UNINDEXABLE:
        return "unindexable";
    case BM_VIOLATION_OVERSIZE:
        return "oversize";
    case BM_VIOLATION_CAPPED:
        return "capped";
    case BM_VIOLATION_VALIDATOR:
        return "validator";
    }
    return "";
}

const char *bm_words_difference(enum bm_difference_kind kind)
{
    switch (kind) {
    case BM_DIFFERENCE_CHANGED:
        return "changed";
    case BM_DIFFERENCE_MISSING:
        return "missing";
    case BM_DIFFERENCE_EXTRA:
        return "extra";
    case BM_DIFFERENCE_MOVED:
        return "moved";
    case BM_DIFFERENCE_NAMESPACE_MISSING:
        return "namespaceMissing";
    case BM_DIFFERENCE_NAMESPACE_EXTRA:
        return "namespaceExtra";
    case BM_DIFFERENCE_METADATA:
        return "metadata";
    case BM_DIFFERENCE_REJECTS:
        return "rejects";
    }
    return "";
}

const char *bm_words_error(enum bm_error_code code)
{
    switch (code) {
    case BM_ERROR_NONE:
        return "none";
    case BM_ERROR_USAGE:
        return "usage";
    case BM_ERROR_TRUNCATED:
        return "truncated";
    case BM_ERROR_CORRUPT:
        return "corrupt";
    case BM_ERROR_IO:
        return "io";
    case BM_ERROR_MEMORY:
        return "memory";
    case BM_ERROR_VIOLATION:
        return "violation";
    case BM_ERROR_STOPPED:
        return "stopped";
    }
    return "";
}
