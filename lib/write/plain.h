/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plain text: space to tilde, but for the backslash and the quote. It needs no escape. */
#ifndef PYON_PLAIN_H
#define PYON_PLAIN_H

#include "cpu.h"
#include "vector.h"

#if PYON_X86
#include <tmmintrin.h>
#endif

#define PLAIN_SIZE (2 * VECTOR_SIZE) /* copy_plain() copies fewer characters */
#define PLAIN_TEXT 512               /* a longer text is not tried as a whole */

/* Sets the bytes that are not space to tilde, and the backslash and the quote. */
static inline struct vector find_special(struct vector x, char quote)
{
    struct vector others = vector_not_from(x, ' ');
    struct vector rubout = vector_equal(x, vector_splat(0x7f));
    struct vector quotes = vector_equal(x, vector_splat(quote));
    struct vector backslashes = vector_equal(x, vector_splat('\\'));

    return vector_or(vector_or(others, rubout), vector_or(quotes, backslashes));
}

static inline bool is_plain(uint32_t c, char quote)
{
    return c >= ' ' && c < 0x7f && c != (unsigned char)quote && c != '\\';
}

/* Are all eight bytes plain? Each test leaves the top bit of its bytes set where it holds. */
static inline bool plain8(uint64_t x, char quote)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t below_space = x - ones * ' ';
    uint64_t quotes = (x ^ ones * (unsigned char)quote) - ones;
    uint64_t backslashes = (x ^ ones * '\\') - ones;
    uint64_t rubout = (x ^ ones * 0x7f) - ones;

    /* A borrow can only come from a lower byte that itself fails: so "plain" is never wrong. */
    return !((x | below_space | quotes | backslashes | rubout) & tops);
}

/* The same for the first and the last eight bytes of a text. */
static inline bool plain16(uint64_t first, uint64_t last, char quote)
{
#if VECTOR_SIZE == 16
    return !vector_mask(find_special(vector_of(first, last), quote));
#else
    return plain8(first, quote) && plain8(last, quote);
#endif
}

/* Copies the rest of a text of bytes if all of it is plain: its first and its last word, which may
   overlap; of at most three bytes, its first, middle and last one. It is inlined by force: else the
   time of short strings depends on where the linker puts the two functions, and is up to half as
   long again. */
static inline __attribute__((always_inline)) bool copy_plain(char *p, const unsigned char *data,
                                                             size_t length, char quote)
{
    if (length >= VECTOR_SIZE) {
        struct vector x = vector_load(data), y = vector_load(data + length - VECTOR_SIZE);

        if (vector_mask(vector_or(find_special(x, quote), find_special(y, quote))))
            return false;
        vector_store(p, x);
        vector_store(p + length - VECTOR_SIZE, y);
    } else if (length >= 8) {
        uint64_t x = load64(data), y = load64(data + length - 8);

        if (!plain16(x, y, quote))
            return false;
        store64(p, x);
        store64(p + length - 8, y);
    } else if (length >= 4) {
        uint32_t x, y;

        memcpy(&x, data, sizeof x);
        memcpy(&y, data + length - sizeof y, sizeof y);
        if (!plain8((uint64_t)x << 32 | y, quote))
            return false;
        memcpy(p, &x, sizeof x);
        memcpy(p + length - sizeof y, &y, sizeof y);
    } else if (length > 0) {
        unsigned char first = data[0], middle = data[length / 2], last = data[length - 1];
        uint64_t spaces = UINT64_C(0x2020202020000000);

        if (!plain8(spaces | (uint32_t)(first << 16 | middle << 8 | last), quote))
            return false;
        p[0] = (char)first;
        p[length / 2] = (char)middle;
        p[length - 1] = (char)last;
    }
    return true;
}

#if PYON_X86

/* For functions into which the next one is inlined. */
#define PLAIN_SSSE3 __attribute__((target("ssse3")))

/* As copy_plain(), but no branch depends on a length up to VECTOR_SIZE, which no processor can guess.
   VECTOR_SIZE bytes may be loaded before the text, because it is loaded from its end, and as many may be
   stored: after the text, any bytes. */
PLAIN_SSSE3 static inline bool copy_plain_ssse3(char *p, const unsigned char *data, size_t length,
                                                char quote)
{
    static const unsigned char order[2 * VECTOR_SIZE] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                         8, 9, 10, 11, 12, 13, 14, 15};
    size_t others = VECTOR_SIZE - length; /* bytes before the text */
    struct vector x;

    if (length > VECTOR_SIZE)
        return copy_plain(p, data, length, quote);
    x = vector_load(data - others);
    _mm_storeu_si128((void *)p,
                     _mm_shuffle_epi8(x.bytes, _mm_loadu_si128((const void *)(order + others))));
    return vector_mask(find_special(x, quote)) >> others == 0;
}

/* As copy_plain_text(), with AVX2. */
PYON_INTERNAL bool pyon_copy_plain_avx2(char *p, const unsigned char *data, size_t length,
                                        char quote);
#endif

/* Copies a text of at least PLAIN_SIZE bytes if all of it is plain. Else it stops at the first vector
   that is not, and what it has stored is of no use. */
static inline bool copy_plain_text(char *p, const unsigned char *data, size_t length, char quote)
{
    const size_t last = length - VECTOR_SIZE;
    struct vector x;

    PYON_ASSERT(length >= PLAIN_SIZE);
#if PYON_X86
    if (PYON_LIKELY(pyon_cpu >= PYON_CPU_AVX2))
        return pyon_copy_plain_avx2(p, data, length, quote);
#endif
    for (size_t i = 0; i < last; i += VECTOR_SIZE) {
        x = vector_load(data + i);
        if (vector_mask(find_special(x, quote)))
            return false;
        vector_store(p + i, x);
    }
    x = vector_load(data + last);
    vector_store(p + last, x);
    return !vector_mask(find_special(x, quote));
}

#endif
