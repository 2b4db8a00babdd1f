/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/view.h"

#include <string.h>

struct bm_view bm_view_text(const char *text)
{
    return (struct bm_view){(const uint8_t *)text, strlen(text)};
}

int bm_view_equal(struct bm_view a, struct bm_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int bm_view_starts_with(struct bm_view view, const char *start)
{
    size_t len = strlen(start);
    return view.len >= len && (len == 0 || memcmp(view.data, start, len) == 0);
}

int bm_view_has_zero(struct bm_view view)
{
    return view.len > 0 && memchr(view.data, 0, view.len) != NULL;
}
