/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#define HELP_COLUMN 28
#define HELP_WIDTH 100

/* Words from a column on, broken at blanks. */
static void print_wrapped(FILE *stream, const char *text, size_t column)
{
    const char *before = "";
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column + strlen(before) + len > HELP_WIDTH) {
            (void)fprintf(stream, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
            before = "";
        }
        (void)fprintf(stream, "%s%.*s", before, (int)len, text);
        column += strlen(before) + len;
        text += len;
        before = *text == ' ' ? " " : "";
        text += *text == ' ';
    }
    (void)fputc('\n', stream);
}

static void print_option(FILE *stream, const struct option_row *row)
{
    char head[80];
    char letter[8] = "    ";
    if (row->letter != '\0') {
        (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
    }
    int n = snprintf(head, sizeof head, "  %s--%s%s%s", letter, row->name,
                     row->value != NULL ? " " : "", row->value != NULL ? row->value : "");
    size_t len = n > 0 ? (size_t)n : 0;
    if (len + 2 > HELP_COLUMN) {
        (void)fprintf(stream, "%s\n%*s", head, HELP_COLUMN, "");
    } else {
        (void)fprintf(stream, "%-*s", HELP_COLUMN, head);
    }
    print_wrapped(stream, row->help, HELP_COLUMN);
}

void help_print(FILE *stream, const struct command_row *command)
{
    (void)fputs("bsonmend: fill empty tokens in a mongodump and judge its unique indexes, without "
                "a server\n\nUsage:\n",
                stream);
    unsigned mask = command != NULL ? command->mask : (unsigned)FOR_ALL;
    for (size_t i = 0; i < command_row_count; i++) {
        const struct command_row *row = &command_rows[i];
        if ((row->mask & mask) != 0) {
            (void)fprintf(stream, "  bsonmend %-6s %-26s %s\n", row->name, row->operands,
                          row->help);
        }
    }
    (void)fputs("\nDUMP is a mongodump directory, an archive or a .bson file; absent or '-' it is "
                "standard input.\nContainer and codec (gzip, zstd, none) are told by content. "
                "Options may follow DUMP.\n\nOptions:\n",
                stream);
    for (size_t i = 0; i < option_row_count; i++) {
        if (option_rows[i].help != NULL && (option_rows[i].commands & mask) != 0) {
            print_option(stream, &option_rows[i]);
        }
    }
    (void)fputs("\nExit status: 0 nothing wrong, or all mended; 1 violations, or an index that was "
                "not judged;\n2 usage; 3 input damaged; 4 input/output or memory.\n",
                stream);
}
