/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plain text of 32 bytes and more with AVX2: see plain.h. */
#include "cpu.h"
#include "write/plain.h"

#if PYON_X86

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))

/* Copies 32 bytes. Are all of them plain? With 1 added, all that is below space or above tilde is
   at most space as a signed number. */
TARGET static inline bool copy32(char *p, const unsigned char *data, __m256i quote)
{
    const __m256i space = _mm256_set1_epi8(' '), backslash = _mm256_set1_epi8('\\');
    __m256i x = _mm256_loadu_si256((const void *)data);
    __m256i plain = _mm256_cmpgt_epi8(_mm256_add_epi8(x, _mm256_set1_epi8(1)), space);
    __m256i others = _mm256_or_si256(_mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(x, backslash));

    _mm256_storeu_si256((void *)p, x);
    return _mm256_movemask_epi8(_mm256_andnot_si256(others, plain)) == -1;
}

TARGET bool pyon_copy_plain_avx2(char *p, const unsigned char *data, size_t length, char quote)
{
    const __m256i quotes = _mm256_set1_epi8(quote);
    const size_t last = length - 32;

    PYON_ASSERT(length >= 32);
    for (size_t i = 0; i < last; i += 32)
        if (!copy32(p + i, data + i, quotes))
            return false;
    return copy32(p + last, data + last, quotes);
}

#endif
