/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_BSONMEND_H
#define BSONMEND_BSONMEND_H

#include "bsonmend/buffer.h"
#include "bsonmend/catalog.h"
#include "bsonmend/codec.h"
#include "bsonmend/container.h"
#include "bsonmend/document.h"
#include "bsonmend/error.h"
#include "bsonmend/key.h"
#include "bsonmend/reader.h"
#include "bsonmend/repair.h"
#include "bsonmend/report.h"
#include "bsonmend/rules.h"
#include "bsonmend/run.h"
#include "bsonmend/seen.h"
#include "bsonmend/version.h"
#include "bsonmend/view.h"
#include "bsonmend/writer.h"

#endif
