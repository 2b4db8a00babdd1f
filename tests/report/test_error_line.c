/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <string.h>

#include "bsonmend/report.h"

struct line_case {
    struct bm_error error;
    const char *line;
};

static const struct line_case lines[] = {
    {{.code = BM_ERROR_USAGE, .offset = BM_NO_OFFSET, .text = "no"}, "no"},
    {{.code = BM_ERROR_CORRUPT,
      .offset = 0,
      .file = "dump/a/b.bson",
      .ns = "a.b",
      .id = "{\"$oid\": \"65\"}",
      .text = "length 3"},
     "dump/a/b.bson: a.b: offset 0: _id {\"$oid\": \"65\"}: length 3"},
    {{.code = BM_ERROR_IO,
      .sys_errno = ENOSPC,
      .offset = BM_NO_OFFSET,
      .file = "fixed",
      .text = "cannot write"},
     "fixed: cannot write: No space left on device"},
    {{.code = BM_ERROR_CORRUPT, .offset = 18446744073709551614u, .text = ""},
     "offset 18446744073709551614"},
    /* Control bytes, C1, and every way not to be UTF-8. */
    {{.offset = BM_NO_OFFSET, .text = "a\033[2Jb\n\177"}, "a\\x1b[2Jb\\x0a\\x7f"},
    {{.offset = BM_NO_OFFSET, .text = "\xc2\x9b|\xc2\xa0"}, "\\xc2\\x9b|\xc2\xa0"},
    {{.offset = BM_NO_OFFSET, .text = "\x80|\xc0\xaf|\xc3|\xc3(|"},
     "\\x80|\\xc0\\xaf|\\xc3|\\xc3(|"},
    {{.offset = BM_NO_OFFSET, .text = "\xe0\x9f\xbf|\xed\xa0\x80|\xe2\x82"},
     "\\xe0\\x9f\\xbf|\\xed\\xa0\\x80|\\xe2\\x82"},
    {{.offset = BM_NO_OFFSET, .text = "\xf0\x8f\xbf\xbf|\xf4\x90\x80\x80|\xf5"},
     "\\xf0\\x8f\\xbf\\xbf|\\xf4\\x90\\x80\\x80|\\xf5"},
    {{.offset = BM_NO_OFFSET, .text = "\xc3\xa4 \xe2\x82\xac \xed\x9f\xbf \xf0\x9f\x98\x80 \\"},
     "\xc3\xa4 \xe2\x82\xac \xed\x9f\xbf \xf0\x9f\x98\x80 \\"},
    /* What would turn the order of what follows, or not be seen. */
    {{.offset = BM_NO_OFFSET, .text = "a\xe2\x80\xae-\xe2\x80\x8b|\xef\xbb\xbf|\xe2\x81\xa6"},
     "a\\u202e-\\u200b|\\ufeff|\\u2066"},
};

ParameterizedTestParameters(error_line, parts_and_escapes)
{
    static size_t numbers[sizeof lines / sizeof lines[0]];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        numbers[i] = i;
    }
    return cr_make_param_array(size_t, numbers, sizeof numbers / sizeof numbers[0]);
}

ParameterizedTest(size_t *number, error_line, parts_and_escapes)
{
    char line[BM_ERROR_LINE];
    bm_report_error(&lines[*number].error, line);
    cr_expect_str_eq(line, lines[*number].line);
}

/* Every field full of bytes that are escaped fits, with its end. */
Test(error_line, longest_fits)
{
    struct bm_error error = BM_ERROR_INIT;
    memset(error.file, 1, sizeof error.file - 1);
    memset(error.ns, 1, sizeof error.ns - 1);
    memset(error.id, 1, sizeof error.id - 1);
    memset(error.text, 1, sizeof error.text - 1);
    error.offset = 1;
    error.sys_errno = EIO;
    char line[BM_ERROR_LINE];
    bm_report_error(&error, line);
    size_t bytes = sizeof error.file + sizeof error.ns + sizeof error.id + sizeof error.text - 4;
    cr_expect_eq(strlen(line), 4 * bytes + strlen(": : offset 1: _id : : Input/output error"));
    cr_expect_str_eq(strstr(line, "Input"), "Input/output error");
}
