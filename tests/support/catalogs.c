/* SPDX-License-Identifier: Apache-2.0 */
#include "support/catalogs.h"

#include <criterion/criterion.h>

#include "catalog/build.h"

const struct bm_namespace *test_catalog_add(struct bm_catalog *catalog, const char *db,
                                            const char *collection, const char *metadata)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_namespace *ns = NULL;
    struct bm_catalog_entry entry = {.db = bm_view_text(db),
                                     .collection = bm_view_text(collection),
                                     .has_data = 1,
                                     .metadata = bm_view_text(metadata)};
    cr_assert_eq(bm_catalog_add(catalog, &entry, &ns, &err), BM_OK, "%s", err.text);
    return ns;
}

struct bm_catalog *test_catalog_new(void)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    cr_assert_not_null(catalog);
    return catalog;
}
