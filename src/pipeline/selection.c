/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/selection.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* How many namespaces these rules select. */
static size_t count_selected(const struct bm_rules *rules, const struct bm_catalog *catalog)
{
    size_t count = 0;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        count += bm_rules_select(rules, bm_catalog_namespace(catalog, i)->ns) ? 1 : 0;
    }
    return count;
}

static int matches_nothing(char *pattern, const struct bm_catalog *catalog)
{
    const struct bm_rules alone = {.includes = &pattern, .include_count = 1};
    return count_selected(&alone, catalog) == 0;
}

/* As many names as one line takes, and how many more there are. */
static enum bm_status refuse(const struct bm_catalog *catalog, const char *what,
                             struct bm_error *err)
{
    enum { ROOM = 160 };
    char names[ROOM + 32] = "none";
    size_t count = bm_catalog_count(catalog);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = bm_catalog_namespace(catalog, i)->ns;
        if (len + strlen(name) + 2 > ROOM) {
            (void)snprintf(names + len, sizeof names - len,
                           len > 0 ? " and %zu more" : "%zu too long for this line", count - i);
            break;
        }
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len > 0 ? ", " : "", name);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "%s; namespaces of the dump: %s", what, names);
}

enum bm_status bm_selection_check(const struct bm_rules *rules, const struct bm_catalog *catalog,
                                  struct bm_result *result, struct bm_error *err)
{
    char line[160];
    for (size_t i = 0; i < rules->include_count; i++) {
        if (matches_nothing(rules->includes[i], catalog)) {
            (void)snprintf(line, sizeof line, "--nsInclude %.100s matches nothing",
                           rules->includes[i]);
            return refuse(catalog, line, err);
        }
    }
    if ((rules->include_count > 0 || rules->exclude_count > 0) &&
        count_selected(rules, catalog) == 0) {
        return refuse(catalog, "--nsInclude and --nsExclude leave nothing to judge", err);
    }
    for (size_t i = 0; i < rules->exclude_count; i++) {
        if (matches_nothing(rules->excludes[i], catalog)) {
            (void)snprintf(line, sizeof line, "--nsExclude %.100s matches nothing",
                           rules->excludes[i]);
            if (bm_result_add_note(result, line, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}
