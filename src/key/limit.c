/* SPDX-License-Identifier: Apache-2.0 */
#include "key/limit.h"

#include <string.h>

#include "key/canonical.h"

/* No server says these words: its own refusals are other sentences, and none is made of a
 * document's bytes alone. */
int bm_limit_is_own(const char *refusal)
{
    return strcmp(refusal, BM_TOO_LARGE) == 0 || strcmp(refusal, BM_TOO_MANY) == 0;
}
