/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/c_locale.h"

#include <errno.h>

enum bm_status bm_c_locale_enter(struct bm_c_locale *locale, struct bm_error *err)
{
    locale->own = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (locale->own == (locale_t)0) {
        return bm_fail(err, BM_ERROR_MEMORY, errno, "no memory for the C locale");
    }
    locale->before = uselocale(locale->own);
    return BM_OK;
}

void bm_c_locale_leave(struct bm_c_locale *locale)
{
    (void)uselocale(locale->before);
    freelocale(locale->own);
}
