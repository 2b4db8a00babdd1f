/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger: what is wrong with it is a usage error that names the line, and what its lines say is
 * read again from the lines that are written of it. */
#include "fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "bsonmend/report.h"
#include "report/ledger_read.h"

#define BYTES_MOST ((size_t)1 << 24)

/* Readers take a path: that of a file without a name, which stays open. */
static struct bm_ledger_reader *open_ledger(FILE *file, struct bm_view bytes)
{
    char path[64];
    struct bm_error err = BM_ERROR_INIT;
    rewind(file);
    FUZZ_HOLDS(ftruncate(fileno(file), 0) == 0);
    FUZZ_HOLDS(bytes.len == 0 || fwrite(bytes.data, 1, bytes.len, file) == bytes.len);
    FUZZ_HOLDS(fflush(file) == 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    struct bm_ledger_reader *reader = bm_ledger_reader_new(path, NULL, &err);
    FUZZ_HOLDS(reader != NULL);
    return reader;
}

static char *text_of(struct bm_view view)
{
    char *text = calloc(view.len + 1, 1);
    FUZZ_HOLDS(text != NULL);
    if (view.len > 0) {
        memcpy(text, view.data, view.len);
    }
    return text;
}

/* What is written has no line for a change without what its action is about, nor for names with a
 * zero byte; and what is no text is shown as such. */
static int is_written_alike(const struct bm_ledger_line *line)
{
    int has_zero = (line->ns.len > 0 && memchr(line->ns.data, 0, line->ns.len) != NULL) ||
                   (line->path.len > 0 && memchr(line->path.data, 0, line->path.len) != NULL);
    int is_text = bm_utf8_all_text(line->ns) && bm_utf8_all_text(line->path) &&
                  (line->action != BM_ACTION_METADATA ||
                   (bm_utf8_all_text(line->before) && bm_utf8_all_text(line->after)));
    int needs_before = line->action == BM_ACTION_UNSET || line->action == BM_ACTION_REJECT;
    int needs_after = line->action == BM_ACTION_FILL || line->action == BM_ACTION_REFILL;
    return !has_zero && is_text && (!needs_before || line->before.len > 0) &&
           (!needs_after || line->after.len > 0);
}

static void write_line(const struct bm_ledger_line *line, struct bm_buffer *out)
{
    struct bm_error err = BM_ERROR_INIT;
    char *ns_text = text_of(line->ns);
    char *path = text_of(line->path);
    const struct bm_namespace ns = {.ns = ns_text};
    int is_element = line->action != BM_ACTION_REJECT && line->action != BM_ACTION_METADATA;
    const struct bm_change change = {.action = line->action,
                                     .ns = &ns,
                                     .ordinal = line->ordinal,
                                     .path = is_element ? path : NULL,
                                     .at = line->at,
                                     .before = line->before,
                                     .after = line->after};
    struct bm_writer *writer = bm_writer_buffer_new(out, &err);
    struct bm_ledger *ledger = bm_ledger_new(writer, &err);
    FUZZ_HOLDS(writer != NULL && ledger != NULL);
    FUZZ_HOLDS(bm_ledger_change(ledger, &change, &err) == BM_OK);
    FUZZ_HOLDS(bm_ledger_finish(ledger, &err) == BM_OK);
    bm_ledger_free(ledger);
    free(ns_text);
    free(path);
}

static void read_again(const struct bm_ledger_line *line)
{
    static FILE *file;
    file = file != NULL ? file : tmpfile();
    FUZZ_HOLDS(file != NULL);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_ledger_line same;
    struct bm_buffer written = BM_BUFFER_INIT(BYTES_MOST);
    write_line(line, &written);
    struct bm_ledger_reader *reader = open_ledger(file, bm_buffer_view(&written));
    FUZZ_HOLDS(bm_ledger_reader_next(reader, &same, &err) == BM_OK);
    FUZZ_HOLDS(same.action == line->action && same.ordinal == line->ordinal);
    FUZZ_HOLDS(bm_view_equal(same.ns, line->ns) && bm_view_equal(same.before, line->before));
    FUZZ_HOLDS(bm_view_equal(same.path, line->path) && bm_view_equal(same.after, line->after));
    FUZZ_HOLDS(same.at == line->at);
    FUZZ_HOLDS(bm_ledger_reader_next(reader, &same, &err) == BM_END);
    bm_ledger_reader_free(reader);
    bm_buffer_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *file;
    file = file != NULL ? file : tmpfile();
    FUZZ_HOLDS(file != NULL);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_ledger_line line;
    struct bm_ledger_reader *reader = open_ledger(file, (struct bm_view){data, size});
    enum bm_status status;
    uint64_t number = 0;
    while ((status = bm_ledger_reader_next(reader, &line, &err)) == BM_OK) {
        FUZZ_HOLDS(line.number == ++number);
        FUZZ_HOLDS(line.ns.len + line.path.len + line.before.len + line.after.len <= size);
        if (is_written_alike(&line)) {
            read_again(&line);
        }
    }
    if (status == BM_FAIL) {
        char words[64];
        (void)snprintf(words, sizeof words,
                       "line %llu is none of a ledger: ", (unsigned long long)number + 1);
        FUZZ_HOLDS(err.code == BM_ERROR_USAGE && strncmp(err.text, words, strlen(words)) == 0);
    }
    bm_ledger_reader_free(reader);
    return 0;
}
