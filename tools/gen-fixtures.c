/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: gen-fixtures FOLDER SOURCE...
 * Builds each fixture FOLDER/GROUP/NAME from its readable source …/GROUP/NAME.txt;
 * fixtures/README.md lists the directives. Shares no code with the library: what one writes, the
 * other must read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

static void read_source(struct fixture *build, const char *path);

static uint64_t scramble(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* <i>: the number; <hex8>: in eight hexadecimal digits; <rand32>: 32 that it seeds. */
static void run_template(struct fixture *build, const char *text, uint64_t i)
{
    char line[4096];
    size_t len = 0;
    while (*text != '\0') {
        char *out = line + len;
        size_t room = sizeof line - len;
        if (strncmp(text, "<i>", 3) == 0) {
            len += (size_t)snprintf(out, room, "%" PRIu64, i);
            text += 3;
        } else if (strncmp(text, "<hex8>", 6) == 0) {
            len += (size_t)snprintf(out, room, "%08" PRIx64, i);
            text += 6;
        } else if (strncmp(text, "<rand32>", 8) == 0) {
            len += (size_t)snprintf(out, room, "%016" PRIx64 "%016" PRIx64, scramble(2 * i),
                                    scramble(2 * i + 1));
            text += 8;
        } else {
            line[len++] = *text++;
        }
        if (len >= sizeof line - 40) {
            fixture_die(build, "a repeated line is too long");
        }
    }
    line[len] = '\0';
    fixture_run_line(build, line);
}

static void fixture_do_repeat(struct fixture *build, char *rest)
{
    build->from = fixture_number(build, fixture_need(build, &rest));
    build->to = fixture_number(build, fixture_need(build, &rest));
    build->collecting = 1;
}

/* at EVERY:AT LINE */
static void fixture_do_at(struct fixture *build, char *rest)
{
    if (build->template_count == TEMPLATES_MAX) {
        fixture_die(build, "too many lines in a repeat");
    }
    struct fixture_template *entry = &build->templates[build->template_count++];
    if (sscanf(fixture_need(build, &rest), "%" SCNu64 ":%" SCNu64, &entry->every, &entry->at) !=
        2) {
        fixture_die(build, "at EVERY:AT LINE");
    }
    entry->text = strdup(rest);
}

static void fixture_do_other(struct fixture *build, char *rest)
{
    if (build->template_count == TEMPLATES_MAX) {
        fixture_die(build, "too many lines in a repeat");
    }
    build->templates[build->template_count++] = (struct fixture_template){.text = strdup(rest)};
}

static void fixture_do_end(struct fixture *build, char *rest)
{
    (void)rest;
    build->collecting = 0;
    for (uint64_t i = build->from; i <= build->to; i++) {
        for (size_t t = 0; t < build->template_count; t++) {
            const struct fixture_template *entry = &build->templates[t];
            if (entry->every == 0 || i % entry->every == entry->at) {
                run_template(build, entry->text, i);
                break;
            }
        }
    }
    while (build->template_count > 0) {
        free(build->templates[--build->template_count].text);
    }
}

static void make_parents(const struct fixture *build, const char *path)
{
    char folder[2048];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
            fixture_die(build, "%s: %s", folder, strerror(errno));
        }
        *slash = '/';
    }
}

static void finish_file(struct fixture *build)
{
    if (build->file[0] == '\0') {
        return;
    }
    make_parents(build, build->file);
    FILE *file = fopen(build->file, "wb");
    if (file == NULL || fwrite(build->out.data, 1, build->out.len, file) != build->out.len ||
        fclose(file) != 0) {
        fixture_die(build, "%s: %s", build->file, strerror(errno));
    }
    build->file[0] = '\0';
    build->out.len = build->member = build->last_document = 0;
}

/* The fixture is a directory: nothing is made until the first `file`. */
static void fixture_do_directory(struct fixture *build, char *rest)
{
    (void)rest;
    build->file[0] = '\0';
}

static void fixture_do_file(struct fixture *build, char *rest)
{
    finish_file(build);
    snprintf(build->file, sizeof build->file, "%s/%s", build->fixture, rest);
}

static void fixture_do_link(struct fixture *build, char *rest)
{
    char path[2048];
    finish_file(build);
    snprintf(path, sizeof path, "%s/%s", build->fixture, fixture_need(build, &rest));
    make_parents(build, path);
    if (symlink(rest, path) != 0) {
        fixture_die(build, "%s: %s", path, strerror(errno));
    }
}

static void fixture_do_include(struct fixture *build, char *rest)
{
    char path[2048];
    const char *source = build->source;
    size_t line = build->line;
    const char *group = strrchr(source, '/');
    snprintf(path, sizeof path, "%.*s/%s", group != NULL ? (int)(group - source) : 0, source, rest);
    read_source(build, path);
    build->source = source;
    build->line = line;
}

static const struct directive {
    const char *name;
    void (*run)(struct fixture *build, char *rest);
} DIRECTIVES[] = {
    {"announce", fixture_do_announce},
    {"archive", fixture_do_archive},
    {"at", fixture_do_at},
    {"bytes", fixture_do_bytes},
    {"cut", fixture_do_cut},
    {"cut-at", fixture_do_cut_at},
    {"directory", fixture_do_directory},
    {"end", fixture_do_end},
    {"eof", fixture_do_eof},
    {"file", fixture_do_file},
    {"gzip", fixture_do_gzip},
    {"include", fixture_do_include},
    {"item", fixture_do_item},
    {"length", fixture_do_length},
    {"link", fixture_do_link},
    {"member", fixture_do_member},
    {"open", fixture_do_open},
    {"other", fixture_do_other},
    {"repeat", fixture_do_repeat},
    {"segment", fixture_do_segment},
    {"set-byte", fixture_do_set_byte},
    {"term", fixture_do_term},
    {"text", fixture_do_text},
    {"zstd", fixture_do_zstd},
};

void fixture_run_line(struct fixture *build, char *line)
{
    if (*line == '{') {
        fixture_do_document(build, line);
        return;
    }
    char *rest = line;
    const char *name = fixture_word(&rest);
    for (size_t i = 0; name != NULL && i < sizeof DIRECTIVES / sizeof *DIRECTIVES; i++) {
        if (strcmp(DIRECTIVES[i].name, name) == 0) {
            DIRECTIVES[i].run(build, rest);
            return;
        }
    }
    fixture_die(build, "unknown directive: %s", name != NULL ? name : "");
}

static void read_source(struct fixture *build, const char *path)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    FILE *file = fopen(path, "r");
    build->source = path;
    build->line = 0;
    if (file == NULL) {
        fixture_die(build, "%s", strerror(errno));
    }
    while ((len = getline(&line, &room, file)) > 0) {
        build->line++;
        if (line[len - 1] == '\n') {
            line[len - 1] = '\0';
        }
        if (line[0] != '#' && line[0] != '\0') {
            fixture_run_line(build, line);
        }
    }
    free(line);
    fclose(file);
}

/* FOLDER/GROUP/NAME for …/GROUP/NAME.txt */
static void name_fixture(struct fixture *build, const char *folder, const char *source)
{
    const char *slash = strrchr(source, '/');
    const char *group = slash;
    while (group != NULL && group > source && group[-1] != '/') {
        group--;
    }
    if (group == NULL || strlen(slash) < 5) {
        build->source = source;
        fixture_die(build, "a source is called GROUP/NAME.txt");
    }
    snprintf(build->fixture, sizeof build->fixture, "%s/%.*s", folder, (int)(strlen(group) - 4),
             group);
    snprintf(build->file, sizeof build->file, "%s", build->fixture);
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        struct fixture build = {0};
        name_fixture(&build, argv[1], argv[i]);
        read_source(&build, argv[i]);
        if (build.collecting) {
            fixture_die(&build, "a repeat without end");
        }
        finish_file(&build);
        free(build.out.data);
    }
    return 0;
}
