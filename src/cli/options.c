/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

/* Above every character a short option may have. */
#define LONG_OPTION 256

/* What getopt_long wants to be told. */
struct grammar {
    struct option *longs;
    char *shorts;
};

static enum bm_status make_grammar(struct grammar *grammar, struct bm_error *err)
{
    grammar->longs = calloc(option_row_count + 1, sizeof *grammar->longs);
    grammar->shorts = calloc(option_row_count + 1, 3);
    if (grammar->longs == NULL || grammar->shorts == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "no memory for the command line");
    }
    /* '-': operands come in their place; ':': a missing argument is told apart. */
    char *at = grammar->shorts;
    *at++ = '-';
    *at++ = ':';
    static const int wants[] = {no_argument, required_argument, optional_argument};
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        grammar->longs[i] = (struct option){
            .name = row->name, .has_arg = wants[row->argument], .val = LONG_OPTION + (int)i};
        if (row->letter == '\0') {
            continue;
        }
        *at++ = row->letter;
        for (int colons = wants[row->argument]; colons > 0; colons--) {
            *at++ = ':';
        }
    }
    return BM_OK;
}

/* The row of what getopt_long returned or left in optopt; NULL: it knows none. */
static const struct option_row *find_row(int code)
{
    if (code >= LONG_OPTION) {
        return &option_rows[code - LONG_OPTION];
    }
    for (size_t i = 0; code > 0 && i < option_row_count; i++) {
        if (option_rows[i].letter == (char)code) {
            return &option_rows[i];
        }
    }
    return NULL;
}

/* getopt_long takes any prefix of a name that no other name shares; a later version may have one
 * that does. */
static int is_written_out(const struct option_row *row, const char *word)
{
    size_t len = strlen(row->name);
    return strncmp(word, "--", 2) == 0 && strncmp(word + 2, row->name, len) == 0 &&
           (word[2 + len] == '\0' || word[2 + len] == '=');
}

static enum bm_status refuse_connection(const struct option_row *row, struct bm_error *err)
{
    const char *hint = row->letter == 'h' ? " (--help tells what there is)" : "";
    return bm_fail(err, BM_ERROR_USAGE, 0, "--%s: bsonmend never connects: give a dump%s",
                   row->name, hint);
}

static enum bm_status refuse_word(int code, const char *word, struct bm_error *err)
{
    const struct option_row *row = find_row(optopt);
    if (row != NULL && row->take == NULL) {
        return refuse_connection(row, err);
    }
    if (row != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--%s takes %s argument", row->name,
                       code == ':' ? "an" : "no");
    }
    if (optopt > 0 && optopt < LONG_OPTION) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "unknown option -%c", optopt);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "unknown option %s", word);
}

/* The same option with another value: which one is meant cannot be known. */
static enum bm_status refuse_second(const struct options *options, const struct option_row *row,
                                    const char *value, struct bm_error *err)
{
    for (size_t i = 0; row->repeat == ONE_VALUE && i < options->given_count; i++) {
        const struct given_option *given = &options->given[i];
        if (given->row == row && value != NULL && strcmp(given->value, value) != 0) {
            return bm_fail(err, BM_ERROR_USAGE, 0, "--%s is given twice: '%s' and '%s'", row->name,
                           given->value, value);
        }
    }
    return BM_OK;
}

/* Who reads "a number is wanted" must learn where. */
static enum bm_status name_option(const struct option_row *row, struct bm_error *err)
{
    struct bm_error named = *err;
    (void)snprintf(named.text, sizeof named.text, "--%s: %.280s", row->name, err->text);
    *err = named;
    return BM_FAIL;
}

static enum bm_status take_option(struct options *options, const struct option_row *row,
                                  const char *value, struct bm_error *err)
{
    if (row->take == NULL) {
        return refuse_connection(row, err);
    }
    if (options->command != NULL && (row->commands & options->command->mask) == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--%s is no option of bsonmend %s", row->name,
                       options->command->name);
    }
    if (refuse_second(options, row, value, err) != BM_OK) {
        return BM_FAIL;
    }
    if (row->take(options, value, err) != BM_OK) {
        return name_option(row, err);
    }
    options->given[options->given_count++] = (struct given_option){row, value};
    return BM_OK;
}

static enum bm_status take_operand(struct options *options, const char *word, struct bm_error *err)
{
    int is_pair = options->command->dumps > 1;
    const char **operand = is_pair && options->dump != NULL ? &options->after : &options->dump;
    if (*operand != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s: '%s' is one too many",
                       is_pair ? "BEFORE and AFTER" : "one DUMP at a time", word);
    }
    if (word[0] == '\0') {
        return bm_fail(err, BM_ERROR_USAGE, 0, "DUMP is empty: a path is wanted%s",
                       is_pair ? "" : ", or '-'");
    }
    if (is_pair && strcmp(word, "-") == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s reads two dumps: paths are wanted, not '-'",
                       options->command->name);
    }
    *operand = word;
    return BM_OK;
}

static enum bm_status read_words(struct options *options, const struct grammar *grammar, int argc,
                                 char **argv, struct bm_error *err)
{
    opterr = 0;
    optind = 1;
    enum bm_status status = BM_OK;
    while (status == BM_OK && options->request == REQUEST_RUN) {
        int code = getopt_long(argc, argv, grammar->shorts, grammar->longs, NULL);
        if (code == -1) {
            break;
        }
        if (code == 1) {
            status = take_operand(options, optarg, err);
            continue;
        }
        const struct option_row *row = find_row(code);
        if (row == NULL) {
            return refuse_word(code, argv[optind - 1], err);
        }
        int apart = optarg != NULL && optarg == argv[optind - 1];
        const char *word = argv[optind - (apart ? 2 : 1)];
        if (code >= LONG_OPTION && !is_written_out(row, word)) {
            return bm_fail(err, BM_ERROR_USAGE, 0, "unknown option %s", word);
        }
        status = take_option(options, row, optarg, err);
    }
    while (status == BM_OK && options->request == REQUEST_RUN && optind < argc) {
        status = take_operand(options, argv[optind++], err);
    }
    return status;
}

static enum bm_status find_command(struct options *options, const char *word, struct bm_error *err)
{
    for (size_t i = 0; i < command_row_count; i++) {
        if (strcmp(word, command_rows[i].name) == 0) {
            options->command = &command_rows[i];
            return BM_OK;
        }
    }
    if (word[0] == '-') {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "the command comes first: check, fix, verify or list, not '%s'", word);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "unknown command '%s': check, fix, verify or list",
                   word);
}

enum bm_status options_read(struct options *options, int argc, char **argv, struct bm_error *err)
{
    *options = (struct options){
        .container = BM_CONTAINER_KEEP,
        .compression = {.codec = BM_CODEC_KEEP},
        .existing = BM_REFUSE_EXISTING,
        .verification = BM_VERIFY_OUTPUT,
        .report_limit = 1000,
        .redaction = BM_SHOW_VALUES,
    };
    bm_rules_init(&options->rules);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "--version") == 0) {
        options->request = argv[1][2] == 'h' ? REQUEST_HELP : REQUEST_VERSION;
        return BM_OK;
    }
    if (find_command(options, argv[1], err) != BM_OK) {
        return BM_FAIL;
    }
    struct grammar grammar = {0};
    enum bm_status status = BM_FAIL;
    /* Every option takes a word, or a letter of one. */
    size_t letters = 0;
    for (int i = 1; i < argc; i++) {
        letters += strlen(argv[i]) + 1;
    }
    options->given = calloc(letters, sizeof *options->given);
    if (options->given == NULL) {
        (void)bm_fail(err, BM_ERROR_MEMORY, 0, "no memory for the command line");
        goto out;
    }
    if (make_grammar(&grammar, err) != BM_OK) {
        goto out;
    }
    status = read_words(options, &grammar, argc - 1, argv + 1, err);
    if (status == BM_OK && options->request == REQUEST_RUN && options->command->dumps > 1 &&
        options->after == NULL) {
        status = bm_fail(err, BM_ERROR_USAGE, 0, "%s takes two dumps, BEFORE and AFTER",
                         options->command->name);
    }
    if (options->dump != NULL && strcmp(options->dump, "-") == 0) {
        options->dump = NULL;
    }
out:
    free(grammar.longs);
    free(grammar.shorts);
    return status;
}

void options_free(struct options *options)
{
    bm_rules_free(&options->rules);
    free(options->given);
}
