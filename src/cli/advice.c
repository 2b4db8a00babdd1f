/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/table.h"

/* One word as a shell reads it back. */
static void print_word(FILE *stream, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_@%+=:,./-";
    if (word[0] != '\0' && word[strspn(word, safe)] == '\0') {
        (void)fputs(word, stream);
        return;
    }
    (void)fputc('\'', stream);
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            (void)fputs("'\\''", stream);
        } else {
            (void)fputc(*word, stream);
        }
    }
    (void)fputc('\'', stream);
}

static void print_given(FILE *stream, const struct given_option *given)
{
    (void)fprintf(stream, "--%s", given->row->name);
    if (given->value != NULL) {
        (void)fputc(given->row->argument == ARGUMENT_MAY ? '=' : ' ', stream);
        print_word(stream, given->value);
    }
}

/* A stream over memory that ends as the text, or as NULL when there was none for it. */
static char *close_text(FILE *stream, char **text)
{
    int failed = ferror(stream);
    if (fclose(stream) != 0 || failed) {
        free(*text);
        return NULL;
    }
    return *text;
}

char *advice_arguments(const struct options *options)
{
    char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);
    if (stream == NULL) {
        return NULL;
    }
    const char *before = "";
    /* Of two dumps it is the second that is judged, and its rules are carried out already. */
    const char *dump = options->after != NULL ? options->after : options->dump;
    unsigned needed = options->after != NULL ? FOR_CHECK | FOR_FIX : FOR_FIX;
    if (dump != NULL) {
        /* A name like an option would be read as one. */
        (void)fputs(dump[0] == '-' ? "./" : "", stream);
        print_word(stream, dump);
        before = " ";
    }
    for (size_t i = 0; i < options->given_count; i++) {
        unsigned commands = options->given[i].row->commands;
        if ((commands & needed) == needed && (commands & NOT_REPEATED) == 0) {
            (void)fputs(before, stream);
            print_given(stream, &options->given[i]);
            before = " ";
        }
    }
    return close_text(stream, &text);
}

/* A name for the output that is neither taken nor inside what is read. */
static void print_free_name(FILE *stream, const struct options *options, const char *name)
{
    struct stat found;
    const char *dump = options->after != NULL ? options->after : options->dump;
    const char *folder = dump != NULL && bm_place_below(name, dump) ? "../" : "";
    char path[64];
    (void)snprintf(path, sizeof path, "%s%s", folder, name);
    for (int copy = 2; copy < 1000 && lstat(path, &found) == 0; copy++) {
        (void)snprintf(path, sizeof path, "%smended-%d%s", folder, copy, name + strlen("fixed"));
    }
    (void)fprintf(stream, "-o %s", path);
}

char *advice_output(const struct options *options, enum bm_container input)
{
    static const char *const names[] = {
        [BM_CONTAINER_BSON] = "fixed.bson",
        [BM_CONTAINER_DIRECTORY] = "fixed",
        [BM_CONTAINER_ARCHIVE] = "fixed.archive",
        [BM_CONTAINER_KEEP] = "fixed",
    };
    char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);
    if (stream == NULL) {
        return NULL;
    }
    int streamed = options->command->command == BM_COMMAND_FIX && !options->dry_run;
    const char *before = "";
    if (options->out != NULL) {
        (void)fputs("-o ", stream);
        print_word(stream, options->out);
        before = " ";
    } else if (!streamed) {
        print_free_name(stream, options, names[input]);
        before = " ";
    }
    /* What stood at the ends of a pipe is not known here: words to be filled in. */
    if (options->dump == NULL) {
        (void)fprintf(stream, "%s< DUMP", before);
        before = " ";
    }
    if (options->out == NULL && streamed) {
        (void)fprintf(stream, "%s> FIXED", before);
    }
    return close_text(stream, &text);
}
