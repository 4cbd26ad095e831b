/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * For every file of the library: attributes, and loads and stores of several bytes at once. A file
 * includes it before any other header of the library. It includes only pyon.h and libc.
 */
#ifndef PYON_BASE_H
#define PYON_BASE_H

#include "pyon.h"

#include <string.h>

/* Fast mathematics would write NaN as a number, since a compiler may then assume that there is
   none. The builds turn it off after the user's flags. */
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "libpyon must know NaN and infinity: add -fno-fast-math -fno-finite-math-only to the flags"
#endif

#if defined(__GNUC__)
#define PYON_LIKELY(x) __builtin_expect(!!(x), 1)
#define PYON_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PYON_COLD __attribute__((cold, noinline))
#else
#define PYON_LIKELY(x) (x)
#define PYON_UNLIKELY(x) (x)
#define PYON_COLD
#endif

/* A DLL of Windows exports the names of a list (Makefile.am) and no others. */
#if defined(__GNUC__) && !defined(_WIN32)
#define PYON_INTERNAL __attribute__((visibility("hidden")))
#else
#define PYON_INTERNAL
#endif

/* A condition that a function takes for granted: checked with PYON_DEBUG, which tests define; else
   not even evaluated. */
#ifdef PYON_DEBUG
#undef NDEBUG
#include <assert.h>
#define PYON_ASSERT(x) assert(x)
#else
#define PYON_ASSERT(x) ((void)(false && (x)))
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PYON_LITTLE_ENDIAN 1
#else
#define PYON_LITTLE_ENDIAN 0
#endif

/* The first double that is too large for int64_t. */
#define TWO_TO_63 9223372036854775808.0

/* Eight bytes at any address, in the order of the machine. */
static inline uint64_t load64(const void *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof value);
    return value;
}

/* The same with the first byte in the lowest bits, on every machine. */
static inline uint64_t load64_le(const void *p)
{
    uint64_t value = load64(p);

    return PYON_LITTLE_ENDIAN ? value : __builtin_bswap64(value);
}

static inline void store64(void *p, uint64_t value)
{
    memcpy(p, &value, sizeof value);
}

/* The value of a digit in any base up to 36. */
static inline unsigned digit_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* The 128-bit product of two 64-bit numbers: returns the high half, fills `low`. */
static inline uint64_t multiply_high(uint64_t a, uint64_t b, uint64_t *low)
{
#if defined(__SIZEOF_INT128__)
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
#else
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    uint64_t middle = (p00 >> 32) + (uint32_t)p01 + (uint32_t)p10;

    *low = (middle << 32) | (uint32_t)p00;
    return p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
#endif
}

#endif
