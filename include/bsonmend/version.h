/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_VERSION_H
#define BSONMEND_VERSION_H

#define BSONMEND_VERSION "0.1.0"

#endif
