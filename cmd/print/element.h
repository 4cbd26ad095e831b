/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The bytes of an element of an array, or of a part of one. */
#ifndef CMD_ELEMENT_H
#define CMD_ELEMENT_H

#include <pyon_tree.h>

/* Of the element of that number in C order: borrowed of the array. */
static inline const char *array_element(const struct pyon_array *array, size_t index)
{
    const char *data = array->data;

    for (size_t i = array->ndim; i-- > 0;) {
        size_t size = (size_t)array->shape[i];

        data += (int64_t)(index % size) * array->strides[i];
        index /= size;
    }
    return data;
}

#endif
