/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "fixture.h"

#include <bson/bson.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fixture_die(const struct fixture *build, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s:%zu: ", build->source, build->line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void fixture_append(struct fixture *build, const void *data, size_t len)
{
    struct fixture_bytes *out = &build->out;
    if (out->room - out->len < len) {
        out->room = (out->len + len) * 2;
        out->data = realloc(out->data, out->room);
        if (out->data == NULL) {
            fixture_die(build, "no memory");
        }
    }
    if (len > 0) {
        memcpy(out->data + out->len, data, len);
    }
    out->len += len;
}

void fixture_put_le32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

uint64_t fixture_number(const struct fixture *build, const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0') {
        fixture_die(build, "not a number: %s", text);
    }
    return value;
}

size_t fixture_position(const struct fixture *build, const char *text)
{
    size_t at = *text == '-' ? build->out.len - fixture_number(build, text + 1)
                             : fixture_number(build, text);
    if (at > build->out.len) {
        fixture_die(build, "past the end: %s", text);
    }
    return at;
}

char *fixture_word(char **rest)
{
    char *start = *rest + strspn(*rest, " ");
    size_t len = strcspn(start, " ");
    if (len == 0) {
        return NULL;
    }
    *rest = start + len + (start[len] != '\0');
    start[len] = '\0';
    return start;
}

char *fixture_need(struct fixture *build, char **rest)
{
    char *found = fixture_word(rest);
    if (found == NULL) {
        fixture_die(build, "something is missing at the end of this line");
    }
    return found;
}

void fixture_append_json(struct fixture *build, const char *json)
{
    bson_error_t error;
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, &error);
    if (document == NULL) {
        fixture_die(build, "%s: %s", error.message, json);
    }
    build->last_document = build->out.len;
    fixture_append(build, bson_get_data(document), document->len);
    bson_destroy(document);
}

void fixture_do_cut(struct fixture *build, char *rest)
{
    build->out.len -= fixture_number(build, rest);
}

void fixture_do_cut_at(struct fixture *build, char *rest)
{
    build->out.len = fixture_position(build, rest);
}

void fixture_do_set_byte(struct fixture *build, char *rest)
{
    size_t at = fixture_position(build, fixture_need(build, &rest));
    build->out.data[at] = (uint8_t)strtoul(fixture_need(build, &rest), NULL, 16);
}

void fixture_do_length(struct fixture *build, char *rest)
{
    fixture_put_le32(build->out.data + build->last_document, (uint32_t)fixture_number(build, rest));
}

/* Runs what was added since the last member through a command. */
static void pack(struct fixture *build, const char *tool)
{
    char name[] = "/tmp/gen-fixtures.XXXXXX";
    char command[128];
    uint8_t block[4096];
    size_t got, len = build->out.len - build->member;
    int fd = mkstemp(name);
    if (fd < 0 || write(fd, build->out.data + build->member, len) != (ssize_t)len) {
        fixture_die(build, "%s: %s", name, strerror(errno));
    }
    close(fd);
    snprintf(command, sizeof command, "%s < %s", tool, name);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL) {
        fixture_die(build, "%s: %s", command, strerror(errno));
    }
    build->out.len = build->member;
    while ((got = fread(block, 1, sizeof block, pipe)) > 0) {
        fixture_append(build, block, got);
    }
    if (pclose(pipe) != 0) {
        fixture_die(build, "%s failed", command);
    }
    unlink(name);
    build->member = build->out.len;
}

void fixture_do_gzip(struct fixture *build, char *rest)
{
    (void)rest;
    pack(build, "gzip -n -9 -c");
}

void fixture_do_zstd(struct fixture *build, char *rest)
{
    (void)rest;
    pack(build, "zstd -q -3 --check -c");
}

/* What is there is a member as it is. */
void fixture_do_member(struct fixture *build, char *rest)
{
    (void)rest;
    build->member = build->out.len;
}
