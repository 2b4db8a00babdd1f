/* SPDX-License-Identifier: Apache-2.0 */
/* A rules file: read twice it says the same twice, what is wrong with it is a usage error, and the
 * metadata that its rules make is metadata that the same rules leave alone. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "bsonmend/repair.h"
#include "bsonmend/rules.h"
#include "bsonmend/seen.h"
#include "catalog/build.h"

static const char *const names[] = {"b", "c"};
enum { NAMES = sizeof names / sizeof names[0] };
static const char *const texts[NAMES] = {
    "{\"options\":{\"validator\":{\"x\":{\"$exists\":true}}},\"indexes\":["
    "{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"
    "{\"v\":2,\"unique\":true,\"key\":{\"token\":1},\"name\":\"token_1\"},"
    "{\"v\":2,\"unique\":true,\"key\":{\"number\":1,\"day\":-1},\"name\":\"number_1_day_-1\"},"
    "{\"v\":2,\"key\":{\"share\":1},\"name\":\"share_1\"}],\"collectionName\":\"b\"}",
    ""};

/* The collections a.b and a.c, with these metadata texts. */
static struct bm_catalog *catalog_of(const struct bm_view *metadata)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    FUZZ_HOLDS(catalog != NULL);
    for (size_t i = 0; i < NAMES; i++) {
        const struct bm_namespace *ns = NULL;
        const struct bm_catalog_entry entry = {.db = bm_view_text("a"),
                                               .collection = bm_view_text(names[i]),
                                               .has_data = 1,
                                               .metadata = metadata[i]};
        FUZZ_HOLDS(bm_catalog_add(catalog, &entry, &ns, &err) == BM_OK);
        FUZZ_HOLDS(ns->number == i && ns->metadata_state != BM_METADATA_UNREADABLE);
    }
    return catalog;
}

static struct bm_plan *plan_of(const struct bm_rules *rules, const struct bm_catalog *catalog,
                               const struct bm_token_key *token_key)
{
    static const struct bm_hash_key hash_key;
    static struct bm_budget budget = {.limit = UINT64_C(1) << 28};
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_plan_options options = {.purpose = BM_PLAN_FIX,
                                            .rules = rules,
                                            .catalog = catalog,
                                            .token_key = token_key,
                                            .hash_key = &hash_key,
                                            .budget = &budget,
                                            .repeatable = 1,
                                            .group_limit = 10,
                                            .document_limit = 5};
    struct bm_plan *plan = bm_plan_new(&options, &err);
    FUZZ_HOLDS(plan != NULL || (err.code == BM_ERROR_USAGE && err.text[0] != '\0'));
    return plan;
}

/* A second run over what the first has made. */
static void try_again(const struct bm_rules *rules, const struct bm_view *metadata,
                      const struct bm_token_key *token_key)
{
    struct bm_catalog *catalog = catalog_of(metadata);
    struct bm_plan *plan = plan_of(rules, catalog, token_key);
    FUZZ_HOLDS(plan != NULL);
    const struct bm_view *made = bm_plan_metadata(plan);
    for (size_t i = 0; made != NULL && i < NAMES; i++) {
        FUZZ_HOLDS(made[i].data == NULL || bm_view_equal(made[i], metadata[i]));
    }
    bm_plan_free(plan);
    bm_catalog_free(catalog);
}

static void try(const struct bm_rules *rules)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view metadata[NAMES];
    for (size_t i = 0; i < NAMES; i++) {
        metadata[i] = bm_view_text(texts[i]);
    }
    struct bm_token_key *token_key = bm_token_key_random(&err);
    FUZZ_HOLDS(token_key != NULL);
    struct bm_catalog *catalog = catalog_of(metadata);
    struct bm_plan *plan = plan_of(rules, catalog, token_key);
    if (plan != NULL) {
        const struct bm_view *made = bm_plan_metadata(plan);
        for (size_t i = 0; made != NULL && i < NAMES; i++) {
            metadata[i] = made[i].data != NULL ? made[i] : metadata[i];
        }
        try_again(rules, metadata, token_key);
    }
    bm_plan_free(plan);
    bm_catalog_free(catalog);
    bm_token_key_free(token_key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_rules rules;
    struct bm_rules same;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_error other = BM_ERROR_INIT;
    bm_rules_init(&rules);
    bm_rules_init(&same);
    enum bm_status status = bm_rules_parse(&rules, (struct bm_view){data, size}, &err);
    FUZZ_HOLDS(status == bm_rules_parse(&same, (struct bm_view){data, size}, &other));
    FUZZ_HOLDS(status == BM_OK ||
               (err.code == BM_ERROR_USAGE && strcmp(err.text, other.text) == 0));
    if (status == BM_OK) {
        FUZZ_HOLDS(rules.fill_count == same.fill_count && rules.index_count == same.index_count);
        try(&rules);
    }
    bm_rules_free(&rules);
    bm_rules_free(&same);
    return 0;
}
