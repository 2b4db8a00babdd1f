/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_LEDGER_UNDO_H
#define BM_TESTS_LEDGER_UNDO_H

#include "base/buffer.h"

/*
 * The way back: BEFORE out of AFTER and a ledger, written from the description of the ledger alone
 * and with nothing of the program but its buffers. Whatever does not fit fails the test.
 */
struct test_ledger {
    struct bm_buffer text;
    size_t lines;
};

void test_ledger_read(struct test_ledger *ledger, const char *path);
void test_ledger_free(struct test_ledger *ledger);

/* The documents of a namespace, back to back, as they were; those of AFTER go in. To be freed. */
struct bm_buffer test_ledger_undo(const struct test_ledger *ledger, const char *ns,
                                  struct bm_view after);
/* Likewise its metadata; without a line they are the same. */
struct bm_buffer test_ledger_undo_metadata(const struct test_ledger *ledger, const char *ns,
                                           struct bm_view after);

#endif
