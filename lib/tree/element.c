/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Elements of arrays, at any place in memory and in any byte order. An element is first read as an
 * integer of its size; then its dtype says how to take it.
 */
#include "number/bits.h"
#include "tree/numeric.h"

#include <math.h>

/* ---- Bits ---- */

/* The `size` bytes at `p` of an array, at most 8, in the order of this machine. */
static uint64_t load(const struct pyon_array *array, const char *p, size_t size)
{
    bool big_endian = array->swapped == (PYON_LITTLE_ENDIAN != 0);
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | (unsigned char)p[big_endian ? i : size - 1 - i];
    return value;
}

static int64_t extend(uint64_t bits, size_t size)
{
    unsigned shift = 64 - 8 * (unsigned)size;

    return (int64_t)(bits << shift) >> shift;
}

static double half_to_double(unsigned bits)
{
    unsigned exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value;

    if (exponent == 31)
        value = fraction ? NAN : INFINITY;
    else if (exponent == 0)
        value = ldexp(fraction, -24);
    else
        value = ldexp(fraction + 1024, (int)exponent - 25);
    return bits >> 15 ? -value : value;
}

static double single_to_double(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* fraction * 2**exponent */
static double scale(uint64_t fraction, int exponent, int *status)
{
    bool exact;
    double value = pyon_scale_binary(fraction, exponent, false, &exact);

    if (!exact)
        *status = PYON_ROUNDED;
    return value;
}

/* The long double of x87, in 12 or 16 bytes: 64 bits of fraction, 15 of exponent, a sign. */
static double extended_to_double(const struct pyon_array *array, const char *p, size_t size,
                                 int *status)
{
    bool big_endian = array->swapped == (PYON_LITTLE_ENDIAN != 0);
    uint64_t fraction = load(array, big_endian ? p + size - 8 : p, 8);
    unsigned high = (unsigned)load(array, big_endian ? p + size - 10 : p + 8, 2);
    int exponent = high & 0x7fff;
    double value;

    if (exponent == 0x7fff)
        value = fraction << 1 ? NAN : INFINITY;
    else
        value = scale(fraction, (exponent > 0 ? exponent : 1) - 16383 - 63, status);
    return high >> 15 ? -value : value;
}

/* One float of `size` bytes. */
static double load_real(const struct pyon_array *array, const char *p, size_t size, int *status)
{
    switch (size) {
    case 2:
        return half_to_double((unsigned)load(array, p, 2));
    case 4:
        return single_to_double((uint32_t)load(array, p, 4));
    case 8:
        return from_bits(load(array, p, 8));
    default:
        return extended_to_double(array, p, size, status);
    }
}

/* ---- Elements ---- */

/* In C order; a part of an array (pyon_path.h) has gaps between its elements. */
static const char *place_of(const struct pyon_array *array, size_t index)
{
    const char *place = array->data;

    for (size_t axis = array->ndim; axis-- > 1;) {
        size_t size = (size_t)array->shape[axis];

        place += (int64_t)(index % size) * array->strides[axis];
        index /= size;
    }
    return array->ndim > 0 ? place + (int64_t)index * array->strides[0] : place;
}

/* Are there no gaps? */
static bool is_compact(const struct pyon_array *array)
{
    int64_t size = (int64_t)array->item_size;

    for (size_t axis = array->ndim; axis-- > 0; size *= array->shape[axis])
        if (array->strides[axis] != size && array->shape[axis] != 1)
            return false;
    return true;
}

int pyon_array_integer(const struct pyon_array *array, size_t index, int64_t *value)
{
    int status = PYON_EXACT, rounded;
    const char *p;
    uint64_t bits;

    if (index >= array->count)
        return PYON_NOT_A_NUMBER;
    p = place_of(array, index);
    switch (array->kind) {
    case 'b':
        *value = *p != 0;
        return PYON_EXACT;
    case 'i':
    case 'M':
    case 'm':
        *value = extend(load(array, p, array->item_size), array->item_size);
        return PYON_EXACT;
    case 'u':
        bits = load(array, p, array->item_size);
        *value = bits > INT64_MAX ? INT64_MAX : (int64_t)bits;
        return bits > INT64_MAX ? PYON_ROUNDED : PYON_EXACT;
    case 'f':
        rounded = real_to_integer(load_real(array, p, array->item_size, &status), value);
        return rounded == PYON_EXACT ? status : rounded;
    default:
        return PYON_NOT_A_NUMBER;
    }
}

int pyon_array_real(const struct pyon_array *array, size_t index, double *value)
{
    int status = PYON_EXACT;
    int64_t integer;

    if (index >= array->count)
        return PYON_NOT_A_NUMBER;
    switch (array->kind) {
    case 'f':
        *value = load_real(array, place_of(array, index), array->item_size, &status);
        return status;
    case 'u':
        *value = scale(load(array, place_of(array, index), array->item_size), 0, &status);
        return status;
    default:
        if (pyon_array_integer(array, index, &integer) < 0)
            return PYON_NOT_A_NUMBER;
        *value = scale(integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer, 0, &status);
        if (integer < 0)
            *value = -*value;
        return status;
    }
}

int pyon_array_complex(const struct pyon_array *array, size_t index, double *real,
                       double *imaginary)
{
    size_t size = array->item_size / 2;
    int status = PYON_EXACT;

    if (array->kind != 'c') {
        *imaginary = 0;
        return pyon_array_real(array, index, real);
    }
    if (index >= array->count)
        return PYON_NOT_A_NUMBER;
    *real = load_real(array, place_of(array, index), size, &status);
    *imaginary = load_real(array, place_of(array, index) + size, size, &status);
    return status;
}

/* ---- Many of them ---- */

int pyon_array_reals(const struct pyon_array *array, size_t first, size_t count, double *values)
{
    const int64_t stride = (int64_t)array->item_size;
    const int64_t shape = (int64_t)array->count;
    struct pyon_array flat = *array;
    bool compact = is_compact(array);
    int worst = PYON_EXACT;

    if (first > array->count || count > array->count - first)
        return PYON_NOT_A_NUMBER;
    if (compact) {
        flat.ndim = 1;
        flat.shape = &shape;
        flat.strides = &stride;
        array = &flat;
    }
    if (compact && array->kind == 'f' && array->item_size == sizeof *values && !array->swapped) {
        if (count > 0)
            memcpy(values, place_of(array, first), count * sizeof *values);
        return PYON_EXACT;
    }
    for (size_t i = 0; i < count; i++) {
        int status = pyon_array_real(array, first + i, &values[i]);

        if (status < 0)
            return status;
        if (status > worst)
            worst = status;
    }
    return worst;
}
