/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_DOCUMENT_H
#define BSONMEND_DOCUMENT_H

#include "bsonmend/error.h"

/* BSON type bytes (bsonspec.org, version 1.1). */
enum bm_type {
    BM_TYPE_DOUBLE = 0x01,
    BM_TYPE_STRING = 0x02,
    BM_TYPE_OBJECT = 0x03,
    BM_TYPE_ARRAY = 0x04,
    BM_TYPE_BINARY = 0x05,
    BM_TYPE_UNDEFINED = 0x06,
    BM_TYPE_OBJECT_ID = 0x07,
    BM_TYPE_BOOL = 0x08,
    BM_TYPE_DATE = 0x09,
    BM_TYPE_NULL = 0x0a,
    BM_TYPE_REGEX = 0x0b,
    BM_TYPE_DB_POINTER = 0x0c,
    BM_TYPE_CODE = 0x0d,
    BM_TYPE_SYMBOL = 0x0e,
    BM_TYPE_CODE_WITH_SCOPE = 0x0f,
    BM_TYPE_INT32 = 0x10,
    BM_TYPE_TIMESTAMP = 0x11,
    BM_TYPE_INT64 = 0x12,
    BM_TYPE_DECIMAL128 = 0x13,
    BM_TYPE_MIN_KEY = 0xff,
    BM_TYPE_MAX_KEY = 0x7f
};

#define BM_DOCUMENT_MIN 5u
#define BM_DOCUMENT_MAX 16777216u       /* data files and archives (mongo-tools common/db/db.go) */
#define BM_DOCUMENT_MAX_OPLOG 16793600u /* entries of an oplog file (mongorestore/oplog.go) */

/* One element of a document. Views borrow from the document. */
struct bm_element {
    uint8_t type;         /* enum bm_type, known and checked */
    struct bm_view name;  /* without its NUL */
    struct bm_view value; /* the encoded value: after the name's NUL up to the next element */
    struct bm_view raw;   /* type byte, name, NUL, value */
};

/* A position among the elements of one document; a plain cursor, copied freely, nothing to free. */
struct bm_elements {
    struct bm_view document;
    size_t at; /* bytes from the start of the document to the next element */
};

/*
 * Starts at the first element of a document, sub-document or array value. The view must be at least
 * as long as its own length says; BM_ERROR_CORRUPT if the length is under 5, past the view, or the
 * last byte is not 0.
 */
enum bm_status bm_elements_open(struct bm_elements *elements, struct bm_view document,
                                struct bm_error *err) BM_MUST_USE;

/*
 * The next element. BM_END: no more. BM_FAIL: BM_ERROR_CORRUPT with offset = bytes from the start
 * of this document to the element at fault: unknown type, name without end, value past the
 * document, string or sub-document whose own length does not fit, end before the last byte. Only
 * this level is checked; sub-documents are checked when opened.
 */
enum bm_status bm_elements_next(struct bm_elements *elements, struct bm_element *out,
                                struct bm_error *err) BM_MUST_USE;

/* The first element called `name` at this level. BM_END: none (then every element was checked). */
enum bm_status bm_document_find(struct bm_view document, struct bm_view name,
                                struct bm_element *out, struct bm_error *err) BM_MUST_USE;

/* 1 when the element has this name. */
int bm_element_is_called(const struct bm_element *element, const char *name);

/* 1 when another element of that name follows this one, which the document holds at its own level;
 * what lies behind damage is not looked at. */
int bm_document_repeats(struct bm_view document, const struct bm_element *element);

/*
 * Checks the structure of a whole document, every level, without recursion: memory grows with the
 * depth only and is bounded by the document's length. Does not judge UTF-8, bool bytes or array
 * names. A BM_ERROR_CORRUPT carries the offset of the innermost element at fault from the start of
 * the document. On BM_FAIL *sound (may be NULL) is the number of bytes before the top-level element
 * in which the damage lies: the elements before that are whole.
 */
enum bm_status bm_document_check(struct bm_view document, size_t *sound,
                                 struct bm_error *err) BM_MUST_USE;

/* Documents within one another that a server stores, the outermost being the first, since 3.6 and
 * unless it is set up otherwise (mongod bson_depth.h: 200, less 20 of its own). */
#define BM_LEVELS_MOST 180u

/* Elements at the top of a document that an outline tells one by one. */
#define BM_OUTLINE_MOST 127u

/*
 * What a check learned of a sound document, so that a later look-up at its top need not measure
 * every element again. It holds no pointer, but belongs to the bytes it was made of.
 */
struct bm_outline {
    size_t levels; /* at most so many documents lie within one another, the document itself being
                      the first */
    int is_whole;  /* 0: damage, or more elements than BM_OUTLINE_MOST; no places then */
    size_t count;  /* of elements at the top */
    struct bm_outline_place {
        uint32_t at;               /* bytes from the start of the document to the element */
        uint32_t value;            /* and to its value */
    } places[BM_OUTLINE_MOST + 1]; /* behind the last: where the elements end */
};

/* As bm_document_check, and makes the outline, which on BM_FAIL is not whole. */
enum bm_status bm_document_outline(struct bm_view document, struct bm_outline *outline,
                                   struct bm_error *err) BM_MUST_USE;
/* The name of an element below outline->count. */
struct bm_view bm_outline_name(const struct bm_outline *outline, struct bm_view document,
                               size_t number);
/* The element of this number, from 0 to count - 1, of a whole outline. */
struct bm_element bm_outline_element(const struct bm_outline *outline, struct bm_view document,
                                     size_t number);
/* As bm_document_find and bm_document_repeats; where the outline is not whole, or NULL, those are
 * asked. */
enum bm_status bm_outline_find(const struct bm_outline *outline, struct bm_view document,
                               struct bm_view name, struct bm_element *out,
                               struct bm_error *err) BM_MUST_USE;
int bm_outline_repeats(const struct bm_outline *outline, struct bm_view document,
                       const struct bm_element *element);

/*
 * 1 when documents and arrays lie within one another on more than BM_LEVELS_MOST levels, as the
 * server counts them (mongod insert.cpp): empty ones do not, nor what is in the scope of code. What
 * lies behind damage is not looked at.
 */
int bm_document_is_too_deep(struct bm_view document);

/* Why a string, null or absence counts as empty; see bm_emptiness_of. */
enum bm_emptiness {
    BM_NOT_EMPTY = 0,
    BM_EMPTY_MISSING = 1,
    BM_EMPTY_NULL = 2,
    BM_EMPTY_UNDEFINED = 4,
    BM_EMPTY_BLANK = 8
};

/* null, undefined, or a string of no or only ASCII white-space characters; else BM_NOT_EMPTY. */
enum bm_emptiness bm_emptiness_of(const struct bm_element *element);

#endif
