/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Characters of ASCII and escapes \uXXXX in any order, with SSSE3. No branch depends on which of them
 * are escapes: in a text beyond ASCII no processor can guess that. For 64 bytes of text, a mask tells
 * where characters begin:
 *
 *     text        \ u 0 3 b 1 , \ u 2 0 a c
 *     escapes     1 . . . . . . 1 . . . . .
 *     starts      1 . . . . . 1 1 . . . . .     all bytes but the five after each escape
 *
 * Then four characters are read at once: eight bytes from the start of each. The first two are `\u`
 * before digits, or the character itself.
 */
#include "lex/unescape.h"

#include "vector.h"

#if PYON_X86

#include <tmmintrin.h>

#define TARGET __attribute__((target("ssse3")))

#define WINDOW 64 /* bytes whose starts are found together */
#define UNITS 4   /* characters that are read at once */
#define ESCAPE 6  /* bytes of an escape */

_Static_assert(PYON_UNITS_READ >= WINDOW + 8,
               "eight bytes are loaded from each start, and the end");

TARGET static inline __m128i load(const void *p)
{
    return _mm_loadu_si128(p);
}

/* ---- Where characters begin ---- */

/* The starts of the characters that lie in the window and in the body, a bit for each byte; and the
   start of the next one. */
struct window {
    uint64_t starts;
    size_t size;
    bool escapes; /* one of them may be an escape */
};

/* The bytes of the window that are `c`. */
TARGET static inline uint64_t find(const char *p, char c)
{
    const __m128i all = _mm_set1_epi8(c);
    uint64_t mask = 0;

#pragma GCC unroll 4
    for (unsigned i = 0; i < WINDOW; i += 16)
        mask |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(load(p + i), all)) << i;
    return mask;
}

/* `left` bytes of the body are at `p`, one at least. */
TARGET static inline struct window look_at(const char *p, size_t left)
{
    const unsigned end =
        WINDOW - ESCAPE + 1; /* an escape that starts before it lies in the window */
    uint64_t escapes = find(p, '\\') & find(p, 'u') >> 1;
    /* A product without carries. If there are some, the digits of the escape before are wrong. */
    uint64_t starts = ~(escapes * 0x3e);
    size_t size = left < WINDOW ? left : WINDOW;

    if (left < WINDOW)
        starts &= (UINT64_C(1) << left) - 1;
    if (starts >> end)
        size = end + (size_t)__builtin_ctzll(starts >> end);
    starts &= (UINT64_C(1) << end) - 1;
    return (struct window){starts, size, (escapes & starts) != 0};
}

/* ---- Four characters ---- */

struct units {
    __m128i values; /* in four bytes each */
    unsigned bad;   /* a bit for each that is neither an escape nor ASCII */
};

/* The values of hexadecimal digits, and of other characters any. */
TARGET static inline __m128i digit_values(__m128i digits)
{
    __m128i letters = _mm_and_si128(_mm_srli_epi16(digits, 6), _mm_set1_epi8(1));
    __m128i nines = _mm_add_epi8(letters, _mm_slli_epi16(letters, 3)); /* the A is 0x41 */

    return _mm_add_epi8(_mm_and_si128(digits, _mm_set1_epi8(15)), nines);
}

/* Sets the bytes that are the digits of these values, as small letters or capitals. */
TARGET static inline __m128i are_digits(__m128i characters, __m128i values)
{
    const __m128i digits = _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b',
                                         'c', 'd', 'e', 'f');
    __m128i capital = _mm_srli_epi16(_mm_and_si128(characters, _mm_set1_epi8(0x40)), 1);

    return _mm_cmpeq_epi8(_mm_shuffle_epi8(digits, values), _mm_or_si128(characters, capital));
}

/* The digits of two characters, and the first two bytes of each. */
TARGET static inline __m128i load_two(const char *first, const char *second)
{
    const __m128i order = _mm_setr_epi8(2, 3, 4, 5, 10, 11, 12, 13, 0, 1, 8, 9, -1, -1, -1, -1);

    return _mm_shuffle_epi8(_mm_unpacklo_epi64(_mm_loadl_epi64((const void *)first),
                                               _mm_loadl_epi64((const void *)second)),
                            order);
}

TARGET static inline struct units read_units(const char *p, const unsigned places[UNITS])
{
    const __m128i zero = _mm_setzero_si128(), low = _mm_set1_epi32(0xff);
    __m128i x = load_two(p + places[0], p + places[1]), y = load_two(p + places[2], p + places[3]);
    __m128i heads = _mm_unpacklo_epi16(_mm_unpackhi_epi32(x, y), zero);
    __m128i escapes = _mm_cmpeq_epi32(heads, _mm_set1_epi32('\\' | 'u' << 8));
    __m128i first = _mm_and_si128(heads, low);
    __m128i others =
        _mm_or_si128(_mm_andnot_si128(escapes, _mm_cmpeq_epi32(first, _mm_set1_epi32('\\'))),
                     _mm_cmpgt_epi32(first, _mm_set1_epi32(0x7f)));
    __m128i digits = _mm_unpacklo_epi64(x, y), values = digit_values(digits);
    __m128i right = _mm_cmpeq_epi32(are_digits(digits, values), _mm_set1_epi32(-1));
    __m128i bytes = _mm_maddubs_epi16(values, _mm_set1_epi16(16 | 1 << 8));
    __m128i escaped = _mm_madd_epi16(bytes, _mm_set1_epi32(256 | 1 << 16));
    __m128i bad = _mm_or_si128(others, _mm_andnot_si128(right, escapes));

    return (struct units){
        _mm_or_si128(_mm_and_si128(escapes, escaped), _mm_andnot_si128(escapes, first)),
        (unsigned)_mm_movemask_ps(_mm_castsi128_ps(bad))};
}

/* ---- The body ---- */

/* For each width: the bytes of four code points of four bytes that are kept. */
static const unsigned char narrow[3][16] = {
    [1] = {0, 4, 8, 12},
    [2] = {0, 1, 4, 5, 8, 9, 12, 13},
};

/* The characters that need a closer look, though they are escapes or ASCII. */
struct limits {
    __m128i part, special; /* half of a pair; in version 1, a line end */
    __m128i largest;       /* of the width */
};

TARGET static inline unsigned find_special(__m128i values, const struct limits *limits)
{
    __m128i special = _mm_cmpeq_epi32(_mm_and_si128(values, limits->part), limits->special);
    __m128i large = _mm_cmpgt_epi32(values, limits->largest);

    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_or_si128(special, large)));
}

/* The place of reading. */
struct place {
    const char *p;
    char *out;
    __m128i all; /* the code points so far, or-ed */
};

/* Takes the first `count` of the values. */
TARGET static inline void take(struct place *place, __m128i values, unsigned count, unsigned width)
{
    static const uint32_t lanes[2 * UNITS] = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};

    _mm_storeu_si128((void *)place->out, _mm_shuffle_epi8(values, load(narrow[width])));
    place->all = _mm_or_si128(place->all, _mm_and_si128(values, load(lanes + UNITS - count)));
    place->out += count * width;
}

/* Takes the characters of a window. Returns false if one of them is for others to take: then the place
   is there. */
TARGET static inline bool take_window(struct place *place, struct window window,
                                      const struct limits *limits, unsigned width)
{
    uint64_t starts = window.starts;

    while (starts) {
        unsigned places[UNITS], absent = 0, special, count;
        struct units units;

#pragma GCC unroll 4
        for (unsigned i = 0; i < UNITS; i++) {
            absent |= (unsigned)(starts == 0) << i;
            places[i] = (unsigned)__builtin_ctzll(starts | UINT64_C(1) << (WINDOW - 1));
            starts &= starts - 1;
        }
        units = read_units(place->p, places);
        units.bad |= absent;
        special = units.bad | find_special(units.values, limits);
        if (PYON_LIKELY(special == 0)) {
            take(place, units.values, UNITS, width);
            continue;
        }
        count = (unsigned)__builtin_ctz(special);
        take(place, units.values, count, width);
        if (absent >> count & 1)
            break;
        place->p += places[count];
        return false;
    }
    place->p += window.size;
    return true;
}

TARGET void pyon_unescape_units_ssse3(struct pyon_unescaper *unescaper)
{
    const bool json = unescaper->string & PYON_STRING_JSON;
    const unsigned width = unescaper->width;
    const struct limits limits = {_mm_set1_epi32(json ? 0xfc00 : -1),
                                  _mm_set1_epi32(json ? 0xd800 : '\r'),
                                  _mm_set1_epi32(width == 1 ? 0xff : 0xffff)};
    struct place place = {unescaper->p, unescaper->out, _mm_setzero_si128()};
    bool goes_on = true;

    while (goes_on && place.p < unescaper->end && unescaper->limit - place.p >= PYON_UNITS_READ) {
        struct window window = look_at(place.p, (size_t)(unescaper->end - place.p));

        if (!window.escapes)
            break;
        goes_on = take_window(&place, window, &limits, width);
    }
    unescaper->p = place.p;
    unescaper->out = place.out;
    unescaper->wide |= _mm_movemask_epi8(_mm_cmpgt_epi32(place.all, _mm_set1_epi32(0x7f))) != 0;
}

#endif
