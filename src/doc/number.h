/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_NUMBER_H
#define BM_DOC_NUMBER_H

#include "bsonmend/document.h"

/*
 * The value of an int32, int64, double or decimal128 element as the nearest double. 0: the element
 * is no number, *out is untouched. For settings, not for keys: digits over 53 bits are lost.
 */
int bm_number_of(const struct bm_element *element, double *out);

/* What options mean by true: the bool, or a number other than 0. NaN is true, as the server has it.
 */
int bm_number_truth(const struct bm_element *element);

/* What the server takes for true in a value of any type: all but false, 0, null and undefined
 * (bsonelement.cpp, trueValue). */
int bm_element_truth(const struct bm_element *element);

#endif
