/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_KEY_CASE_H
#define BM_TESTS_KEY_CASE_H

#include <stddef.h>

/* The cases of fixtures/cases/unique-index-cases.jsonl: an index, documents, and what the server
 * makes of them. */

/* How many there are. */
size_t test_key_case_count(void);
/*
 * Judges the case of this line (from 0), which must have this name, for each server it holds for,
 * its documents in their order and backwards. Fails the test unless verdict, pairs in conflict,
 * documents that cannot be indexed and the text of the key are those of the case.
 */
void test_key_case(size_t line, const char *name);

#endif
