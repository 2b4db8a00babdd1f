/* SPDX-License-Identifier: Apache-2.0 */
#include "key/collation.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucol.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/memory.h"
#include "bsonmend/document.h"
#include "doc/number.h"

struct bm_collation {
    UCollator *collator;
};

#define LOCALE_MOST 157u /* ULOC_FULLNAME_CAPACITY */
#define REPLACEMENT 0xfffd

void bm_units_free(struct bm_units *units)
{
    bm_buffer_free(&units->buffers[0]);
    bm_buffer_free(&units->buffers[1]);
}

/* The one place where an ICU status becomes ours. */
static enum bm_status fail(UErrorCode code, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_MEMORY, code == U_MEMORY_ALLOCATION_ERROR ? ENOMEM : 0, "ICU: %s",
                   u_errorName(code));
}

/* ---- reading the document ---- */

/* A word that an option may have, and what it means to ICU. */
struct word {
    const char *word;
    int value;
};

static const struct word case_firsts[] = {
    {"off", UCOL_OFF}, {"upper", UCOL_UPPER_FIRST}, {"lower", UCOL_LOWER_FIRST}, {NULL, 0}};
static const struct word alternates[] = {
    {"non-ignorable", UCOL_NON_IGNORABLE}, {"shifted", UCOL_SHIFTED}, {NULL, 0}};
static const struct word variables[] = {
    {"punct", UCOL_REORDER_CODE_PUNCTUATION}, {"space", UCOL_REORDER_CODE_SPACE}, {NULL, 0}};

enum option_kind {
    OPTION_LOCALE,
    OPTION_VERSION,
    OPTION_STRENGTH,
    OPTION_FLAG,
    OPTION_WORD,
    OPTION_VARIABLE
};

static const struct option {
    const char *name;
    enum option_kind kind;
    UColAttribute attribute; /* OPTION_FLAG, OPTION_WORD */
    const struct word *words;
} options[] = {
    {"locale", OPTION_LOCALE, UCOL_ATTRIBUTE_COUNT, NULL},
    {"version", OPTION_VERSION, UCOL_ATTRIBUTE_COUNT, NULL},
    {"strength", OPTION_STRENGTH, UCOL_STRENGTH, NULL},
    {"caseLevel", OPTION_FLAG, UCOL_CASE_LEVEL, NULL},
    {"numericOrdering", OPTION_FLAG, UCOL_NUMERIC_COLLATION, NULL},
    {"normalization", OPTION_FLAG, UCOL_NORMALIZATION_MODE, NULL},
    {"backwards", OPTION_FLAG, UCOL_FRENCH_COLLATION, NULL},
    {"caseFirst", OPTION_WORD, UCOL_CASE_FIRST, case_firsts},
    {"alternate", OPTION_WORD, UCOL_ALTERNATE_HANDLING, alternates},
    {"maxVariable", OPTION_VARIABLE, UCOL_ATTRIBUTE_COUNT, variables},
};

static const struct option *option_of(struct bm_view name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (bm_view_equal(name, bm_view_text(options[i].name))) {
            return &options[i];
        }
    }
    return NULL;
}

static const UColAttributeValue strengths[] = {UCOL_PRIMARY, UCOL_SECONDARY, UCOL_TERTIARY,
                                               UCOL_QUATERNARY, UCOL_IDENTICAL};

/* What the value of an option means to ICU. 0: it means nothing. */
static int value_of(const struct option *option, const struct bm_element *element, int *value)
{
    double number;
    if (option->kind == OPTION_FLAG) {
        *value = bm_number_truth(element) ? UCOL_ON : UCOL_OFF;
        return element->type == BM_TYPE_BOOL || bm_number_of(element, &number);
    }
    if (option->kind == OPTION_STRENGTH) {
        for (int strength = 1; strength <= 5 && bm_number_of(element, &number); strength++) {
            if (number >= strength && number <= strength) {
                *value = strengths[strength - 1];
                return 1;
            }
        }
        return 0;
    }
    if (element->type != BM_TYPE_STRING) {
        return 0;
    }
    struct bm_view text = {element->value.data + 4, element->value.len - 5};
    for (const struct word *word = option->words; word != NULL && word->word != NULL; word++) {
        if (bm_view_equal(text, bm_view_text(word->word))) {
            *value = word->value;
            return 1;
        }
    }
    return option->words == NULL;
}

struct reading {
    UCollator *collator;
    char **problem;
};

static enum bm_status refuse(const struct reading *reading, const char *before, const char *name,
                             const char *after, struct bm_error *err)
{
    *reading->problem = bm_format_text(err, "its collation: %s%.200s%s", before, name, after);
    return *reading->problem != NULL ? BM_END : BM_FAIL;
}

static enum bm_status set_option(const struct reading *reading, const struct bm_element *element,
                                 struct bm_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    const struct option *option = option_of(element->name);
    if (option == NULL) {
        return refuse(reading, "an unknown option ", (const char *)element->name.data, "", err);
    }
    int value = 0;
    if (!value_of(option, element, &value)) {
        return refuse(reading, "", option->name, " has a value that it cannot have", err);
    }
    switch (option->kind) {
    case OPTION_LOCALE:
    case OPTION_VERSION:
        break;
    case OPTION_STRENGTH:
    case OPTION_FLAG:
    case OPTION_WORD:
        ucol_setAttribute(reading->collator, option->attribute, (UColAttributeValue)value, &code);
        break;
    case OPTION_VARIABLE:
        ucol_setMaxVariable(reading->collator, (UColReorderCode)value, &code);
        break;
    }
    return U_SUCCESS(code) ? BM_OK : fail(code, err);
}

/*
 * Opens the collator of the locale. ICU takes any text for a locale and falls back until it finds
 * data; the server takes only the very name that ICU ends up with.
 */
static enum bm_status open_locale(struct reading *reading, const struct bm_element *element,
                                  struct bm_error *err)
{
    char name[LOCALE_MOST + 1];
    UErrorCode code = U_ZERO_ERROR;
    if (element == NULL || element->type != BM_TYPE_STRING) {
        return refuse(reading, "it has no locale", "", "", err);
    }
    struct bm_view text = {element->value.data + 4, element->value.len - 5};
    if (text.len == 0 || text.len > LOCALE_MOST || memchr(text.data, 0, text.len) != NULL) {
        return refuse(reading, "its locale is no name of a locale", "", "", err);
    }
    memcpy(name, text.data, text.len);
    name[text.len] = '\0';
    reading->collator = ucol_open(name, &code);
    if (code == U_MEMORY_ALLOCATION_ERROR) {
        return fail(code, err);
    }
    if (U_FAILURE(code)) {
        return refuse(reading, "unknown locale ", name, "", err);
    }
    const char *valid = ucol_getLocaleByType(reading->collator, ULOC_VALID_LOCALE, &code);
    if (U_FAILURE(code) || valid == NULL || strcmp(valid, name) != 0) {
        return refuse(reading, "unknown locale ", name, "", err);
    }
    return BM_OK;
}

/* Options that contradict one another, whether given or the locale's own. */
static enum bm_status check_options(const struct reading *reading, struct bm_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    const UCollator *collator = reading->collator;
    UColAttributeValue strength = ucol_getAttribute(collator, UCOL_STRENGTH, &code);
    UColAttributeValue backwards = ucol_getAttribute(collator, UCOL_FRENCH_COLLATION, &code);
    UColAttributeValue case_first = ucol_getAttribute(collator, UCOL_CASE_FIRST, &code);
    UColAttributeValue case_level = ucol_getAttribute(collator, UCOL_CASE_LEVEL, &code);
    if (U_FAILURE(code)) {
        return fail(code, err);
    }
    if (backwards == UCOL_ON && strength == UCOL_PRIMARY) {
        return refuse(reading, "'backwards' is invalid with 'strength' of 1", "", "", err);
    }
    if (case_first != UCOL_OFF && case_level != UCOL_ON &&
        (strength == UCOL_PRIMARY || strength == UCOL_SECONDARY)) {
        return refuse(reading,
                      "'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater "
                      "than 2",
                      "", "", err);
    }
    return BM_OK;
}

/* The last element of a name counts. */
static enum bm_status read_document(struct reading *reading, struct bm_view document,
                                    struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    struct bm_element locale;
    if (bm_document_check(document, NULL, &damage) != BM_OK ||
        bm_elements_open(&elements, document, &damage) != BM_OK) {
        return refuse(reading, "it is no document", "", "", err);
    }
    int found = bm_document_find(document, bm_view_text("locale"), &locale, &damage) == BM_OK;
    enum bm_status status = open_locale(reading, found ? &locale : NULL, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &element, err);
        if (status == BM_OK) {
            status = set_option(reading, &element, err);
        } else if (status == BM_END) {
            return check_options(reading, err);
        }
    }
    return status;
}

enum bm_status bm_collation_new(struct bm_view document, struct bm_collation **out, char **problem,
                                struct bm_error *err)
{
    struct bm_collation *collation = bm_allocate(1, sizeof *collation, err);
    if (collation == NULL) {
        return BM_FAIL;
    }
    struct reading reading = {.problem = problem};
    enum bm_status status = read_document(&reading, document, err);
    collation->collator = reading.collator;
    if (status != BM_OK) {
        bm_collation_free(collation);
        return status;
    }
    *out = collation;
    return BM_OK;
}

int bm_collation_is_doubtful(struct bm_view document)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element locale;
    char *problem = NULL;
    struct reading reading = {.problem = &problem};
    if (bm_document_find(document, bm_view_text("locale"), &locale, &damage) != BM_OK ||
        locale.type != BM_TYPE_STRING ||
        strstr((const char *)locale.value.data + 4, "@collation=") == NULL) {
        return 0;
    }
    int is_unknown = open_locale(&reading, &locale, &damage) == BM_END;
    free(problem);
    ucol_close(reading.collator);
    return is_unknown;
}

void bm_collation_free(struct bm_collation *collation)
{
    if (collation != NULL) {
        ucol_close(collation->collator);
        free(collation);
    }
}

int bm_collation_same(const struct bm_collation *a, const struct bm_collation *b)
{
    UErrorCode code = U_ZERO_ERROR;
    if (a == NULL || b == NULL) {
        return a == b;
    }
    const char *one = ucol_getLocaleByType(a->collator, ULOC_VALID_LOCALE, &code);
    const char *other = ucol_getLocaleByType(b->collator, ULOC_VALID_LOCALE, &code);
    int same = one != NULL && other != NULL && strcmp(one, other) == 0 &&
               ucol_getMaxVariable(a->collator) == ucol_getMaxVariable(b->collator);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        UColAttribute attribute = options[i].attribute;
        same = same && (attribute == UCOL_ATTRIBUTE_COUNT ||
                        ucol_getAttribute(a->collator, attribute, &code) ==
                            ucol_getAttribute(b->collator, attribute, &code));
    }
    return same;
}

/* ---- strings ---- */

#define FIRST_MARK_BYTE 0xccu /* of U+0300; whatever starts with less is no mark */

int bm_collation_is_slow(struct bm_view text)
{
    unsigned marks = 0;
    size_t at = 0;
    while (at < text.len && marks <= BM_MARKS_MOST) {
        UChar32 character;
        if (text.data[at] < FIRST_MARK_BYTE) {
            marks = 0;
            at++;
            continue;
        }
        U8_NEXT(text.data, at, text.len, character);
        /* Of what the character is decomposed into: some marks are of class 0 themselves. */
        int is_mark = character >= 0 &&
                      u_getIntPropertyValue(character, UCHAR_LEAD_CANONICAL_COMBINING_CLASS) != 0;
        marks = is_mark ? marks + 1 : 0;
    }
    return marks > BM_MARKS_MOST;
}

/* A text in UTF-16, in one of the buffers. */
static enum bm_status to_units(struct bm_view text, struct bm_buffer *buffer, const UChar **units,
                               int32_t *count, struct bm_error *err)
{
    UErrorCode code = U_ZERO_ERROR;
    size_t bytes;
    bm_buffer_clear(buffer);
    /* No byte becomes more than one unit; one more, since nothing is no address. */
    if (text.len > INT32_MAX / 4 ||
        bm_size_multiply(text.len + 1, sizeof(UChar), &bytes, err) != BM_OK ||
        bm_buffer_reserve(buffer, bytes, err) != BM_OK) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "no memory for a string of %zu bytes", text.len);
    }
    UChar *to = (UChar *)(void *)buffer->data;
    u_strFromUTF8WithSub(to, (int32_t)text.len, count, (const char *)text.data, (int32_t)text.len,
                         REPLACEMENT, NULL, &code);
    *units = to;
    return U_SUCCESS(code) ? BM_OK : fail(code, err);
}

enum bm_status bm_collation_key(const struct bm_collation *collation, struct bm_view text,
                                struct bm_units *units, size_t most, struct bm_buffer *out,
                                struct bm_error *err)
{
    const UChar *from;
    int32_t count;
    if (to_units(text, &units->buffers[0], &from, &count, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_buffer_reserve(out, 1, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t room = out->capacity - out->len;
    int32_t given = room < INT32_MAX ? (int32_t)room : INT32_MAX;
    int32_t needed = ucol_getSortKey(collation->collator, from, count, out->data + out->len, given);
    if (needed > given) {
        if (out->len > most || (size_t)needed > most - out->len) {
            return BM_END;
        }
        if (bm_buffer_reserve(out, (size_t)needed, err) != BM_OK) {
            return BM_FAIL;
        }
        needed = ucol_getSortKey(collation->collator, from, count, out->data + out->len, needed);
    }
    if (needed <= 0) {
        return fail(U_MEMORY_ALLOCATION_ERROR, err);
    }
    out->len += (size_t)needed - 1;
    return out->len > most ? BM_END : BM_OK;
}

enum bm_status bm_collation_compare(const struct bm_collation *collation, struct bm_view a,
                                    struct bm_view b, struct bm_units *units, int *order,
                                    struct bm_error *err)
{
    const UChar *one;
    const UChar *other;
    int32_t one_count;
    int32_t other_count;
    if (to_units(a, &units->buffers[0], &one, &one_count, err) != BM_OK ||
        to_units(b, &units->buffers[1], &other, &other_count, err) != BM_OK) {
        return BM_FAIL;
    }
    UCollationResult result = ucol_strcoll(collation->collator, one, one_count, other, other_count);
    *order = result == UCOL_EQUAL ? 0 : result == UCOL_LESS ? -1 : 1;
    return BM_OK;
}
