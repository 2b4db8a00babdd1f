/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <criterion/criterion.h>

Test(utf8, codes_and_lengths)
{
    static const struct {
        const char *text;
        size_t length;
        uint32_t code;
    } cases[] = {
        {"a", 1, 'a'},
        {"\xc3\xa4", 2, 0xe4},
        {"\xe2\x82\xac", 3, 0x20ac},
        {"\xf0\x9f\x98\x80", 4, 0x1f600},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\xc0\xaf", 0, 0},
        {"\xed\xa0\x80", 0, 0},
        {"\xf4\x90\x80\x80", 0, 0},
        {"\xe2\x82", 0, 0},
        {"\x80", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = bm_utf8_length(bm_view_text(cases[i].text));
        cr_assert_eq(length, cases[i].length, "case %zu", i);
        if (length > 0) {
            const uint8_t *bytes = (const uint8_t *)cases[i].text;
            cr_expect_eq(bm_utf8_code(bytes, length), cases[i].code, "case %zu", i);
        }
    }
}

/* The first and last of each range, and their neighbours. */
Test(utf8, what_hides_or_turns_is_not_plain)
{
    static const uint32_t plain[] = {' ',    '~',    0xa0,   0x61b,  0x61d,  0x200a,
                                     0x2010, 0x2027, 0x202f, 0x205f, 0x206a, 0xfefe};
    static const uint32_t others[] = {0,      0x1f,   0x7f,   0x9f,   0x61c,  0x200b, 0x200f,
                                      0x2028, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        cr_expect(bm_utf8_is_plain(plain[i]), "%x", (unsigned)plain[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cr_expect(!bm_utf8_is_plain(others[i]), "%x", (unsigned)others[i]);
    }
}

Test(utf8, a_text_is_plain_to_its_end)
{
    cr_expect(bm_utf8_all_plain(bm_view_text("")));
    cr_expect(bm_utf8_all_plain(bm_view_text("na\xc3\xafve \xe2\x82\xac")));
    cr_expect(!bm_utf8_all_plain(bm_view_text("a\xe2\x80\xae")));
    cr_expect(!bm_utf8_all_plain(bm_view_text("a\xff")));
    cr_expect(!bm_utf8_all_plain(bm_view_text("a\n")));
}
