/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Long runs of plain text with AVX2, 64 bytes a step. Short strings do not come here: for them the
 * call costs more than it saves.
 */
#include "lex/scan.h"

#if PYON_X86

#include <immintrin.h>

__attribute__((target("avx2"))) const char *pyon_scan_plain_avx2(const char *p, const char *limit,
                                                                 char quote, bool *wide)
{
    const __m256i quotes = _mm256_set1_epi8(quote), backslash = _mm256_set1_epi8('\\');
    const __m256i control = _mm256_set1_epi8(' ' - 1);
    __m256i all = _mm256_setzero_si256();

    for (; limit - p > 64; p += 64) {
        __m256i x = _mm256_loadu_si256((const void *)p);
        __m256i y = _mm256_loadu_si256((const void *)(p + 32));
        /* The minimum of both is a control character if one of them is. */
        __m256i least = _mm256_min_epu8(x, y);
        __m256i controls = _mm256_cmpeq_epi8(_mm256_min_epu8(least, control), least);
        __m256i in_x =
            _mm256_or_si256(_mm256_cmpeq_epi8(x, quotes), _mm256_cmpeq_epi8(x, backslash));
        __m256i in_y =
            _mm256_or_si256(_mm256_cmpeq_epi8(y, quotes), _mm256_cmpeq_epi8(y, backslash));

        if (_mm256_movemask_epi8(_mm256_or_si256(controls, _mm256_or_si256(in_x, in_y))))
            break;
        all = _mm256_or_si256(all, _mm256_or_si256(x, y));
    }
    *wide |= _mm256_movemask_epi8(all) != 0;
    return p;
}

#endif
