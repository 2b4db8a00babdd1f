/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_node.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No double has more significant digits than 767. */
#define DOUBLE_PLACES 800
#define DECIMAL_DIGITS 34
#define DECIMAL_BITS 113

/* Takes the zeros off both ends; what is left tells one number from another. */
static void strip(struct naive_number *number)
{
    while (number->count > 0 && number->digits[0] == 0) {
        number->digits++;
        number->count--;
    }
    while (number->count > 0 && number->digits[number->count - 1] == 0) {
        number->count--;
        number->exponent++;
    }
    if (number->count == 0) {
        number->negative = 0;
        number->exponent = 0;
    }
}

void naive_number_of_text(struct naive_pool *pool, const char *text, struct naive_number *out)
{
    int behind_point = 0;
    *out = (struct naive_number){.kind = NAIVE_FINITE, .negative = *text == '-'};
    out->digits = naive_take(pool, strlen(text) + 1);
    for (text += out->negative; *text != '\0' && *text != 'e'; text++) {
        if (*text == '.') {
            behind_point = 1;
            continue;
        }
        out->digits[out->count++] = (uint8_t)(*text - '0');
        out->exponent -= behind_point;
    }
    if (*text == 'e') {
        out->exponent += strtol(text + 1, NULL, 10);
    }
    strip(out);
}

void naive_number_of_double(struct naive_pool *pool, double value, struct naive_number *out)
{
    char text[DOUBLE_PLACES + 32];
    if (isnan(value)) {
        *out = (struct naive_number){.kind = NAIVE_NAN};
    } else if (isinf(value)) {
        *out =
            (struct naive_number){.kind = value < 0 ? NAIVE_MINUS_INFINITY : NAIVE_PLUS_INFINITY};
    } else {
        snprintf(text, sizeof text, "%.*e", DOUBLE_PLACES, value);
        naive_number_of_text(pool, text, out);
    }
}

void naive_number_of_integer(struct naive_pool *pool, int64_t value, struct naive_number *out)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    naive_number_of_text(pool, text, out);
}

/* digits = 2 * digits + bit; the most significant digit first. */
static void shift_in(uint8_t digits[DECIMAL_DIGITS + 1], unsigned bit)
{
    for (size_t i = DECIMAL_DIGITS + 1; i-- > 0;) {
        unsigned twice = 2u * digits[i] + bit;
        digits[i] = (uint8_t)(twice % 10);
        bit = twice / 10;
    }
}

void naive_number_of_decimal(struct naive_pool *pool, uint64_t high, uint64_t low,
                             struct naive_number *out)
{
    int negative = (int)(high >> 63);
    unsigned top = (unsigned)(high >> 58 & 0x1f);
    *out = (struct naive_number){.kind = NAIVE_FINITE};
    if (top == 0x1f) {
        out->kind = NAIVE_NAN;
        return;
    }
    if (top == 0x1e) {
        out->kind = negative ? NAIVE_MINUS_INFINITY : NAIVE_PLUS_INFINITY;
        return;
    }
    if (top >> 3 == 3) {
        return; /* the form for large coefficients, none of which fits into 34 digits: zero */
    }
    out->digits = naive_take(pool, DECIMAL_DIGITS + 1);
    for (int bit = DECIMAL_BITS - 1; bit >= 0; bit--) {
        shift_in(out->digits, (unsigned)((bit >= 64 ? high >> (bit - 64) : low >> bit) & 1));
    }
    out->count = out->digits[0] != 0 ? 0 : DECIMAL_DIGITS + 1; /* 35 digits are too many: zero */
    out->exponent = (long)(high >> 49 & 0x3fff) - 6176;
    out->negative = negative;
    strip(out);
}

static int magnitude_order(const struct naive_number *a, const struct naive_number *b)
{
    if (a->count == 0 || b->count == 0) {
        return (a->count > 0) - (b->count > 0);
    }
    long above_a = (long)a->count + a->exponent, above_b = (long)b->count + b->exponent;
    if (above_a != above_b) {
        return above_a < above_b ? -1 : 1;
    }
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        int digit_a = i < a->count ? a->digits[i] : 0;
        int digit_b = i < b->count ? b->digits[i] : 0;
        if (digit_a != digit_b) {
            return digit_a < digit_b ? -1 : 1;
        }
    }
    return 0;
}

int naive_number_order(const struct naive_number *a, const struct naive_number *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->kind != NAIVE_FINITE) {
        return 0;
    }
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    return a->negative ? magnitude_order(b, a) : magnitude_order(a, b);
}
