/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_PLACE_H
#define BM_CLI_PLACE_H

/* 1 when both paths are, or would be, the same file; neither need exist. */
int place_same(const char *a, const char *b);
/* 1 when path is, or would be, below a directory that exists. */
int place_below(const char *path, const char *directory);

#endif
