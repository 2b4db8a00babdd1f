/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/ledger_read.h"
#include "support/scratch.h"

/* Lines of a ledger, and what is none. */

static struct test_scratch scratch;

static void start(void)
{
    test_scratch_make(&scratch);
}

static void stop(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(ledger_read, .init = start, .fini = stop);

static struct bm_ledger_reader *open_text(const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "ledger", bm_view_text(text));
    struct bm_ledger_reader *reader =
        bm_ledger_reader_new(test_scratch_path(&scratch, "ledger"), NULL, &err);
    cr_assert_not_null(reader, "%s", err.text);
    return reader;
}

#define EXPECT(view, text) cr_assert(bm_view_equal(view, bm_view_text(text)), "not %s", text)

Test(ledger_read, every_member_of_each_action_comes_back)
{
    struct bm_ledger_reader *reader = open_text(
        "{\"ns\": \"d.\\u0063\\\"\", \"action\": \"metadata\", \"old\": \"{\\\"a\\\":1}\", "
        "\"new\": \"\"}\n"
        "{\"ns\": \"d.c\", \"_id\": { \"$oid\" : \"a}\\\"]\" }, \"ordinal\": 7, \"offset\": 9, "
        "\"action\": \"fill\", \"path\": \"a.0.b\", \"at\": 18446744073709551615, "
        "\"new\": \"AAEC\", \"index\": null, \"reason\": \"missing\"}\n"
        " { \"action\":\"unset\",\"ns\":\"d\",\"_id\":[1,{\"a\":[2]}],\"ordinal\":0,\"offset\":0,"
        "\"path\":\"p\",\"at\":4,\"old\":\"/w==\" } \r\n"
        "{\"ns\":\"d\",\"_id\":null,\"ordinal\":1,\"offset\":0,\"action\":\"reject\","
        "\"old\":\"BQAAAAA=\",\"index\":\"a_1\",\"reason\":\"duplicate\"}\n");
    struct bm_ledger_line line;
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_OK, "%s", err.text);
    cr_assert_eq(line.action, BM_ACTION_METADATA);
    EXPECT(line.ns, "d.c\"");
    EXPECT(line.before, "{\"a\":1}");
    EXPECT(line.after, "");
    cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_OK, "%s", err.text);
    cr_assert_eq(line.number, 2);
    cr_assert_eq(line.action, BM_ACTION_FILL);
    EXPECT(line.id, "{ \"$oid\" : \"a}\\\"]\" }");
    EXPECT(line.path, "a.0.b");
    cr_assert_eq(line.ordinal, 7);
    cr_assert_eq(line.at, UINT64_MAX);
    cr_assert_eq(line.before.len, 0);
    cr_assert_eq(line.after.len, 3);
    cr_assert_eq(memcmp(line.after.data, "\0\1\2", 3), 0);
    cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_OK, "%s", err.text);
    cr_assert_eq(line.action, BM_ACTION_UNSET);
    EXPECT(line.id, "[1,{\"a\":[2]}]");
    EXPECT(line.before, "\xff");
    cr_assert_eq(line.after.len, 0);
    cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_OK, "%s", err.text);
    cr_assert_eq(line.action, BM_ACTION_REJECT);
    EXPECT(line.id, "null");
    cr_assert_eq(line.before.len, 5);
    cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_END);
    bm_ledger_reader_free(reader);
}

#define DOCUMENT "\"ns\":\"d\",\"_id\":1,\"ordinal\":1,\"offset\":0"
#define ELEMENT DOCUMENT ",\"path\":\"p\",\"at\":4"

static const char *const wrong[] = {
    "\n",
    "{}\n",
    "[]\n",
    "{" ELEMENT ",\"action\":\"fill\",\"new\":\"AAEC\"}", /* no end */
    "{" ELEMENT ",\"action\":\"fill\",\"new\":\"AAEC\"} x\n",
    "{" ELEMENT ",\"action\":\"fill\"}\n",
    "{" ELEMENT ",\"action\":\"\",\"new\":\"AAEC\"}\n",
    "{" ELEMENT ",\"action\":\"FILL\",\"new\":\"AAEC\"}\n",
    "{" ELEMENT ",\"action\":\"unset\",\"old\":\"AAEC\",\"new\":\"AAEC\"}\n",
    "{" ELEMENT ",\"action\":\"fill\",\"new\":\"AAE\"}\n",
    "{" ELEMENT ",\"action\":\"fill\",\"new\":\"AA*C\"}\n",
    "{" ELEMENT ",\"action\":\"fill\",\"new\":7}\n",
    "{" ELEMENT ",\"action\":\"fill\",\"new\":\"AAEC\",\"ns\":\"e\"}\n",
    "{" ELEMENT ",\"action\":\"fill\",\"new\":\"AAEC\",\"what\":\"e\"}\n",
    "{" ELEMENT ",\"action\":\"reject\",\"old\":\"AAEC\"}\n",
    "{" DOCUMENT ",\"path\":\"p\",\"at\":-4,\"action\":\"fill\",\"new\":\"AAEC\"}\n",
    "{" DOCUMENT ",\"path\":\"p\",\"at\":4.5,\"action\":\"fill\",\"new\":\"AAEC\"}\n",
    "{" DOCUMENT
    ",\"path\":\"p\",\"at\":18446744073709551616,\"action\":\"fill\",\"new\":\"AA==\"}\n",
    "{\"ns\":\"d\",\"action\":\"metadata\",\"old\":\"\"}\n",
    "{\"ns\":\"d\",\"action\":\"metadata\",\"old\":\"\",\"new\":\"\",\"at\":1}\n",
    "{\"action\":\"metadata\",\"old\":\"\",\"new\":\"\"}\n",
};

Test(ledger_read, what_is_no_line_is_refused_with_its_number)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[1024];
        snprintf(text, sizeof text, "{" DOCUMENT ",\"action\":\"reject\",\"old\":\"AAEC\"}\n%s",
                 wrong[i]);
        struct bm_ledger_reader *reader = open_text(text);
        struct bm_ledger_line line;
        struct bm_error err = BM_ERROR_INIT;
        cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_OK, "%s", err.text);
        cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_FAIL, "%s", wrong[i]);
        cr_assert_eq(err.code, BM_ERROR_USAGE, "%s", wrong[i]);
        cr_assert(strncmp(err.text, "line 2 is none of a ledger: ", 28) == 0, "%s", err.text);
        cr_assert_neq(strstr(err.file, "ledger"), NULL);
        bm_ledger_reader_free(reader);
    }
}

Test(ledger_read, an_empty_file_has_no_lines)
{
    struct bm_ledger_reader *reader = open_text("");
    struct bm_ledger_line line;
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_END);
    bm_ledger_reader_free(reader);
    cr_assert_null(bm_ledger_reader_new(test_scratch_path(&scratch, "absent"), NULL, &err));
    cr_assert_eq(err.code, BM_ERROR_IO);
}

static long pages(void)
{
    long size = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    cr_assert(statm != NULL && fscanf(statm, "%ld", &size) == 1);
    (void)fclose(statm);
    return size;
}

/* Lines whose length is another member's each time: what one took is given back before the next. */
Test(ledger_read, long_lines_do_not_add_up)
{
    static const char *const formats[] = {
        "{\"ns\":\"%s\",\"action\":\"metadata\",\"old\":\"a\",\"new\":\"b\"}\n",
        "{\"ns\":\"a\",\"action\":\"metadata\",\"old\":\"%s\",\"new\":\"b\"}\n",
        "{\"ns\":\"a\",\"action\":\"metadata\",\"old\":\"a\",\"new\":\"%s\"}\n",
        ("{\"ns\":\"d\",\"_id\":1,\"ordinal\":0,\"offset\":0,\"path\":\"%s\",\"at\":4,"
         "\"action\":\"unset\",\"old\":\"/w==\"}\n"),
        "{\"ns\":\"a\",\"action\":\"metadata\",\"old\":\"a\",\"new\":\"b\"}\n"};
    enum { LONG = 12 << 20 };
    char *member = malloc(LONG + 1);
    cr_assert_not_null(member);
    memset(member, 'x', LONG);
    member[LONG] = '\0';
    FILE *file = fopen(test_scratch_path(&scratch, "long"), "w");
    cr_assert_not_null(file);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        cr_assert_gt(fprintf(file, formats[i], member), 0);
    }
    cr_assert_eq(fclose(file), 0);
    free(member);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_ledger_line line;
    struct bm_ledger_reader *reader =
        bm_ledger_reader_new(test_scratch_path(&scratch, "long"), NULL, &err);
    cr_assert_not_null(reader);
    long before = pages();
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        cr_assert_eq(bm_ledger_reader_next(reader, &line, &err), BM_OK, "%s", err.text);
        /* The line and the member, each doubled once too often. */
        cr_expect_leq(pages() - before, (4L * LONG) / 4096, "line %zu: %ld pages", i,
                      pages() - before);
    }
    cr_expect_leq(pages() - before, (1L << 20) * 8 / 4096, "nothing is kept: %ld pages",
                  pages() - before);
    bm_ledger_reader_free(reader);
}
