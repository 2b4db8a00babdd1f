/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/token_fit.h"

#include <string.h>

#define AFFIX_MAX 40u    /* what is named in a shape's text stays readable */
#define FEW 8u           /* texts that may have a character in common by chance */
#define FEW_AFFIX_MAX 8u /* so of few only a short "tok_" is believed */
#define ALPHABET_MAX 64u /* of a shape */
#define BY_CHANCE 1e-9   /* odds below which what was seen is no accident */
#define SPREAD_LEAST 2u
#define STRUCTURED_LEAST 4u /* of 64 characters, 4 the same at one place: 1 in 16 million */

struct affixes {
    struct bm_view prefix;
    struct bm_view suffix;
};

enum end { FRONT, BACK };

/* Byte number i from one end. */
static uint8_t byte_from(enum end end, struct bm_view text, size_t i)
{
    return text.data[end == FRONT ? i : text.len - 1 - i];
}

static struct bm_view cut(enum end end, struct bm_view text, size_t len)
{
    return (struct bm_view){end == FRONT ? text.data : text.data + text.len - len, len};
}

static int is_printable(uint8_t byte)
{
    return byte > 0x20 && byte < 0x7f;
}

static int is_separator(uint8_t byte)
{
    uint8_t letter = byte | 0x20;
    return !(byte >= '0' && byte <= '9') && !(letter >= 'a' && letter <= 'z');
}

/* How many texts start (or end) with these bytes. */
static size_t holders(const struct bm_fit_texts *texts, enum end end, struct bm_view affix)
{
    size_t count = 0;
    for (size_t i = 0; i < texts->count; i++) {
        struct bm_view text = texts->list[i];
        count += text.len >= affix.len && bm_view_equal(cut(end, text, affix.len), affix) ? 1 : 0;
    }
    return count;
}

/* The text that a majority agrees with for `len` bytes and one more; len 0: none has one. */
static struct bm_view grow(const struct bm_fit_texts *texts, enum end end, struct bm_view affix)
{
    size_t counts[256] = {0};
    struct bm_view best = {NULL, 0};
    size_t most = 0;
    for (size_t i = 0; i < texts->count; i++) {
        struct bm_view text = texts->list[i];
        if (text.len <= affix.len || !bm_view_equal(cut(end, text, affix.len), affix)) {
            continue;
        }
        size_t count = ++counts[byte_from(end, text, affix.len)];
        if (count > most) {
            most = count;
            best = cut(end, text, affix.len + 1);
        }
    }
    return best;
}

/* The longest run of printable bytes that enough texts start (or end) with; at most one more than
 * is of use. */
static struct bm_view common(const struct bm_fit_texts *texts, enum end end)
{
    struct bm_view affix = {NULL, 0};
    while (affix.len <= AFFIX_MAX) {
        struct bm_view longer = grow(texts, end, affix);
        if (longer.len == 0 || !is_printable(byte_from(end, longer, affix.len)) ||
            holders(texts, end, longer) < texts->least) {
            break;
        }
        affix = longer;
    }
    return affix;
}

/* At most `limit` bytes of an affix that the separator nearest to the drawn part closes. */
static struct bm_view to_separator(enum end end, struct bm_view affix, size_t limit)
{
    size_t len = affix.len < limit ? affix.len : limit;
    while (len > 0 && !is_separator(byte_from(end, affix, len - 1))) {
        len--;
    }
    return cut(end, affix, len);
}

/* The affix around a wide alphabet: all of it, unless that leaves little to draw; then what a
 * separator closes, for that is text for sure, else as much as may be. */
static struct bm_view around_wide(enum end end, struct bm_view affix, size_t limit)
{
    if (affix.len <= limit) {
        return affix;
    }
    struct bm_view closed = to_separator(end, affix, AFFIX_MAX);
    return closed.len > 0 ? closed : cut(end, affix, limit);
}

/* The affix around digits or hex, which time and counters often start with the same ones. */
static struct bm_view around_narrow(enum end end, struct bm_view affix)
{
    struct bm_view closed = to_separator(end, affix, AFFIX_MAX);
    return closed.len > 0 || affix.len > AFFIX_MAX ? closed : affix;
}

/* ---- lengths ---- */

/* The part between the affixes, len 0: they are not there. */
static struct bm_view middle(struct bm_view text, const struct affixes *affixes)
{
    size_t outside = affixes->prefix.len + affixes->suffix.len;
    if (text.len <= outside ||
        !bm_view_equal(cut(FRONT, text, affixes->prefix.len), affixes->prefix) ||
        !bm_view_equal(cut(BACK, text, affixes->suffix.len), affixes->suffix)) {
        return (struct bm_view){NULL, 0};
    }
    return (struct bm_view){text.data + affixes->prefix.len, text.len - outside};
}

static int fits(const struct bm_token_core *core, struct bm_view text)
{
    if (core != NULL) {
        return bm_token_core_fits(core, text);
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_printable(text.data[i])) {
            return 0;
        }
    }
    return text.len > 0;
}

/* The narrowest range of lengths that enough texts are in; 0: too wide, or not enough texts. */
static int find_range(const size_t *lengths, size_t least, struct bm_fit *fit)
{
    size_t first = 1;
    size_t inside = 0;
    int found = 0;
    for (size_t last = 1; last <= BM_FIT_TEXT_MAX; last++) {
        inside += lengths[last];
        while (inside - lengths[first] >= least) {
            inside -= lengths[first++];
        }
        if (inside >= least && (!found || last - first <= fit->longest - fit->shortest)) {
            found = 1;
            fit->shortest = first;
            fit->longest = last;
            fit->matches = inside;
        }
    }
    if (!found) {
        return 0;
    }
    for (size_t len = fit->shortest; len <= fit->longest; len++) {
        if (fit->length == 0 || lengths[len] >= lengths[fit->length]) {
            fit->length = len;
        }
    }
    size_t spread = fit->longest / 4 > SPREAD_LEAST ? fit->longest / 4 : SPREAD_LEAST;
    return fit->longest - fit->shortest <= spread;
}

/* ---- one form ---- */

static void look_at(struct bm_fit *fit, struct bm_view text, uint8_t seen[256])
{
    fit->characters += text.len;
    for (size_t i = 0; i < text.len; i++) {
        seen[text.data[i]] = 1;
    }
    fit->zero_in_front += text.data[0] == '0';
    if (fit->core != NULL && fit->core->form == BM_CORE_UUID) {
        uint8_t digit = text.data[14];
        size_t version = digit <= '9' ? digit - (size_t)'0' : (digit | 0x20u) - (size_t)'a' + 10;
        fit->version[version]++;
    }
}

/*
 * A bound on the odds that so many random characters of an alphabet are all among `seen` of them:
 * for each choice of these, (seen / size) ^ characters.
 */
static double odds(size_t size, size_t seen, size_t characters)
{
    double result = 1.0;
    for (size_t i = 1; i <= seen; i++) {
        result *= (double)(size - seen + i) / (double)i;
    }
    for (size_t i = 0; i < characters && seen < size && result > BY_CHANCE; i++) {
        result *= (double)seen / (double)size;
    }
    return result;
}

/*
 * Whether the characters that came are those of the alphabet; without a core they are made one.
 * Of digits and hex half is enough: much in them is no chance but time.
 */
static int check_alphabet(struct bm_fit *fit, const uint8_t seen[256])
{
    size_t count = 0;
    for (size_t c = 1; c < 256; c++) {
        if (seen[c] && count < ALPHABET_MAX) {
            fit->alphabet[count] = (char)c;
        }
        count += seen[c];
    }
    fit->alphabet[count < ALPHABET_MAX ? count : ALPHABET_MAX] = '\0';
    if (fit->core == NULL) {
        return count >= 2 && count <= ALPHABET_MAX;
    }
    size_t size = strlen(fit->core->alphabet);
    int settled = fit->core->form != BM_CORE_CHARACTERS || (fit->core->narrow && count * 2 > size);
    return settled || odds(size, count, fit->characters) > BY_CHANCE;
}

/*
 * Whether many of the drawn parts have one separator at one place, as in "ab-cd" or where prefixes
 * are mixed: their form is more than an alphabet, and new tokens would not have it.
 */
static int is_structured(const struct bm_fit_texts *texts, const struct affixes *affixes,
                         const struct bm_fit *fit)
{
    size_t many = fit->matches / 4 > STRUCTURED_LEAST ? fit->matches / 4 : STRUCTURED_LEAST;
    for (size_t place = 0; place < fit->longest; place++) {
        size_t counts[256] = {0};
        for (size_t i = 0; i < texts->count; i++) {
            struct bm_view text = middle(texts->list[i], affixes);
            if (text.len > place && is_separator(text.data[place]) &&
                ++counts[text.data[place]] >= many) {
                return 1;
            }
        }
    }
    return 0;
}

static int try_form(const struct bm_fit_texts *texts, const struct bm_token_core *core,
                    const struct affixes *affixes, struct bm_fit *out)
{
    size_t lengths[BM_FIT_TEXT_MAX + 1] = {0};
    uint8_t seen[256] = {0};
    struct bm_fit fit = {.core = core, .prefix = affixes->prefix, .suffix = affixes->suffix};
    for (size_t i = 0; i < texts->count; i++) {
        struct bm_view text = middle(texts->list[i], affixes);
        lengths[fits(core, text) ? text.len : 0]++;
    }
    if (!find_range(lengths, texts->least, &fit)) {
        return 0;
    }
    for (size_t i = 0; i < texts->count; i++) {
        struct bm_view text = middle(texts->list[i], affixes);
        if (text.len >= fit.shortest && text.len <= fit.longest && fits(core, text)) {
            look_at(&fit, text, seen);
        }
    }
    *out = fit;
    int is_wide = core == NULL || !core->narrow;
    return check_alphabet(out, seen) && !(is_wide && is_structured(texts, affixes, &fit));
}

static int try_forms(const struct bm_fit_texts *texts, int narrow, const struct affixes *affixes,
                     struct bm_fit *out)
{
    for (size_t i = 0; i < bm_token_core_count; i++) {
        const struct bm_token_core *core = &bm_token_cores[i];
        if (core->narrow == narrow && try_form(texts, core, affixes, out)) {
            return 1;
        }
    }
    return 0;
}

/* The most frequent length of all texts. */
static size_t typical_length(const struct bm_fit_texts *texts)
{
    size_t lengths[BM_FIT_TEXT_MAX + 1] = {0};
    size_t typical = 0;
    for (size_t i = 0; i < texts->count; i++) {
        size_t len = texts->list[i].len;
        lengths[len]++;
        typical = lengths[len] > lengths[typical] ? len : typical;
    }
    return typical;
}

/* Whether enough of them are one and the same: found by majority vote, then counted. */
static int is_repeated(const struct bm_fit_texts *texts)
{
    struct bm_view candidate = texts->list[0];
    size_t votes = 0;
    size_t count = 0;
    for (size_t i = 0; i < texts->count; i++) {
        candidate = votes == 0 ? texts->list[i] : candidate;
        if (bm_view_equal(texts->list[i], candidate)) {
            votes++;
        } else {
            votes--;
        }
    }
    for (size_t i = 0; i < texts->count; i++) {
        count += (size_t)bm_view_equal(texts->list[i], candidate);
    }
    return count > 1 && count >= texts->least;
}

int bm_fit_find(const struct bm_fit_texts *texts, struct bm_fit *out)
{
    static const struct affixes none = {{NULL, 0}, {NULL, 0}};
    if (texts->count == 0 || texts->count < texts->least || is_repeated(texts)) {
        return 0; /* one text over and over is no token */
    }
    if (try_forms(texts, 1, &none, out)) {
        return 1;
    }
    size_t typical = typical_length(texts);
    struct affixes all = {common(texts, FRONT), common(texts, BACK)};
    if (texts->count < FEW) {
        all.prefix = to_separator(FRONT, all.prefix, FEW_AFFIX_MAX);
        all.suffix = to_separator(BACK, all.suffix, FEW_AFFIX_MAX);
    }
    struct affixes narrow = {around_narrow(FRONT, all.prefix), around_narrow(BACK, all.suffix)};
    struct affixes wide = {around_wide(FRONT, all.prefix, typical / 2),
                           around_wide(BACK, all.suffix, typical / 4)};
    return try_forms(texts, 1, &narrow, out) || try_forms(texts, 0, &wide, out) ||
           try_form(texts, NULL, &wide, out);
}
