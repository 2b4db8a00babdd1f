/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_DESCRIPTORS_H
#define BM_CLI_DESCRIPTORS_H

/*
 * Takes up each of the descriptors 0, 1 and 2 that the program was started without, before any file
 * is opened: the next one opened would get its number, and what is said on standard error would be
 * written into an output. They lead to nothing and the wrong way round, so that reading standard
 * input and writing standard output fail as on a closed one. 0, or -1 with errno.
 */
int descriptors_reserve(void);

#endif
