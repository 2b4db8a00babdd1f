/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_compare.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/ucol.h>
#include <unicode/ustring.h>

/* Room for every locale and every text of a test. */
#define LOCALE_SIZE 100

/* An option whose value is one of a few words, or true or false. */
static const struct word {
    const char *option;
    const char *word; /* NULL: a bool */
    int attribute;    /* UColAttribute, -1: which characters are variable */
    int value;
} words[] = {
    {"caseLevel", NULL, UCOL_CASE_LEVEL, 0},
    {"numericOrdering", NULL, UCOL_NUMERIC_COLLATION, 0},
    {"normalization", NULL, UCOL_NORMALIZATION_MODE, 0},
    {"backwards", NULL, UCOL_FRENCH_COLLATION, 0},
    {"caseFirst", "off", UCOL_CASE_FIRST, UCOL_OFF},
    {"caseFirst", "upper", UCOL_CASE_FIRST, UCOL_UPPER_FIRST},
    {"caseFirst", "lower", UCOL_CASE_FIRST, UCOL_LOWER_FIRST},
    {"alternate", "shifted", UCOL_ALTERNATE_HANDLING, UCOL_SHIFTED},
    {"alternate", "non-ignorable", UCOL_ALTERNATE_HANDLING, UCOL_NON_IGNORABLE},
    {"maxVariable", "punct", -1, UCOL_REORDER_CODE_PUNCTUATION},
    {"maxVariable", "space", -1, UCOL_REORDER_CODE_SPACE},
};

static int is_text(const struct naive_node *node, const char *text)
{
    return node->type == BM_TYPE_STRING && node->bytes.len == strlen(text) &&
           memcmp(node->bytes.data, text, node->bytes.len) == 0;
}

static const char *set_strength(UCollator *collator, const struct naive_node *option)
{
    static const UColAttributeValue strengths[] = {UCOL_PRIMARY, UCOL_SECONDARY, UCOL_TERTIARY,
                                                   UCOL_QUATERNARY, UCOL_IDENTICAL};
    UErrorCode wrong = U_ZERO_ERROR;
    if (!naive_is_number(option) || option->number.kind != NAIVE_FINITE ||
        option->number.count != 1 || option->number.exponent != 0 || option->number.negative ||
        option->number.digits[0] > 5) {
        return "strength is no number from 1 to 5";
    }
    ucol_setAttribute(collator, UCOL_STRENGTH, strengths[option->number.digits[0] - 1], &wrong);
    return U_FAILURE(wrong) ? "ICU takes no such strength" : NULL;
}

static const char *set_word(UCollator *collator, const struct naive_node *option)
{
    UErrorCode wrong = U_ZERO_ERROR;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        int value = words[i].value;
        if (strcmp(words[i].option, option->name) != 0) {
            continue;
        }
        if (words[i].word == NULL && option->type == BM_TYPE_BOOL) {
            value = option->integer ? UCOL_ON : UCOL_OFF;
        } else if (words[i].word == NULL || !is_text(option, words[i].word)) {
            continue;
        }
        if (words[i].attribute < 0) {
            ucol_setMaxVariable(collator, (UColReorderCode)value, &wrong);
        } else {
            ucol_setAttribute(collator, (UColAttribute)words[i].attribute,
                              (UColAttributeValue)value, &wrong);
        }
        return U_FAILURE(wrong) ? "ICU does not take the option" : NULL;
    }
    return "no such option or no such value";
}

/* Combinations in which an option would have nothing to act on. */
static const char *forbidden_together(const UCollator *collator)
{
    UErrorCode wrong = U_ZERO_ERROR;
    int strength = (int)ucol_getAttribute(collator, UCOL_STRENGTH, &wrong);
    int backwards = ucol_getAttribute(collator, UCOL_FRENCH_COLLATION, &wrong) == UCOL_ON;
    int case_first = ucol_getAttribute(collator, UCOL_CASE_FIRST, &wrong) != UCOL_OFF;
    int case_level = ucol_getAttribute(collator, UCOL_CASE_LEVEL, &wrong) == UCOL_ON;
    if (backwards && strength == UCOL_PRIMARY) {
        return "backwards with strength 1";
    }
    if (case_first && !case_level && (strength == UCOL_PRIMARY || strength == UCOL_SECONDARY)) {
        return "caseFirst without a case to look at";
    }
    return NULL;
}

static const char *open_locale(const struct naive_node *locale, UCollator **out)
{
    char name[LOCALE_SIZE];
    UErrorCode wrong = U_ZERO_ERROR;
    if (locale == NULL || locale->type != BM_TYPE_STRING || locale->bytes.len == 0 ||
        locale->bytes.len >= sizeof name ||
        memchr(locale->bytes.data, '\0', locale->bytes.len) != NULL) {
        return "no locale";
    }
    memcpy(name, locale->bytes.data, locale->bytes.len);
    name[locale->bytes.len] = '\0';
    *out = ucol_open(name, &wrong);
    if (U_FAILURE(wrong)) {
        *out = NULL;
        return "unknown locale";
    }
    const char *valid = ucol_getLocaleByType(*out, ULOC_VALID_LOCALE, &wrong);
    return U_FAILURE(wrong) || strcmp(valid, name) != 0 ? "unknown locale" : NULL;
}

const char *naive_collator_open(const struct naive_node *collation, struct UCollator **out)
{
    const struct naive_node *locale = naive_field(collation, "locale");
    const char *refused = NULL;
    *out = NULL;
    if (locale != NULL && is_text(locale, "simple")) {
        return collation->first->next == NULL ? NULL : "simple with options";
    }
    refused = open_locale(locale, out);
    for (const struct naive_node *option = collation->first; option != NULL && refused == NULL;
         option = option->next) {
        if (strcmp(option->name, "strength") == 0) {
            refused = set_strength(*out, option);
        } else if (strcmp(option->name, "locale") != 0 && strcmp(option->name, "version") != 0) {
            refused = set_word(*out, option);
        }
    }
    if (refused == NULL) {
        refused = forbidden_together(*out);
    }
    if (refused != NULL) {
        naive_collator_close(*out);
        *out = NULL;
    }
    return refused;
}

void naive_collator_close(struct UCollator *collator)
{
    if (collator != NULL) {
        ucol_close(collator);
    }
}

/* UTF-16 of a text, freed with free(); what is no UTF-8 becomes U+FFFD. */
static UChar *utf16_of(struct bm_view text, int32_t *len)
{
    UErrorCode wrong = U_ZERO_ERROR;
    UChar *out = malloc((text.len + 1) * sizeof *out);
    if (out == NULL) {
        abort();
    }
    u_strFromUTF8WithSub(out, (int32_t)text.len + 1, len, (const char *)text.data,
                         (int32_t)text.len, 0xfffd, NULL, &wrong);
    if (U_FAILURE(wrong)) {
        abort();
    }
    return out;
}

int naive_collate(struct UCollator *collator, struct bm_view a, struct bm_view b)
{
    int32_t len_a, len_b;
    UChar *text_a = utf16_of(a, &len_a);
    UChar *text_b = utf16_of(b, &len_b);
    UCollationResult result = ucol_strcoll(collator, text_a, len_a, text_b, len_b);
    free(text_a);
    free(text_b);
    return result == UCOL_EQUAL ? 0 : result == UCOL_LESS ? -1 : 1;
}

size_t naive_sort_key_size(struct UCollator *collator, struct bm_view text)
{
    int32_t len;
    UChar *utf16 = utf16_of(text, &len);
    int32_t size = ucol_getSortKey(collator, utf16, len, NULL, 0);
    free(utf16);
    return (size_t)size;
}
