/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_CATALOGS_H
#define BM_TESTS_CATALOGS_H

#include "bsonmend/catalog.h"

/* Catalogs made in memory; a failure to make one fails the test. */

struct bm_catalog *test_catalog_new(void); /* freed with bm_catalog_free */
/* A collection with data; metadata "": none. */
const struct bm_namespace *test_catalog_add(struct bm_catalog *catalog, const char *db,
                                            const char *collection, const char *metadata);

#endif
