/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_TOOLS_FIXTURE_H
#define BSONMEND_TOOLS_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

/* What the parts of gen-fixtures share: the fixture being made, and its directives. */

enum { SUMS_MAX = 16, TEMPLATES_MAX = 8 };

struct fixture_bytes {
    uint8_t *data;
    size_t len, room;
};

struct fixture_checksum {
    char ns[128];
    uint64_t crc; /* running value, not yet inverted */
};

struct fixture_template {
    uint64_t every, at; /* every 0: all that no other takes */
    char *text;
};

struct fixture {
    const char *source;
    size_t line;
    char fixture[1024];       /* path of the fixture */
    char file[2048];          /* path of the file being made, "" if none */
    struct fixture_bytes out; /* what the file will hold */
    size_t member;            /* where the codec member being made starts */
    size_t last_document;     /* where the last document starts */
    struct fixture_checksum sums[SUMS_MAX];
    size_t sum_count;
    struct fixture_checksum *open; /* the namespace whose segment is open, or NULL */
    uint64_t from, to;             /* of the repeat being collected */
    int collecting;
    struct fixture_template templates[TEMPLATES_MAX];
    size_t template_count;
};

/* Says SOURCE:LINE: what and exits with 1. */
void fixture_die(const struct fixture *build, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
void fixture_append(struct fixture *build, const void *data, size_t len);
void fixture_append_json(struct fixture *build, const char *json);
/* What was added from `start` on is data of the open namespace, if there is one: into its checksum.
 */
void fixture_sum_from(struct fixture *build, size_t start);
void fixture_put_le32(uint8_t *at, uint32_t value);
uint64_t fixture_number(const struct fixture *build, const char *text);
/* A position in the file; negative counts from its end. */
size_t fixture_position(const struct fixture *build, const char *text);
/* The next word, cut out of the line; NULL at its end. *rest moves on. */
char *fixture_word(char **rest);
/* The same, but there must be one. */
char *fixture_need(struct fixture *build, char **rest);
void fixture_run_line(struct fixture *build, char *line);

/* The directives; each takes the rest of its line. */
void fixture_do_announce(struct fixture *build, char *rest);
void fixture_do_archive(struct fixture *build, char *rest);
void fixture_do_bytes(struct fixture *build, char *rest);
void fixture_do_cut(struct fixture *build, char *rest);
void fixture_do_cut_at(struct fixture *build, char *rest);
void fixture_do_document(struct fixture *build, char *rest);
void fixture_do_eof(struct fixture *build, char *rest);
void fixture_do_gzip(struct fixture *build, char *rest);
void fixture_do_item(struct fixture *build, char *rest);
void fixture_do_length(struct fixture *build, char *rest);
void fixture_do_member(struct fixture *build, char *rest);
void fixture_do_open(struct fixture *build, char *rest);
void fixture_do_segment(struct fixture *build, char *rest);
void fixture_do_set_byte(struct fixture *build, char *rest);
void fixture_do_term(struct fixture *build, char *rest);
void fixture_do_text(struct fixture *build, char *rest);
void fixture_do_zstd(struct fixture *build, char *rest);

#endif
