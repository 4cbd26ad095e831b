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

/* A bit for each of 32 bytes that is special. Bytes above 0x7f are negative. */
__attribute__((target("avx2"))) static inline uint64_t find_special(const char *p)
{
    __m256i x = _mm256_loadu_si256((const void *)p);
    __m256i quotes = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('"'));
    __m256i backslashes = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\\'));
    __m256i others = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), x);
    __m256i special = _mm256_or_si256(others, _mm256_or_si256(quotes, backslashes));

    return (uint32_t)_mm256_movemask_epi8(special);
}

__attribute__((target("avx2"))) const char *pyon_find_special_avx2(const char *p, const char *limit)
{
    const char *last = limit + 1 - 32; /* its 32 bytes end with the NUL, which is special */
    uint64_t special;

    for (; limit - p >= 64; p += 64) {
        special = find_special(p) | find_special(p + 32) << 32;
        if (special)
            return p + __builtin_ctzll(special);
    }
    special = find_special(p < last ? p : last) >> (p < last ? 0 : p - last);
    if (special)
        return p + __builtin_ctzll(special);
    p += 32;
    return p + __builtin_ctzll(find_special(last) >> (p - last));
}

#endif
