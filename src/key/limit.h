/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_LIMIT_H
#define BM_KEY_LIMIT_H

/* 1 when these words, for which a document has no keys, are this program's and not the server's. */
int bm_limit_is_own(const char *refusal);

#endif
