/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_BUFFER_H
#define BM_BASE_BUFFER_H

#include "bsonmend/buffer.h"

#endif
