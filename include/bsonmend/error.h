/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_ERROR_H
#define BSONMEND_ERROR_H

#include "bsonmend/view.h"

/* What every fallible call returns. BM_END is no failure: there is properly nothing more. */
enum bm_status { BM_OK = 0, BM_END = 1, BM_FAIL = -1 };

/* Why a call failed; decides the exit status (bm_error_exit). */
enum bm_error_code {
    BM_ERROR_NONE = 0,
    BM_ERROR_USAGE,     /* what was asked for cannot be: exit 2 */
    BM_ERROR_TRUNCATED, /* the input ends before it is complete: exit 3 */
    BM_ERROR_CORRUPT,   /* the input is damaged: exit 3 */
    BM_ERROR_IO,        /* reading or writing failed; sys_errno says how: exit 4 */
    BM_ERROR_MEMORY,    /* no memory, or the stated budget is used up: exit 4 */
    BM_ERROR_VIOLATION, /* what was found cannot be mended as asked: exit 1 */
    BM_ERROR_STOPPED    /* the caller's stop flag was raised: the CLI dies of its signal */
};

#define BM_NO_OFFSET UINT64_MAX

/*
 * One failure. The caller owns it, starts it with BM_ERROR_INIT and has nothing to free. The first
 * failure wins: the layer that fails fills code, sys_errno and text; layers above only add what is
 * still empty (bm_error_at, bm_error_in, bm_error_file). Texts are cut to fit, always terminated,
 * and may hold bytes of the input: whoever prints them escapes them.
 */
struct bm_error {
    enum bm_error_code code;
    int sys_errno;   /* 0, or errno saved at the failing call */
    uint64_t offset; /* bytes in the decoded stream; BM_NO_OFFSET if unknown */
    char file[256];  /* path as the user would know it, "" if unknown */
    char ns[352];    /* "db.collection", "" if unknown */
    char id[64];     /* _id as Extended JSON, cut with "...", "" if unknown */
    char text[320];  /* the reason, without place and without strerror */
};

#define BM_ERROR_INIT ((struct bm_error){.code = BM_ERROR_NONE, .offset = BM_NO_OFFSET})

/* Fills *err (if it holds no failure yet) and returns BM_FAIL. `sys_errno` 0: none. */
enum bm_status bm_fail(struct bm_error *err, enum bm_error_code code, int sys_errno,
                       const char *format, ...) BM_PRINTF(4, 5);

/* Adds the offset (bytes, decoded) if none is known yet; returns BM_FAIL for `return
 * bm_error_at(…)`. */
enum bm_status bm_error_at(struct bm_error *err, uint64_t offset);
/* Adds the namespace ("db.collection") if none is known yet; returns BM_FAIL. */
enum bm_status bm_error_in(struct bm_error *err, const char *ns);
/* Adds the file if none is known yet; returns BM_FAIL. A long path keeps its end. */
enum bm_status bm_error_file(struct bm_error *err, const char *path);

/* 0 for BM_ERROR_NONE, else the exit status of the command line (2, 3, 4 or 1). */
int bm_error_exit(enum bm_error_code code);

#endif
