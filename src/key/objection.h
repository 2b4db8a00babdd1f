/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_OBJECTION_H
#define BM_KEY_OBJECTION_H

#include "bsonmend/key.h"

/* What stands against a specification. */
struct bm_objection {
    const char *words; /* static; NULL: nothing */
    /* 1: the server would not build the index. 0: it is not known whether it would, and so the
     * index is not judged. */
    int is_servers;
};

#define BM_NO_OBJECTION ((struct bm_objection){NULL, 0})

static inline struct bm_objection bm_refused(const char *words)
{
    return (struct bm_objection){words, words != NULL};
}

#endif
