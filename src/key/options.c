/* SPDX-License-Identifier: Apache-2.0 */
#include "key/options.h"

#include <limits.h>
#include <string.h>

#include "doc/number.h"

/* What is asked of an option that is there. */
enum demand {
    DEMAND_TRUTH,          /* a bool or a number */
    DEMAND_BOOL,           /* a bool */
    DEMAND_NUMBER,         /* a number */
    DEMAND_TEXT,           /* a string */
    DEMAND_FILLED,         /* a document with something in it */
    DEMAND_NOT_NAN,        /* asked of numbers, as are the next two */
    DEMAND_NOT_NEGATIVE,   /* … */
    DEMAND_INT32,          /* … */
    DEMAND_ONE_FIELD,      /* a key of one field */
    DEMAND_NO_WILDCARD,    /* an index of another kind than a wildcard's */
    DEMAND_WHOLE_WILDCARD, /* a wildcard index with $** in its key */
    DEMAND_TEXT_INDEX,     /* a text index */
    DEMAND_ABSENCE         /* that it is not there */
};

/*
 * From the first version on a server may refuse what does not meet the demand, from the second it
 * is known to do so; before both any value passes, or the name is unknown and the option dropped on
 * the way.
 */
static const struct rule {
    const char *name;
    enum demand demand;
    struct bm_server may, does;
    const char *words;
} rules[] = {
    {"unique", DEMAND_TRUTH, {5, 0}, {5, 0}, "the field 'unique' is not convertible to bool"},
    {"sparse", DEMAND_TRUTH, {5, 0}, {5, 0}, "the field 'sparse' is not convertible to bool"},
    {"background",
     DEMAND_TRUTH,
     {5, 0},
     {5, 0},
     "the field 'background' is not convertible to bool"},
    {"dropDups", DEMAND_TRUTH, {5, 0}, {5, 0}, "the field 'dropDups' is not convertible to bool"},
    {"prepareUnique",
     DEMAND_TRUTH,
     {6, 0},
     {6, 0},
     "the field 'prepareUnique' is not convertible to bool"},
    {"hidden", DEMAND_BOOL, {4, 4}, {4, 4}, "the field 'hidden' must be a bool"},
    /* mongorestore adds a field that a clustered index must not have (metadata.go, "ns"). */
    {"clustered",
     DEMAND_ABSENCE,
     {5, 3},
     {5, 3},
     "the field 'clustered' of an index that the collection is not clustered by"},
    {"weights",
     DEMAND_TEXT_INDEX,
     {4, 2},
     {7, 0},
     "the field 'weights' can only be specified with text indexes"},
    {"wildcardProjection",
     DEMAND_WHOLE_WILDCARD,
     {4, 2},
     {4, 2},
     "the field 'wildcardProjection' is only allowed in an index over $**"},
    {"wildcardProjection",
     DEMAND_FILLED,
     {4, 2},
     {4, 2},
     "the field 'wildcardProjection' must be a non-empty object"},
    {"storageEngine",
     DEMAND_FILLED,
     {0, 0},
     {0, 0},
     "the field 'storageEngine' must be a non-empty object"},
    {"expireAfterSeconds",
     DEMAND_NUMBER,
     {0, 0},
     {4, 2},
     "TTL index 'expireAfterSeconds' option must be numeric"},
    {"expireAfterSeconds",
     DEMAND_NOT_NAN,
     {5, 0},
     {INT_MAX, INT_MAX},
     "TTL index 'expireAfterSeconds' option must not be NaN"},
    {"expireAfterSeconds",
     DEMAND_NOT_NEGATIVE,
     {0, 0},
     {4, 2},
     "TTL index 'expireAfterSeconds' option cannot be less than 0"},
    {"expireAfterSeconds",
     DEMAND_INT32,
     {0, 0},
     {4, 2},
     "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer"},
    {"expireAfterSeconds",
     DEMAND_ONE_FIELD,
     {0, 0},
     {4, 2},
     "TTL indexes are single-field indexes, compound indexes do not support TTL"},
    {"expireAfterSeconds",
     DEMAND_NO_WILDCARD,
     {4, 2},
     {4, 2},
     "a wildcard index cannot be a TTL index"},
    {"default_language",
     DEMAND_TEXT,
     {0, 0},
     {7, 0},
     "the field 'default_language' must be a string"},
    {"language_override",
     DEMAND_TEXT,
     {0, 0},
     {7, 0},
     "the field 'language_override' must be a string"},
    {"textIndexVersion",
     DEMAND_NUMBER,
     {0, 0},
     {7, 0},
     "the field 'textIndexVersion' must be a number"},
    {"2dsphereIndexVersion",
     DEMAND_NUMBER,
     {0, 0},
     {7, 0},
     "the field '2dsphereIndexVersion' must be a number"},
    {"bits", DEMAND_NUMBER, {0, 0}, {7, 0}, "the field 'bits' must be a number"},
    {"min", DEMAND_NUMBER, {0, 0}, {7, 0}, "the field 'min' must be a number"},
    {"max", DEMAND_NUMBER, {0, 0}, {7, 0}, "the field 'max' must be a number"},
};

/* What servers from 3.4 to 4.0 know; mongorestore asks later ones to pass over what they do not. */
static const char *const known[] = {"_id",
                                    "2dsphereIndexVersion",
                                    "background",
                                    "bits",
                                    "bucketSize",
                                    "coarsestIndexedLevel",
                                    "collation",
                                    "default_language",
                                    "dropDups",
                                    "expireAfterSeconds",
                                    "finestIndexedLevel",
                                    "key",
                                    "language_override",
                                    "max",
                                    "min",
                                    "name",
                                    "ns",
                                    "partialFilterExpression",
                                    "sparse",
                                    "storageEngine",
                                    "textIndexVersion",
                                    "unique",
                                    "v",
                                    "weights"};

static size_t fields_of(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    size_t count = 0;
    enum bm_status next = bm_elements_open(&elements, key, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, &damage)) == BM_OK) {
        count++;
    }
    return count;
}

static int has(struct bm_view document, const char *name)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element element;
    return document.len > 0 &&
           bm_document_find(document, bm_view_text(name), &element, &damage) == BM_OK;
}

static int meets(const struct bm_element *option, enum demand demand,
                 const struct bm_index_spec *spec)
{
    double number = 0;
    int is_number = bm_number_of(option, &number);
    switch (demand) {
    case DEMAND_TRUTH:
        return option->type == BM_TYPE_BOOL || is_number;
    case DEMAND_BOOL:
        return option->type == BM_TYPE_BOOL;
    case DEMAND_NUMBER:
        return is_number;
    case DEMAND_TEXT:
        return option->type == BM_TYPE_STRING;
    case DEMAND_FILLED:
        return option->type == BM_TYPE_OBJECT && fields_of(option->value) > 0;
    case DEMAND_NOT_NAN:
        return !(is_number && number != number);
    case DEMAND_NOT_NEGATIVE:
        return !(number <= -1);
    case DEMAND_INT32:
        return !(number >= 2147483648.0);
    case DEMAND_ONE_FIELD:
        return fields_of(spec->key) == 1;
    case DEMAND_NO_WILDCARD:
        return spec->kind != BM_INDEX_WILDCARD;
    case DEMAND_WHOLE_WILDCARD:
        return spec->kind == BM_INDEX_WILDCARD && has(spec->key, "$**");
    case DEMAND_TEXT_INDEX:
        return spec->kind == BM_INDEX_TEXT;
    case DEMAND_ABSENCE:
        return 0;
    }
    return 1;
}

/* What one option meets with; a refusal is told rather than a doubt. */
static void ask_option(const struct bm_element *option, const struct bm_index_spec *spec,
                       struct bm_server server, struct bm_objection *objection)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        int does = !bm_server_before(server, rule->does.major, rule->does.minor);
        if (bm_view_equal(option->name, bm_view_text(rule->name)) &&
            !bm_server_before(server, rule->may.major, rule->may.minor) &&
            (objection->words == NULL || does) && !objection->is_servers &&
            !meets(option, rule->demand, spec)) {
            *objection = (struct bm_objection){rule->words, does};
        }
    }
}

static int is_known(const struct bm_element *option)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (bm_view_equal(option->name, bm_view_text(known[i]))) {
            return 1;
        }
    }
    return 0;
}

static int refuses_unknown(struct bm_server server)
{
    return !bm_server_before(server, 3, 4) && bm_server_before(server, 4, 2);
}

/* The name is bytes that mongorestore and the server look at. */
static struct bm_objection name_objection(const struct bm_index_spec *spec, struct bm_server server)
{
    static const size_t most = 127;
    if (spec->name == NULL) {
        return BM_NO_OBJECTION;
    }
    if (spec->name[0] == '\0') {
        return bm_refused("index name cannot be empty");
    }
    if (strcmp(spec->name, "*") == 0) {
        return (struct bm_objection){"the index name '*' is not valid",
                                     !bm_server_before(server, 4, 4)};
    }
    if (strcmp(spec->name, "_id_") == 0) {
        return bm_refused("the index name '_id_' is reserved for the _id index");
    }
    if (bm_server_before(server, 4, 2) && spec->ns != NULL &&
        strlen(spec->ns) + strlen(".$") + strlen(spec->name) > most) {
        return bm_refused("namespace and name are longer than 127 bytes, which mongorestore does "
                          "not send to servers before 4.2");
    }
    return BM_NO_OBJECTION;
}

struct bm_objection bm_options_objection(const struct bm_index_spec *spec,
                                         const struct bm_index_home *home)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element option;
    struct bm_objection objection = name_objection(spec, home->server);
    if (spec->spec.len == 0 || bm_elements_open(&elements, spec->spec, &damage) != BM_OK) {
        return objection;
    }
    while (!objection.is_servers && bm_elements_next(&elements, &option, &damage) == BM_OK) {
        ask_option(&option, spec, home->server, &objection);
        if (refuses_unknown(home->server) && !is_known(&option)) {
            objection = bm_refused("it has a field that is not valid for an index specification");
        }
    }
    return objection;
}

/* A pattern of one field _id, ascending or descending, by whatever name. */
static int is_id_pattern(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    double number;
    if (bm_elements_open(&elements, key, &damage) != BM_OK ||
        bm_elements_next(&elements, &element, &damage) != BM_OK ||
        !bm_view_equal(element.name, bm_view_text("_id")) || !bm_number_of(&element, &number)) {
        return 0;
    }
    int whole = (number >= 1 && number < 2) || (number <= -1 && number > -2);
    return whole && bm_elements_next(&elements, &element, &damage) == BM_END;
}

static struct bm_objection id_pattern_objection(const struct bm_index_spec *spec,
                                                struct bm_server server)
{
    if (!is_id_pattern(spec->key)) {
        return BM_NO_OBJECTION;
    }
    if (spec->partial.len > 0) {
        return bm_refused("_id index cannot be a partial index");
    }
    if (spec->sparse) {
        return bm_refused("_id index cannot be sparse");
    }
    return bm_server_before(server, 3, 4)
               ? BM_NO_OBJECTION
               : bm_refused("the field 'key' for an _id index must be {_id: 1}");
}

struct bm_objection bm_options_together(const struct bm_index_spec *spec,
                                        const struct bm_index_home *home)
{
    static const size_t indexes_most = 64;
    if (home->kind == BM_NAMESPACE_TIMESERIES && spec->unique) {
        return bm_refused("Unique indexes are not supported on time-series collections");
    }
    if (spec->sparse && spec->partial.len > 0) {
        /* Versions of mongorestore differ in whether they send an empty filter (idx.go). */
        return fields_of(spec->partial) == 0
                   ? (struct bm_objection){"sparse together with an empty partial filter, which "
                                           "not "
                                           "every mongorestore sends",
                                           0}
                   : bm_refused("sparse together with a partial filter");
    }
    if (spec->unique && spec->prepare_unique && !bm_server_before(home->server, 6, 0)) {
        return bm_refused("unique together with prepareUnique");
    }
    if (spec->place >= indexes_most) {
        return bm_refused("more than 64 indexes in one collection");
    }
    return id_pattern_objection(spec, home->server);
}
