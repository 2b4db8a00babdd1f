/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_BYTES_H
#define BM_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

/* Little-endian numbers at any address. */
static inline uint32_t bm_le32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t bm_le64(const uint8_t *at)
{
    return (uint64_t)bm_le32(at) | (uint64_t)bm_le32(at + 4) << 32;
}

static inline void bm_put_le32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline void bm_put_le64(uint8_t *at, uint64_t value)
{
    bm_put_le32(at, (uint32_t)value);
    bm_put_le32(at + 4, (uint32_t)(value >> 32));
}

#endif
