/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "bsonmend/key.h"

#define NUMBER_MOST 9999

/* Reads digits up to NUMBER_MOST; -1: none are there, or too many. */
static int number_at(const char **text)
{
    int number = 0;
    const char *at = *text;
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (*at - '0');
        if (number > NUMBER_MOST) {
            return -1;
        }
    }
    int any = at != *text;
    *text = at;
    return any ? number : -1;
}

struct bm_server bm_server_parse(const char *text)
{
    struct bm_server newest = {INT_MAX, 0};
    if (text == NULL) {
        return newest;
    }
    int major = number_at(&text);
    if (major < 0 || *text++ != '.') {
        return newest;
    }
    int minor = number_at(&text);
    if (minor < 0 || (major == 0 && minor == 0)) {
        return newest;
    }
    return (struct bm_server){major, minor};
}

int bm_server_before(struct bm_server server, int major, int minor)
{
    return server.major < major || (server.major == major && server.minor < minor);
}
