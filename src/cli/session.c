/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/advice.h"
#include "cli/folder.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "cli/report_file.h"
#include "cli/table.h"

/* What is listed without -v: groups an index, documents a group. */
#define USUAL_GROUPS 10
#define USUAL_DOCUMENTS 5

void session_complain(const struct bm_error *error)
{
    char line[BM_ERROR_LINE];
    bm_report_error(error, line);
    (void)fprintf(stderr, "bsonmend: %s\n", line);
}

static size_t limit_of(const struct options *options, size_t usual)
{
    size_t limit = (size_t)options->report_limit;
    return options->verbosity == SAY_MUCH || limit < usual ? limit : usual;
}

/* Standard output sent into the file that is read: each byte written destroys one not yet read. */
static int is_in_place(const struct options *options)
{
    struct stat out;
    struct stat in;
    int looked = options->dump != NULL ? stat(options->dump, &in) : fstat(STDIN_FILENO, &in);
    return looked == 0 && fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode) &&
           out.st_dev == in.st_dev && out.st_ino == in.st_ino;
}

/* What is asked for that cannot be, before anything is opened. */
static enum bm_status check_streams(const struct options *options, struct bm_error *err)
{
    int is_data =
        options->command->command == BM_COMMAND_FIX && options->out == NULL && !options->dry_run;
    if (is_data && report_to_stdout(options)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--report: standard output has the dump: name a file, or give -o OUT");
    }
    if (is_data && isatty(STDOUT_FILENO)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "standard output is a terminal: give -o OUT, or send it to a file or pipe");
    }
    if (is_in_place(options)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "standard output is the file that is read");
    }
    if (options->dump == NULL && isatty(STDIN_FILENO)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "standard input is a terminal: give DUMP, or send a dump into it");
    }
    return BM_OK;
}

static int is_given(const struct options *options, const char *name)
{
    for (size_t i = 0; i < options->given_count; i++) {
        if (strcmp(options->given[i].row->name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

static size_t count_duplicates(const struct bm_rules *rules, enum bm_duplicate_action action)
{
    size_t count = 0;
    for (size_t i = 0; i < rules->duplicate_count; i++) {
        count += rules->duplicates[i].action == action ? 1 : 0;
    }
    return count;
}

/* An option that could do nothing is told, not passed over: something else was meant. */
static enum bm_status check_pairs(const struct options *options, struct bm_error *err)
{
    const struct bm_rules *rules = &options->rules;
    size_t fields = rules->fill_count + rules->unset_count;
    size_t changing =
        count_duplicates(rules, BM_DUPLICATE_REFILL) + count_duplicates(rules, BM_DUPLICATE_REJECT);
    size_t tokens = rules->fill_count + count_duplicates(rules, BM_DUPLICATE_REFILL);
    size_t all = fields + changing + rules->index_count + rules->require_count;
    size_t rejecting = count_duplicates(rules, BM_DUPLICATE_REJECT);
    if (options->command->command == BM_COMMAND_VERIFY && options->ledger != NULL) {
        if (all + rules->duplicate_count + rules->keep_count > 0) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--ledger has all that rules changed: give it or the rules, not both");
        }
        all = rejecting = 1;
    }
    const struct {
        const char *option;
        const char *without;
        size_t count; /* of what it needs */
    } pairs[] = {
        {"empty", "--fill or --unset", fields},
        {"attempts", "--fill", tokens},
        {"tokenKey", "--fill", tokens},
        {"keep", "--onDuplicate refill or reject", changing},
        {"rejects", "--onDuplicate reject", rejecting},
        {"ledger", "rules that change something, such as --fill", all},
        {"maxChanges", "rules that change something, such as --fill", all},
        {"force", "-o", options->out != NULL},
        {"noVerify", "-o", options->out != NULL},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i].count == 0 && is_given(options, pairs[i].option)) {
            return bm_fail(err, BM_ERROR_USAGE, 0, "--%s does nothing without %s", pairs[i].option,
                           pairs[i].without);
        }
    }
    return BM_OK;
}

/* Where mongorestore looks for the metadata of a collection: beside its data, be it there by now or
 * not. */
static int is_metadata_name(const char *path)
{
    static const char *const ends[] = {".metadata.json", ".metadata.json.gz", ".metadata.json.zst"};
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);
        if (len >= end && strcmp(path + len - end, ends[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A file we write must not take the place of one we read or write. */
static enum bm_status check_place(const struct options *options, const char *name, const char *path,
                                  struct bm_error *err)
{
    const char *others[] = {options->dump, options->after, options->out, options->token_key};
    if (path != NULL && is_metadata_name(path)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--%s %s would be read as a collection's metadata",
                       name, path);
    }
    for (size_t i = 0; path != NULL && i < sizeof others / sizeof others[0]; i++) {
        if (others[i] != NULL &&
            (bm_place_same(path, others[i]) || bm_place_below(path, others[i]))) {
            return bm_fail(err, BM_ERROR_USAGE, 0, "--%s %s would write over %s, or into it", name,
                           path, others[i]);
        }
    }
    return BM_OK;
}

static int is_at(const char *path, const char *place)
{
    return path != NULL && (bm_place_same(path, place) || bm_place_below(path, place));
}

/* --force takes OUT away with all that is in it, and what a reader takes for OUT's metadata. */
static enum bm_status check_sources(const struct options *options, struct bm_error *err)
{
    for (size_t i = 0; options->out != NULL && i < options->given_count; i++) {
        const char *name = options->given[i].row->name;
        const char *path = options->given[i].value;
        if (strcmp(name, "tokenKey") != 0 && strcmp(name, "rules") != 0) {
            continue;
        }
        if (is_at(path, options->out)) {
            return bm_fail(err, BM_ERROR_USAGE, 0, "--out %s would write over --%s %s",
                           options->out, name, path);
        }
        if (is_metadata_name(path)) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--%s %s would be read as a collection's metadata", name, path);
        }
    }
    return BM_OK;
}

static enum bm_status check_places(const struct options *options, struct bm_error *err)
{
    const char *report = report_to_stdout(options) ? NULL : options->report;
    if (check_sources(options, err) != BM_OK) {
        return BM_FAIL;
    }
    int is_read = options->command->command == BM_COMMAND_VERIFY;
    if (check_place(options, "report", report, err) != BM_OK ||
        check_place(options, "ledger", is_read ? NULL : options->ledger, err) != BM_OK ||
        check_place(options, "rejects", is_read ? NULL : options->rejects, err) != BM_OK) {
        return BM_FAIL;
    }
    if (options->rejects != NULL &&
        (is_at(report, options->rejects) || is_at(options->ledger, options->rejects))) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--rejects %s is a place of --report or --ledger",
                       options->rejects);
    }
    if (report != NULL && options->ledger != NULL && bm_place_same(report, options->ledger)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--report and --ledger are the same file");
    }
    return BM_OK;
}

/* Told at once: it may be needed only after hours of reading. */
static enum bm_status check_spool(const struct options *options, struct bm_error *err)
{
    struct stat found;
    if (options->spool == NULL || (stat(options->spool, &found) == 0 && S_ISDIR(found.st_mode))) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "--spool %s is no folder", options->spool);
}

static enum bm_status write_text(const struct options *options, const struct bm_result *result,
                                 int fd, const volatile sig_atomic_t *stop, struct bm_error *err)
{
    enum bm_status status = BM_FAIL;
    char *arguments = advice_arguments(options);
    char *output = advice_output(options, result->input.container);
    const struct bm_fd_options stream = {
        .fd = fd,
        .ownership = BM_BORROWED,
        .path = fd == STDOUT_FILENO ? "standard output" : "standard error",
        .stop = stop,
    };
    struct bm_writer *writer = bm_writer_fd_new(&stream, err);
    if (writer == NULL) {
        goto out;
    }
    const struct bm_text_options text = {
        .redaction = options->redaction,
        .groups = limit_of(options, USUAL_GROUPS),
        .documents = limit_of(options, USUAL_DOCUMENTS),
        .fix_arguments = arguments,
        .fix_output = output,
        .fix_rejects = options->rejects == NULL ? "--rejects rejected" : NULL,
    };
    if (fd == STDERR_FILENO && bm_report_notes(result, "bsonmend: ", writer, err) != BM_OK) {
        goto out;
    }
    if (bm_report_text(result, &text, writer, err) == BM_OK) {
        status = bm_writer_finish(writer, err);
    }
out:
    bm_writer_free(writer);
    free(arguments);
    free(output);
    return status;
}

static enum bm_status write_notes(const struct bm_result *result, const volatile sig_atomic_t *stop,
                                  struct bm_error *err)
{
    const struct bm_fd_options stream = {
        .fd = STDERR_FILENO, .ownership = BM_BORROWED, .stop = stop};
    struct bm_writer *writer = bm_writer_fd_new(&stream, err);
    if (writer == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = bm_report_notes(result, "bsonmend: ", writer, err);
    if (status == BM_OK) {
        status = bm_writer_finish(writer, err);
    }
    bm_writer_free(writer);
    return status;
}

/* fix without a word more than must be: what is damaged, and why there is no output. */
static void say_little(const struct options *options, const struct bm_result *result)
{
    for (size_t i = 0; i < result->damage_count; i++) {
        const struct bm_damage *damage = &result->damage[i];
        if (!bm_result_is_end(result, damage)) {
            struct bm_error error = BM_ERROR_INIT;
            (void)bm_fail(&error, BM_ERROR_CORRUPT, 0, "%s", damage->what);
            (void)bm_error_at(&error, damage->offset);
            (void)bm_error_in(&error, damage->ns);
            session_complain(&error);
        }
    }
    if (result->output.path == NULL && !options->dry_run && result->error.code == BM_ERROR_NONE) {
        (void)fprintf(stderr, "bsonmend: no output was made: %s\n",
                      bm_outcome_name(bm_result_outcome(result)));
    }
}

/* check and list answer on standard output, which may carry the dump where fix runs. A standard
 * error that takes nothing is no reason to fail. */
static enum bm_status say(const struct options *options, const struct bm_result *result,
                          const volatile sig_atomic_t *stop, struct bm_error *err)
{
    struct bm_error unheard = BM_ERROR_INIT;
    if (options->verbosity == SAY_MUCH && result->recorded > 0) {
        (void)fprintf(stderr,
                      "bsonmend: memory does not hold all keys: %llu were written to a temporary "
                      "file, and the input was read %u times\n",
                      (unsigned long long)result->recorded, result->passes);
    }
    int fix = options->command->command == BM_COMMAND_FIX;
    if (fix && options->verbosity != SAY_LITTLE) {
        (void)write_text(options, result, STDERR_FILENO, stop, &unheard);
        return BM_OK;
    }
    if (options->verbosity != SAY_LITTLE) {
        (void)write_notes(result, stop, &unheard);
    }
    if (fix) {
        say_little(options, result);
    }
    return fix || report_to_stdout(options) ? BM_OK
                                            : write_text(options, result, STDOUT_FILENO, stop, err);
}

/* As many threads as -j says, else as there are processors. */
static unsigned threads_of(const struct options *options)
{
    if (options->jobs > 0) {
        return (unsigned)options->jobs;
    }
    if (options->command->command == BM_COMMAND_LIST) {
        return 1; /* it reads as little as it can */
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1                 ? 1
           : processors < JOBS_USUAL_MOST ? (unsigned)processors
                                          : JOBS_USUAL_MOST;
}

static enum bm_status run_command(const struct options *options, const volatile sig_atomic_t *stop,
                                  struct bm_result *result, struct bm_error *err)
{
    char *folder = folder_for_keys(options);
    struct progress state = {.stream = stderr, .clock = clock_gettime};
    const struct bm_progress progress = {.update = progress_update, .context = &state};
    int watched = options->verbosity == SAY_MUCH || isatty(STDERR_FILENO);
    int listed = options->report != NULL;
    struct bm_run_options run = {
        .command = options->command->command,
        .input = {.path = options->dump,
                  .db = options->db,
                  .collection = options->collection,
                  .threads = threads_of(options),
                  .spool = options->spool,
                  .stop = stop},
        .after = options->after,
        .rules = &options->rules,
        .server_version = options->server_version,
        .output = {.path = options->out,
                   .fd = STDOUT_FILENO,
                   .container = options->container,
                   .compression = options->compression,
                   .threads = threads_of(options),
                   .existing = options->existing},
        .dry_run = options->dry_run,
        .ignore_oplog = options->ignore_oplog,
        .verification = options->verification,
        .ledger = options->ledger,
        .rejects = options->rejects,
        .limit = options->limit,
        .token_key = options->token_key,
        .memory = options->memory > 0 ? options->memory : memory_budget(),
        .folder = folder,
        .group_limit = listed ? (size_t)options->report_limit : limit_of(options, USUAL_GROUPS),
        .document_limit =
            listed ? (size_t)options->report_limit : limit_of(options, USUAL_DOCUMENTS),
        .progress = options->verbosity != SAY_LITTLE && watched ? &progress : NULL,
        .stop = stop,
    };
    progress_start(&state);
    int64_t start = progress_now(&state);
    enum bm_status status = bm_run(&run, result, err);
    result->seconds = (double)(progress_now(&state) - start) / 1000;
    result->peak_memory = memory_peak();
    free(folder);
    return status;
}

/* Says the result, then reports it: the report tells it if saying failed. */
static void tell(const struct options *options, const volatile sig_atomic_t *stop,
                 struct bm_result *result, struct bm_writer *report)
{
    struct bm_error saying = BM_ERROR_INIT;
    struct bm_error writing = BM_ERROR_INIT;
    int silent = result->error.sys_errno == EPIPE || result->error.code == BM_ERROR_STOPPED;
    if (!silent && say(options, result, stop, &saying) != BM_OK &&
        result->error.code == BM_ERROR_NONE) {
        result->error = saying;
        silent = saying.sys_errno == EPIPE || saying.code == BM_ERROR_STOPPED;
    }
    result->signal_number = result->error.code == BM_ERROR_STOPPED ? (int)*stop : 0;
    if (report_write(options, result, report, &writing) != BM_OK) {
        if (writing.sys_errno != EPIPE) {
            session_complain(&writing);
        }
        if (result->error.code == BM_ERROR_NONE) {
            result->error = writing;
            return;
        }
    }
    if (!silent && result->error.code != BM_ERROR_NONE) {
        struct bm_error error = result->error;
        if (options->redaction == BM_REDACT_VALUES && error.id[0] != '\0') {
            (void)snprintf(error.id, sizeof error.id, "<redacted>");
        }
        session_complain(&error);
    }
}

int session_run(const struct options *options, const volatile sig_atomic_t *stop, int *stopped)
{
    struct bm_result result;
    struct bm_writer *report = NULL;
    struct bm_error err = BM_ERROR_INIT;
    bm_result_init(&result);
    *stopped = 0;
    if (check_streams(options, &err) != BM_OK || check_pairs(options, &err) != BM_OK ||
        check_places(options, &err) != BM_OK || check_spool(options, &err) != BM_OK ||
        report_open(options, &report, &err) != BM_OK) {
        session_complain(&err);
        return bm_error_exit(err.code);
    }
    if (run_command(options, stop, &result, &err) != BM_OK) {
        result.error = err;
    }
    tell(options, stop, &result, report);
    *stopped = result.error.code == BM_ERROR_STOPPED;
    int status = bm_result_exit(&result);
    bm_writer_free(report);
    bm_result_free(&result);
    return status;
}
