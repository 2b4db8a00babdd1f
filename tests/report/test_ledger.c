/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/results.h"

static const struct bm_namespace ns = {.db = "a", .collection = "b", .ns = "a.b"};

static struct bm_change change_of(struct bm_view before)
{
    return (struct bm_change){.action = BM_ACTION_FILL,
                              .ns = &ns,
                              .ordinal = 7,
                              .offset = 1645,
                              .id = {(const uint8_t *)TEST_ID, TEST_ID_LEN},
                              .path = "items.2.resultToken",
                              .field = "items.resultToken",
                              .at = 22,
                              .before = before,
                              .after = {(const uint8_t *)TEST_ABC, TEST_ABC_LEN},
                              .index = "resultToken_1",
                              .reason = "null"};
}

Test(ledger, one_line_a_change)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT(65536);
    struct bm_writer *writer = bm_writer_buffer_new(&buffer, &err);
    struct bm_ledger *ledger = bm_ledger_new(writer, &err);
    cr_assert_not_null(ledger);
    struct bm_change change = change_of((struct bm_view){(const uint8_t *)TEST_NULL, 13});
    cr_assert_eq(bm_ledger_change(ledger, &change, &err), BM_OK);
    change = change_of((struct bm_view){NULL, 0});
    change.id = (struct bm_view){NULL, 0};
    change.index = NULL;
    change.reason = "missing";
    change.path = "resultToken";
    cr_assert_eq(bm_ledger_change(ledger, &change, &err), BM_OK);
    cr_assert_eq(bm_ledger_finish(ledger, &err), BM_OK);
    static const char expected[] =
        "{\"ns\": \"a.b\", \"_id\": { \"$oid\" : \"6500000000000000000000aa\" }, \"ordinal\": 7, "
        "\"offset\": 1645, \"action\": \"fill\", \"path\": \"items.2.resultToken\", \"at\": 22, "
        "\"old\": \"CnJlc3VsdFRva2VuAA==\", \"new\": \"AnJlc3VsdFRva2VuAAQAAABhYmMA\", "
        "\"index\": \"resultToken_1\", \"reason\": \"null\"}\n"
        "{\"ns\": \"a.b\", \"_id\": null, \"ordinal\": 7, \"offset\": 1645, \"action\": \"fill\", "
        "\"path\": \"resultToken\", \"at\": 22, \"new\": \"AnJlc3VsdFRva2VuAAQAAABhYmMA\", "
        "\"index\": null, \"reason\": \"missing\"}\n";
    char *lines = strndup((const char *)buffer.data, buffer.len);
    cr_expect_str_eq(lines, expected);
    free(lines);
    bm_ledger_free(ledger);
    bm_buffer_free(&buffer);
}

/* A writer that takes nothing. */
static enum bm_status refuse(struct bm_writer *writer, struct bm_view bytes, struct bm_error *err)
{
    (void)writer;
    (void)bytes;
    return bm_fail(err, BM_ERROR_IO, 28, "full");
}

static enum bm_status finish(struct bm_writer *writer, struct bm_error *err)
{
    (void)writer;
    (void)err;
    return BM_OK;
}

static void nothing(struct bm_writer *writer)
{
    (void)writer;
}

Test(ledger, lost_line_is_told_at_the_end_too)
{
    static const struct bm_writer_ops ops = {"full", refuse, finish, nothing, nothing};
    struct bm_writer full = {&ops};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_ledger *ledger = bm_ledger_new(&full, &err);
    cr_assert_not_null(ledger);
    struct bm_change change = change_of((struct bm_view){NULL, 0});
    cr_expect_eq(bm_ledger_change(ledger, &change, &err), BM_FAIL);
    cr_expect_str_eq(err.text, "full");
    struct bm_error later = BM_ERROR_INIT;
    cr_expect_eq(bm_ledger_finish(ledger, &later), BM_FAIL);
    cr_expect_eq(later.code, BM_ERROR_IO);
    bm_ledger_free(ledger);
}

Test(ledger, null_is_free)
{
    bm_ledger_free(NULL);
}
