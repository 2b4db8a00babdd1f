/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_KIND_H
#define BM_KEY_KIND_H

#include "bsonmend/key.h"

/* How a reason starts that is the server's. */
#define BM_REFUSED "the server refuses it: "

/*
 * NULL, or why a unique index of this kind has no verdict; static. *before is BM_REFUSED when the
 * server would not build it at all, else "".
 */
const char *bm_kind_problem(const struct bm_index_spec *spec, const struct bm_index_home *home,
                            const char **before);
/* NULL, or the server's words against the type of an option's value; static. */
const char *bm_option_types_problem(const struct bm_index_spec *spec,
                                    const struct bm_index_home *home);
/* NULL, or what the server has against options that stand together; static. */
const char *bm_options_problem(const struct bm_index_spec *spec, const struct bm_index_home *home);

#endif
