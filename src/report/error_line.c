/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/escape.h"

struct line {
    char *text;
    size_t len;
};

/* Every part is cut by the size of its field, so that the line always has room; checked all the
 * same. */
static void put(struct line *line, const char *bytes, size_t len)
{
    if (len < BM_ERROR_LINE - line->len) {
        memcpy(line->text + line->len, bytes, len);
        line->len += len;
    }
    line->text[line->len] = '\0';
}

static void put_escaped(struct line *line, const char *text)
{
    struct bm_view view = bm_view_text(text);
    for (size_t at = 0; at < view.len;) {
        char piece[BM_ESCAPE_PIECE];
        size_t n;
        at += bm_escape_next(view, at, piece, &n);
        put(line, piece, n);
    }
}

/* A part with what stands before it and the separator to what was there already. */
static void put_part(struct line *line, const char *label, const char *text)
{
    if (text[0] == '\0') {
        return;
    }
    if (line->len > 0) {
        put(line, ": ", 2);
    }
    put(line, label, strlen(label));
    put_escaped(line, text);
}

void bm_report_error(const struct bm_error *error, char line[BM_ERROR_LINE])
{
    struct line out = {.text = line};
    put(&out, "", 0);
    put_part(&out, "", error->file);
    put_part(&out, "", error->ns);
    if (error->offset != BM_NO_OFFSET) {
        char offset[32];
        (void)snprintf(offset, sizeof offset, "%" PRIu64, error->offset);
        put_part(&out, "offset ", offset);
    }
    put_part(&out, "_id ", error->id);
    put_part(&out, "", error->text);
    if (error->sys_errno != 0) {
        char reason[256];
        if (strerror_r(error->sys_errno, reason, sizeof reason) != 0) {
            (void)snprintf(reason, sizeof reason, "error %d", error->sys_errno);
        }
        put_part(&out, "", reason);
    }
}
