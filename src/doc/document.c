/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/*
 * Value sizes by type, one added, so that 0 means "no such type". One table look-up is all that a
 * value of fixed size costs; SIZE_VARIES sends the others to a function of their own.
 */
#define SIZE_OF(bytes) ((bytes) + 1)
#define SIZE_VARIES 0xff

static const uint8_t value_sizes[256] = {
    [BM_TYPE_DOUBLE] = SIZE_OF(8),      [BM_TYPE_STRING] = SIZE_VARIES,
    [BM_TYPE_OBJECT] = SIZE_VARIES,     [BM_TYPE_ARRAY] = SIZE_VARIES,
    [BM_TYPE_BINARY] = SIZE_VARIES,     [BM_TYPE_UNDEFINED] = SIZE_OF(0),
    [BM_TYPE_OBJECT_ID] = SIZE_OF(12),  [BM_TYPE_BOOL] = SIZE_OF(1),
    [BM_TYPE_DATE] = SIZE_OF(8),        [BM_TYPE_NULL] = SIZE_OF(0),
    [BM_TYPE_REGEX] = SIZE_VARIES,      [BM_TYPE_DB_POINTER] = SIZE_VARIES,
    [BM_TYPE_CODE] = SIZE_VARIES,       [BM_TYPE_SYMBOL] = SIZE_VARIES,
    [BM_TYPE_INT32] = SIZE_OF(4),       [BM_TYPE_CODE_WITH_SCOPE] = SIZE_VARIES,
    [BM_TYPE_TIMESTAMP] = SIZE_OF(8),   [BM_TYPE_INT64] = SIZE_OF(8),
    [BM_TYPE_DECIMAL128] = SIZE_OF(16), [BM_TYPE_MIN_KEY] = SIZE_OF(0),
    [BM_TYPE_MAX_KEY] = SIZE_OF(0)};

/* The measure_ functions return NULL and *size, or what is wrong with the value at `at`, for which
 * `room` bytes are left. */

static const char *measure_string(const uint8_t *at, size_t room, size_t *size)
{
    if (room < 5) {
        return "a string reaches past its document";
    }
    size_t len = bm_le32(at);
    if (len < 1 || len > room - 4) {
        return "a string's length does not fit its document";
    }
    if (at[4 + len - 1] != 0) {
        return "a string does not end in a zero byte";
    }
    *size = 4 + len;
    return NULL;
}

static const char *measure_document(const uint8_t *at, size_t room, size_t *size)
{
    if (room < BM_DOCUMENT_MIN) {
        return "a sub-document reaches past its document";
    }
    size_t len = bm_le32(at);
    if (len < BM_DOCUMENT_MIN || len > room) {
        return "a sub-document's length does not fit its document";
    }
    if (at[len - 1] != 0) {
        return "a sub-document does not end in a zero byte";
    }
    *size = len;
    return NULL;
}

static const char *measure_binary(const uint8_t *at, size_t room, size_t *size)
{
    if (room < 5) {
        return "a binary value reaches past its document";
    }
    size_t len = bm_le32(at);
    if (len > room - 5) {
        return "a binary value's length does not fit its document";
    }
    *size = 5 + len;
    return NULL;
}

static const char *measure_regex(const uint8_t *at, size_t room, size_t *size)
{
    const uint8_t *pattern_end = memchr(at, 0, room);
    if (pattern_end == NULL) {
        return "a regular expression has no end";
    }
    const uint8_t *options = pattern_end + 1;
    size_t used = (size_t)(options - at);
    const uint8_t *options_end = memchr(options, 0, room - used);
    if (options_end == NULL) {
        return "a regular expression's options have no end";
    }
    *size = (size_t)(options_end + 1 - at);
    return NULL;
}

static const char *measure_db_pointer(const uint8_t *at, size_t room, size_t *size)
{
    const char *wrong = measure_string(at, room, size);
    if (wrong == NULL && room - *size < 12) {
        return "a database pointer reaches past its document";
    }
    *size += 12;
    return wrong;
}

/* Total length, string, scope document: the three lengths must agree to the byte. */
static const char *measure_code(const uint8_t *at, size_t room, size_t *size)
{
    if (room < 4 + 5 + BM_DOCUMENT_MIN) {
        return "code with scope reaches past its document";
    }
    size_t total = bm_le32(at);
    if (total < 4 + 5 + BM_DOCUMENT_MIN || total > room) {
        return "the length of code with scope does not fit its document";
    }
    size_t code;
    size_t scope;
    const char *wrong = measure_string(at + 4, total - 4, &code);
    if (wrong == NULL) {
        wrong = measure_document(at + 4 + code, total - 4 - code, &scope);
    }
    if (wrong == NULL && 4 + code + scope != total) {
        return "the lengths inside code with scope do not add up";
    }
    *size = total;
    return wrong;
}

static const char *measure_varying(uint8_t type, const uint8_t *at, size_t room, size_t *size)
{
    switch (type) {
    case BM_TYPE_STRING:
    case BM_TYPE_CODE:
    case BM_TYPE_SYMBOL:
        return measure_string(at, room, size);
    case BM_TYPE_OBJECT:
    case BM_TYPE_ARRAY:
        return measure_document(at, room, size);
    case BM_TYPE_BINARY:
        return measure_binary(at, room, size);
    case BM_TYPE_REGEX:
        return measure_regex(at, room, size);
    case BM_TYPE_DB_POINTER:
        return measure_db_pointer(at, room, size);
    default:
        return measure_code(at, room, size);
    }
}

#define LOW_BITS 0x0101010101010101ull
#define HIGH_BITS 0x8080808080808080ull

/* The first zero byte before `end`, NULL: none. Names are short, so that a call of memchr for each
 * would be the dearest part of a walk; eight bytes at a time are not. */
static inline const uint8_t *find_zero(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = bm_le64(at);
        /* The lowest bit set marks the first byte that is zero. */
        uint64_t zeros = (word - LOW_BITS) & ~word & HIGH_BITS;
        if (zeros != 0) {
            return at + __builtin_ctzll(zeros) / 8;
        }
    }
    return memchr(at, 0, (size_t)(end - at));
}

/*
 * Where one element lies. `at` is its type byte, `end` the document's last byte, at < end. Returns
 * NULL, or what is wrong.
 */
static inline const char *measure_element(const uint8_t *at, const uint8_t *end,
                                          const uint8_t **value, const uint8_t **next)
{
    uint8_t kind = value_sizes[*at];
    if (kind == 0) {
        return *at == 0 ? "the document ends before its length says" : "unknown element type";
    }
    const uint8_t *name_end = find_zero(at + 1, end);
    if (name_end == NULL) {
        return "an element's name has no end";
    }
    *value = name_end + 1;
    size_t room = (size_t)(end - *value);
    size_t size = (size_t)kind - 1;
    if (kind == SIZE_VARIES) {
        const char *wrong = measure_varying(*at, *value, room, &size);
        if (wrong != NULL) {
            return wrong;
        }
    } else if (size > room) {
        return "a value reaches past its document";
    }
    *next = *value + size;
    return NULL;
}

static enum bm_status fail_at(struct bm_error *err, const uint8_t *document, const uint8_t *at,
                              const char *wrong)
{
    if (*at != 0 && value_sizes[*at] == 0) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "%s 0x%02x", wrong, *at);
    } else {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "%s", wrong);
    }
    return bm_error_at(err, (uint64_t)(at - document));
}

enum bm_status bm_elements_open(struct bm_elements *elements, struct bm_view document,
                                struct bm_error *err)
{
    elements->document = (struct bm_view){document.data, 0};
    elements->at = 0;
    const char *wrong = NULL;
    size_t len = 0;
    if (document.len < BM_DOCUMENT_MIN) {
        wrong = "a document has fewer than 5 bytes";
    } else {
        len = bm_le32(document.data);
        if (len < BM_DOCUMENT_MIN || len > document.len) {
            wrong = "a document's length does not fit its bytes";
        } else if (document.data[len - 1] != 0) {
            wrong = "a document does not end in a zero byte";
        }
    }
    if (wrong != NULL) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "%s", wrong);
        return bm_error_at(err, 0);
    }
    elements->document.len = len;
    elements->at = 4;
    return BM_OK;
}

enum bm_status bm_elements_next(struct bm_elements *elements, struct bm_element *out,
                                struct bm_error *err)
{
    struct bm_view document = elements->document;
    if (elements->at + 1 >= document.len) {
        return BM_END;
    }
    const uint8_t *at = document.data + elements->at;
    const uint8_t *value;
    const uint8_t *next;
    const char *wrong = measure_element(at, document.data + document.len - 1, &value, &next);
    if (wrong != NULL) {
        return fail_at(err, document.data, at, wrong);
    }
    out->type = *at;
    out->name = (struct bm_view){at + 1, (size_t)(value - at - 2)};
    out->value = (struct bm_view){value, (size_t)(next - value)};
    out->raw = (struct bm_view){at, (size_t)(next - at)};
    elements->at = (size_t)(next - document.data);
    return BM_OK;
}

enum bm_status bm_document_find(struct bm_view document, struct bm_view name,
                                struct bm_element *out, struct bm_error *err)
{
    struct bm_elements elements;
    enum bm_status status = bm_elements_open(&elements, document, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, out, err);
        if (status == BM_OK && bm_view_equal(out->name, name)) {
            return BM_OK;
        }
    }
    return status;
}

int bm_element_is_called(const struct bm_element *element, const char *name)
{
    return bm_view_equal(element->name, bm_view_text(name));
}

/* Asked of every document: no struct is filled for an element, none for a failure that nobody reads
 * [measured: 25 ns against 60 by bm_elements_next]. */
int bm_document_repeats(struct bm_view document, const struct bm_element *element)
{
    const uint8_t *at = element->raw.data + element->raw.len;
    const uint8_t *end = document.data + document.len - 1;
    size_t len = element->name.len;
    while (at < end) {
        const uint8_t *value;
        const uint8_t *next;
        if (measure_element(at, end, &value, &next) != NULL) {
            return 0;
        }
        if ((size_t)(value - at - 2) == len && memcmp(at + 1, element->name.data, len) == 0) {
            return 1;
        }
        at = next;
    }
    return 0;
}

/*
 * The last bytes of the documents around the one being checked. Ordinary documents fit into the
 * levels kept here; a hostile one of 16 MiB can nest over two million deep and goes to the heap.
 */
#define LEVELS_KEPT 64

struct level_stack {
    struct bm_outline *outline;
    uint32_t *ends; /* bytes from the start of the document */
    size_t depth;
    size_t deepest; /* it ever was */
    size_t capacity;
    uint32_t kept[LEVELS_KEPT];
};

static enum bm_status level_grow(struct level_stack *stack, struct bm_error *err)
{
    size_t capacity = stack->capacity * 2;
    uint32_t *ends = malloc(capacity * sizeof *ends);
    if (ends == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for a document %zu levels deep",
                       stack->depth);
    }
    memcpy(ends, stack->ends, stack->depth * sizeof *ends);
    if (stack->ends != stack->kept) {
        free(stack->ends);
    }
    stack->ends = ends;
    stack->capacity = capacity;
    return BM_OK;
}

/* Where the document inside a value starts, NULL: there is none. */
static inline const uint8_t *nested_document(uint8_t type, const uint8_t *value)
{
    if (type == BM_TYPE_OBJECT || type == BM_TYPE_ARRAY) {
        return value;
    }
    /* Code with scope: its lengths were checked, the scope ends where the value ends. */
    return type == BM_TYPE_CODE_WITH_SCOPE ? value + 8 + bm_le32(value + 4) : NULL;
}

static inline void outline_add(struct bm_outline *outline, const uint8_t *start, const uint8_t *at,
                               const uint8_t *value)
{
    if (outline->count < BM_OUTLINE_MOST) {
        outline->places[outline->count] =
            (struct bm_outline_place){(uint32_t)(at - start), (uint32_t)(value - start)};
    }
    outline->count++;
}

/*
 * Walks all elements in the order of their bytes. A nested document's last byte is followed by the
 * next element of the document around it, so the ends are all there is to remember. *top follows
 * the elements of the outermost level.
 */
static enum bm_status check_levels(struct bm_view document, struct level_stack *stack,
                                   const uint8_t **top, struct bm_error *err)
{
    const uint8_t *at = document.data + 4;
    const uint8_t *end = document.data + document.len - 1;
    for (;;) {
        if (at == end) {
            if (stack->depth == 0) {
                return BM_OK;
            }
            end = document.data + stack->ends[--stack->depth];
            at++;
            continue;
        }
        if (stack->depth == 0) {
            *top = at;
        }
        const uint8_t *value;
        const uint8_t *next;
        const char *wrong = measure_element(at, end, &value, &next);
        if (wrong != NULL) {
            return fail_at(err, document.data, at, wrong);
        }
        if (stack->depth == 0) {
            outline_add(stack->outline, document.data, at, value);
        }
        const uint8_t *nested = nested_document(*at, value);
        if (nested == NULL) {
            at = next;
            continue;
        }
        if (stack->depth == stack->capacity && level_grow(stack, err) != BM_OK) {
            return BM_FAIL;
        }
        stack->ends[stack->depth++] = (uint32_t)(end - document.data);
        stack->deepest = stack->depth > stack->deepest ? stack->depth : stack->deepest;
        end = next - 1;
        at = nested + 4;
    }
}

/* *sound as bm_document_check has it, the outline as bm_document_outline. */
static enum bm_status check(struct bm_view document, size_t *sound, struct bm_outline *outline,
                            struct bm_error *err)
{
    struct bm_elements elements;
    *sound = 0;
    outline->levels = outline->count = 0;
    outline->is_whole = 0;
    if (bm_elements_open(&elements, document, err) != BM_OK) {
        return BM_FAIL;
    }
    struct level_stack stack;
    stack.outline = outline;
    stack.ends = stack.kept;
    stack.depth = stack.deepest = 0;
    stack.capacity = LEVELS_KEPT;
    const uint8_t *top = document.data + 4;
    enum bm_status status = check_levels(elements.document, &stack, &top, err);
    if (stack.ends != stack.kept) {
        free(stack.ends);
    }
    *sound = status == BM_OK ? elements.document.len : (size_t)(top - document.data);
    outline->levels = stack.deepest + 1;
    if (status == BM_OK && outline->count <= BM_OUTLINE_MOST) {
        outline->is_whole = 1;
        outline->places[outline->count].at = (uint32_t)elements.document.len - 1;
    }
    return status;
}

enum bm_status bm_document_check(struct bm_view document, size_t *sound, struct bm_error *err)
{
    struct bm_outline outline;
    size_t found;
    return check(document, sound != NULL ? sound : &found, &outline, err);
}

enum bm_status bm_document_outline(struct bm_view document, struct bm_outline *outline,
                                   struct bm_error *err)
{
    size_t sound;
    return check(document, &sound, outline, err);
}

int bm_document_is_too_deep(struct bm_view document)
{
    const uint8_t *ends[BM_LEVELS_MOST]; /* of the documents around */
    size_t depth = 0;
    const uint8_t *at = document.data + 4;
    const uint8_t *end = document.data + document.len - 1;
    for (;;) {
        if (at >= end) {
            if (depth == 0) {
                return 0;
            }
            end = ends[--depth];
            at++;
            continue;
        }
        const uint8_t *value;
        const uint8_t *next;
        if (measure_element(at, end, &value, &next) != NULL) {
            return 0;
        }
        int is_document = *at == BM_TYPE_OBJECT || *at == BM_TYPE_ARRAY;
        if (!is_document || bm_le32(value) == BM_DOCUMENT_MIN) {
            at = next;
            continue;
        }
        if (depth + 1 == BM_LEVELS_MOST) {
            return 1;
        }
        ends[depth++] = end;
        end = next - 1;
        at = value + 4;
    }
}

enum bm_emptiness bm_emptiness_of(const struct bm_element *element)
{
    if (element->type == BM_TYPE_NULL) {
        return BM_EMPTY_NULL;
    }
    if (element->type == BM_TYPE_UNDEFINED) {
        return BM_EMPTY_UNDEFINED;
    }
    if (element->type != BM_TYPE_STRING) {
        return BM_NOT_EMPTY;
    }
    for (size_t i = 4; i + 1 < element->value.len; i++) {
        uint8_t byte = element->value.data[i];
        if (byte != ' ' && (byte < '\t' || byte > '\r')) {
            return BM_NOT_EMPTY;
        }
    }
    return BM_EMPTY_BLANK;
}
