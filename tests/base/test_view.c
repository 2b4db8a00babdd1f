/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/view.h"

#include <criterion/criterion.h>

Test(view, starts_with)
{
    static const struct {
        const char *text, *start;
        int does;
    } cases[] = {{"system.x", "system.", 1},
                 {"system.", "system.", 1},
                 {"system", "system.", 0},
                 {"", "", 1},
                 {"x", "", 1},
                 {"xsystem.", "system.", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(bm_view_starts_with(bm_view_text(cases[i].text), cases[i].start),
                     cases[i].does, "%s %s", cases[i].text, cases[i].start);
    }
    cr_expect(bm_view_starts_with((struct bm_view){NULL, 0}, ""));
    cr_expect(!bm_view_starts_with((struct bm_view){NULL, 0}, "a"));
}

Test(view, has_zero)
{
    static const uint8_t bytes[] = {'a', 0, 'b'};
    cr_expect(bm_view_has_zero((struct bm_view){bytes, 3}));
    cr_expect(bm_view_has_zero((struct bm_view){bytes, 2}));
    cr_expect(!bm_view_has_zero((struct bm_view){bytes, 1}));
    cr_expect(!bm_view_has_zero((struct bm_view){NULL, 0}));
}
