/* SPDX-License-Identifier: Apache-2.0 */
#include "container/names.h"

#include <stdlib.h>
#include <string.h>

#include <sha1.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "catalog/build.h"

enum {
    STEM_MAX = 238,   /* with ".metadata.json.gz" it fits in 255 bytes */
    STEM_KEPT = 208,  /* of a longer one */
    SHA1_BASE64 = 27, /* unpadded base64url of 20 bytes */
    DB_NAME_MAX = 63
};

static int is_text(struct bm_view view, const char *text)
{
    return bm_view_equal(view, bm_view_text(text));
}

static int cut_end(struct bm_view *name, const char *end)
{
    size_t len = strlen(end);
    if (name->len <= len || memcmp(name->data + name->len - len, end, len) != 0) {
        return 0;
    }
    name->len -= len;
    return 1;
}

size_t bm_names_plain_length(const char *name)
{
    struct bm_view plain = bm_view_text(name);
    (void)(cut_end(&plain, ".gz") || cut_end(&plain, ".zst"));
    return plain.len;
}

int bm_names_compressed(const char *name)
{
    return bm_names_plain_length(name) < strlen(name);
}

enum bm_name_kind bm_names_classify(const char *name, struct bm_view *stem)
{
    struct bm_view plain = bm_view_text(name);
    int bare = !cut_end(&plain, ".gz") && !cut_end(&plain, ".zst");
    if (is_text(plain, "prelude.json")) {
        return BM_NAME_PRELUDE;
    }
    if (cut_end(&plain, ".metadata.json")) {
        *stem = plain;
        return BM_NAME_METADATA;
    }
    if (cut_end(&plain, ".bson") || (bare && cut_end(&plain, ".bin"))) {
        *stem = plain;
        return BM_NAME_DATA;
    }
    return BM_NAME_OTHER;
}

int bm_names_is_oplog(const char *name)
{
    struct bm_view plain = {(const uint8_t *)name, bm_names_plain_length(name)};
    return is_text(plain, "oplog.bson");
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

char *bm_names_unescape(struct bm_view stem, struct bm_error *err)
{
    char *name = bm_copy_view(stem, err);
    if (name == NULL) {
        return NULL;
    }
    size_t out = 0;
    for (size_t i = 0; i < stem.len; i++) {
        uint8_t byte = stem.data[i];
        if (byte == '%') {
            int high = -1;
            int low = -1;
            if (stem.len - i > 2) {
                high = hex_value(stem.data[i + 1]);
                low = hex_value(stem.data[i + 2]);
            }
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                (void)bm_fail(err, BM_ERROR_CORRUPT, 0,
                              "the file's name has a %% that is no escaped byte");
                free(name);
                return NULL;
            }
            byte = (uint8_t)(high * 16 + low);
            i += 2;
        } else if (byte == '+') {
            byte = ' ';
        }
        name[out++] = (char)byte;
    }
    name[out] = '\0';
    return name;
}

static int is_unreserved(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' || byte == '~';
}

static int is_taken_as_it_is(uint8_t byte)
{
    return byte != '%' && byte != '+' && byte != '/';
}

/* `stays` tells the bytes that are written as they are. */
static enum bm_status escape_into(struct bm_buffer *out, struct bm_view name,
                                  int (*stays)(uint8_t byte), struct bm_error *err)
{
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < name.len && status == BM_OK; i++) {
        uint8_t byte = name.data[i];
        if (byte == ' ') {
            status = bm_buffer_append_byte(out, '+', err);
        } else if (stays(byte)) {
            status = bm_buffer_append_byte(out, byte, err);
        } else {
            status = bm_buffer_printf(out, err, "%%%02X", byte);
        }
    }
    return status;
}

static void base64url_sha1(struct bm_view name, char out[SHA1_BASE64 + 1])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t digest[SHA1_DIGEST_LENGTH + 1] = {0};
    SHA1_CTX context;
    SHA1Init(&context);
    SHA1Update(&context, name.data, name.len);
    SHA1Final(digest, &context);
    for (size_t i = 0; i < SHA1_BASE64; i++) {
        size_t bit = i * 6;
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        out[i] = alphabet[(pair >> (10 - bit % 8)) & 63];
    }
    out[SHA1_BASE64] = '\0';
}

/* Users and roles of a database other than admin. Any other name may hold what leads elsewhere. */
static int is_admin_file(struct bm_view collection)
{
    static const char *const names[] = {"$admin.system.users", "$admin.system.roles",
                                        "$admin.system.version"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is_text(collection, names[i])) {
            return 1;
        }
    }
    return 0;
}

char *bm_names_escape(struct bm_view collection, struct bm_error *err)
{
    if (is_admin_file(collection)) {
        return bm_copy_view(collection, err);
    }
    struct bm_buffer stem = BM_BUFFER_INIT((size_t)1 << 20);
    char *result = NULL;
    if (escape_into(&stem, collection, is_unreserved, err) != BM_OK) {
        goto out;
    }
    if (stem.len > STEM_MAX) {
        char hash[SHA1_BASE64 + 1];
        base64url_sha1(collection, hash);
        stem.len = STEM_KEPT;
        if (bm_buffer_printf(&stem, err, "%%24%s", hash) != BM_OK) {
            goto out;
        }
    }
    result = bm_copy_view(bm_buffer_view(&stem), err);
out:
    bm_buffer_free(&stem);
    return result;
}

char *bm_names_escape_least(struct bm_view collection, struct bm_error *err)
{
    struct bm_buffer stem = BM_BUFFER_INIT((size_t)1 << 20);
    char *result = NULL;
    if (escape_into(&stem, collection, is_taken_as_it_is, err) == BM_OK) {
        result = bm_copy_view(bm_buffer_view(&stem), err);
    }
    bm_buffer_free(&stem);
    return result;
}

int bm_names_is_cut(struct bm_view stem)
{
    if (stem.len != STEM_MAX) {
        return 0;
    }
    for (size_t i = 0; i + 3 <= stem.len; i++) {
        if (memcmp(stem.data + i, "%24", 3) == 0) {
            return 1;
        }
    }
    return 0;
}

enum bm_status bm_names_read(struct bm_view stem, struct bm_view metadata, char **name,
                             struct bm_error *err)
{
    char *told = NULL;
    *name = NULL;
    if (!bm_names_is_cut(stem)) {
        *name = bm_names_unescape(stem, err);
        return *name == NULL ? BM_FAIL : BM_OK;
    }
    if (metadata.len > 0 && bm_metadata_collection_name(metadata, &told, err) != BM_OK) {
        return BM_FAIL;
    }
    if (told == NULL) {
        return BM_END;
    }
    *name = bm_names_unescape(bm_view_text(told), err);
    free(told);
    return *name == NULL ? BM_FAIL : BM_OK;
}

const char *bm_names_refuse_db(struct bm_view db)
{
    if (db.len == 0) {
        return "a database name cannot be empty";
    }
    if (db.len > DB_NAME_MAX) {
        return "a database name cannot be longer than 63 bytes";
    }
    for (size_t i = 0; i < db.len; i++) {
        /* strchr finds the final NUL too, which is right: no name may hold one. */
        if (strchr("/\\. \"$", db.data[i]) != NULL) {
            return "a database name cannot hold any of / \\ . space \" $";
        }
    }
    return NULL;
}

int bm_names_version(const char *version, unsigned *major, unsigned *minor)
{
    unsigned numbers[2] = {0, 0};
    for (size_t i = 0; i < 2; i++) {
        size_t digits = strspn(version, "0123456789");
        if (digits == 0 || digits > 6) {
            return 0;
        }
        for (size_t k = 0; k < digits; k++) {
            numbers[i] = numbers[i] * 10 + (unsigned)(version[k] - '0');
        }
        version += digits;
        if (i == 0 && *version++ != '.') {
            return 0;
        }
    }
    *major = numbers[0];
    *minor = numbers[1];
    return 1;
}

int bm_names_version_is_read(const char *version)
{
    for (size_t i = 0; i < 3; i++) {
        size_t digits = strspn(version, "0123456789");
        if (digits == 0 || digits > 9) {
            return 0;
        }
        version += digits;
        if (i < 2 && *version++ != '.') {
            return 0;
        }
    }
    return *version == '\0' || *version == '-' || *version == '+';
}

int bm_names_version_has_buckets(const char *version)
{
    unsigned major;
    unsigned minor;
    return !bm_names_version(version, &major, &minor) || major < 8 || (major == 8 && minor < 3);
}

int bm_names_is_buckets(struct bm_view collection)
{
    return collection.len > strlen(BM_NAMES_BUCKETS) &&
           bm_view_starts_with(collection, BM_NAMES_BUCKETS);
}

struct bm_view bm_names_logical(const struct bm_namespace *ns)
{
    struct bm_view name = bm_view_text(ns->collection);
    if (bm_names_is_buckets(name) && bm_metadata_shape(ns->metadata) == BM_SHAPE_TIMESERIES) {
        name.data += strlen(BM_NAMES_BUCKETS);
        name.len -= strlen(BM_NAMES_BUCKETS);
    }
    return name;
}

enum bm_status bm_names_find_written(const struct bm_catalog *catalog,
                                     const struct bm_namespace *ns, const struct bm_namespace **out,
                                     struct bm_error *err)
{
    struct bm_view db = bm_view_text(ns->db);
    struct bm_view logical = bm_names_logical(ns);
    *out = bm_catalog_find(catalog, db, bm_view_text(ns->collection));
    if (*out != NULL || bm_metadata_shape(ns->metadata) != BM_SHAPE_TIMESERIES) {
        return BM_OK;
    }
    char *name =
        bm_format_text(err, BM_NAMES_BUCKETS "%.*s", (int)logical.len, (const char *)logical.data);
    if (name == NULL) {
        return BM_FAIL;
    }
    *out = bm_catalog_find(catalog, db, logical);
    if (*out == NULL) {
        *out = bm_catalog_find(catalog, db, bm_view_text(name));
    }
    free(name);
    return BM_OK;
}

int bm_names_compare_bytes(struct bm_view a, struct bm_view b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

enum rank { RANK_USERS, RANK_ROLES, RANK_VERSION, RANK_ADMIN, RANK_INDEXES, RANK_REST, RANK_OPLOG };

static enum rank rank_of(struct bm_view db, struct bm_view collection)
{
    static const char *const first[] = {"system.users", "system.roles", "system.version"};
    if (db.len == 0) {
        return RANK_OPLOG;
    }
    for (int i = 0; is_text(db, "admin") && i < RANK_ADMIN; i++) {
        if (is_text(collection, first[i])) {
            return (enum rank)i;
        }
    }
    if (bm_view_starts_with(collection, "$admin.")) {
        return RANK_ADMIN;
    }
    return is_text(collection, "system.indexes") ? RANK_INDEXES : RANK_REST;
}

enum bm_names_turn bm_names_turn(struct bm_view db, struct bm_view collection)
{
    enum rank rank = rank_of(db, collection);
    if (rank == RANK_OPLOG) {
        return BM_TURN_OPLOG;
    }
    return rank == RANK_REST ? BM_TURN_ORDINARY : BM_TURN_FIRST;
}

int bm_names_compare(struct bm_view db_a, struct bm_view a, struct bm_view db_b, struct bm_view b)
{
    int order = (int)rank_of(db_a, a) - (int)rank_of(db_b, b);
    if (order == 0) {
        order = bm_names_compare_bytes(db_a, db_b);
    }
    return order != 0 ? order : bm_names_compare_bytes(a, b);
}
