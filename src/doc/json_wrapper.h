/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_JSON_WRAPPER_H
#define BM_DOC_JSON_WRAPPER_H

#include "doc/json_build.h"

/* The first name of an object decides what the object is; then all of it must fit. */
struct bm_json_wrapper {
    const char *name;
    uint8_t type;
    enum bm_status (*build)(struct bm_json_build *build, const struct bm_json_wrapper *wrapper,
                            struct bm_error *err);
};

/* Says that the object at hand is not what its name promises; returns BM_FAIL. */
enum bm_status bm_json_wrapper_refuse(const struct bm_json_build *build,
                                      const struct bm_json_wrapper *wrapper, struct bm_error *err);
/* The token of an object's one value when it is of this kind, else 0. */
size_t bm_json_wrapper_only(const struct bm_json_build *build, size_t object,
                            enum bm_json_kind kind);
/* The text of {"$name": "text"}, with a zero byte behind it; leaves `at` where it is. */
enum bm_status bm_json_wrapper_text(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper, struct bm_view *out,
                                    struct bm_error *err) BM_MUST_USE;
/* Appends the lowest `size` bytes (up to 8) of a number, little-endian. */
enum bm_status bm_json_append_number(struct bm_json_build *build, uint64_t bits, size_t size,
                                     struct bm_error *err) BM_MUST_USE;
/* Appends the bytes of pairs of hex digits; hyphens between pairs are passed over. A zero byte must
 * follow the text. */
enum bm_status bm_json_append_hex(struct bm_json_build *build,
                                  const struct bm_json_wrapper *wrapper, struct bm_view text,
                                  struct bm_error *err) BM_MUST_USE;
int bm_json_hex_digit(uint8_t c); /* -1: none */

/* Values of one token. */
enum bm_status bm_json_scalar_int32(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper,
                                    struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_int64(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper,
                                    struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_double(struct bm_json_build *build,
                                     const struct bm_json_wrapper *wrapper,
                                     struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_decimal(struct bm_json_build *build,
                                      const struct bm_json_wrapper *wrapper,
                                      struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_object_id(struct bm_json_build *build,
                                        const struct bm_json_wrapper *wrapper,
                                        struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_string(struct bm_json_build *build,
                                     const struct bm_json_wrapper *wrapper,
                                     struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_mark(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper,
                                   struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_date(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper,
                                   struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_scalar_uuid(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper,
                                   struct bm_error *err) BM_MUST_USE;

/* Values that are objects of two members. */
enum bm_status bm_json_pair_binary(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper,
                                   struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_pair_timestamp(struct bm_json_build *build,
                                      const struct bm_json_wrapper *wrapper,
                                      struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_pair_regex(struct bm_json_build *build,
                                  const struct bm_json_wrapper *wrapper,
                                  struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_pair_db_pointer(struct bm_json_build *build,
                                       const struct bm_json_wrapper *wrapper,
                                       struct bm_error *err) BM_MUST_USE;

#endif
