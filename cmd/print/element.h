/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Elements of an array, or of a part of one. */
#ifndef CMD_ELEMENT_H
#define CMD_ELEMENT_H

#include "print/line.h"

#include <stdint.h>
#include <string.h>

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

/* An unsigned one of 64 bits, which may be beyond int64_t. */
static inline uint64_t unsigned_element(const struct pyon_array *array, size_t index)
{
    uint64_t value;

    memcpy(&value, array_element(array, index), sizeof value);
    return array->swapped ? __builtin_bswap64(value) : value;
}

/* The text of an element of the kind U, as UTF-8, without the NULs at its end: new, NULL without memory. */
char *element_utf8(const struct pyon_array *array, size_t index, size_t *length);

/* The bytes of an element of the kind S: how many are there without the NULs at its end? */
size_t element_size(const struct pyon_array *array, size_t index);

/* A number as people read it, with up to that many digits: "1.5", "3e-07", "nan". */
bool line_put_real(struct line_text *line, double value, int digits);

/* As Python shows it. */
bool line_put_exact_real(struct line_text *line, double value);
bool line_put_complex(struct line_text *line, double real, double imaginary);

/* An element, as people read it: dates as dates, strings in quotes. False if there is no room. */
bool line_put_element(struct line_text *line, const struct pyon_array *array, size_t index);

#endif
