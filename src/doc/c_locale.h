/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_C_LOCALE_H
#define BM_DOC_C_LOCALE_H

#include <locale.h>

#include "bsonmend/error.h"

/*
 * Numbers are read and shown with a decimal point, whatever locale the calling program has set.
 * Between enter and leave this thread has the "C" locale; calls nest.
 */
struct bm_c_locale {
    locale_t own;
    locale_t before;
};

enum bm_status bm_c_locale_enter(struct bm_c_locale *locale, struct bm_error *err) BM_MUST_USE;
void bm_c_locale_leave(struct bm_c_locale *locale);

#endif
