/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The shortest text of a double, after "The Schubfach way to render doubles" (R. Giulietti, 2020).
 *
 * A double c * 2^q is the value of all decimals between (c - 1/2) * 2^q and (c + 1/2) * 2^q, and of
 * both ends if c is even. Let 10^k <= 2^q < 10^(k+1). Then this interval contains at least one
 * multiple of 10^k and at most one of 10^(k+1). The answer is the latter if there is one, else the
 * nearest of the former. (Still shorter ones are multiples of 10^(k+1) too; zeros at the end are
 * dropped later.)
 *
 *     double --> shortest() --> 17 digits and the place of the point --> put_*() --> text
 *                 |  powers of two; subnormals; ties, and else 1 in 2^57
 *                 `--> shortest_exact()
 *
 * shortest() works with x = c * 2^q / 10^(k+1), which has 15 or 16 digits and a fraction of 64
 * bits. The half width of the interval has the same unit, so one comparison tells whether the
 * integer nearest to x lies inside. If not, ten times the fraction is the 17th digit. All this is
 * done for every number, without branches, because the need for a 17th digit is a coin toss that no
 * processor can predict. The fraction is not exact, but its error is bounded: shortest_exact()
 * decides the cases within MARGIN of a decision.
 *
 * shortest_exact() is the paper's algorithm. It rounds the scaled number to odd, which preserves
 * the outcome of every comparison; tools/make_pow10.py --prove shows that the powers of ten are
 * precise enough for that.
 *
 * 16 digits are made at a time: with SSE2 in a vector, else in two 64-bit words, the first digit in
 * the highest byte. They stay there while zeros are counted and the point is put between them.
 */
#include "number/ftoa.h"

#include "cpu.h"
#include "number/bits.h"
#include "number/itoa.h"
#include "number/pow10.h"

#define FRACTION_BITS 52
#define HIDDEN_BIT (UINT64_C(1) << FRACTION_BITS)

/* Distances up to this, in units of 2^-64, decide nothing. The error is below 2; if tenfold, 20. */
#define MARGIN 32

/* 0.ddddddddddddddddd * 10^point, 17 digits of which the first is not 0 */
struct decimal {
    uint64_t digits; /* 16 of them */
    unsigned last;   /* the 17th */
    int point;
};

/* floor(log10(2^q)) */
static inline int log10_pow2(int q)
{
    return (q * 1262611) >> 22;
}

/* floor(log10(2^q * 3/4)) */
static inline int log10_pow2_narrow(int q)
{
    return (q * 1262611 - 524031) >> 22;
}

/* ---- Shortest digits --------------------------------------------------------------------- */

/* floor(w * 2^q / 10^k), odd if that is not exact. `h` is q + pow10_log2(-k) + 1. */
static uint64_t scale_to_odd(uint64_t w, int k, int h)
{
    unsigned inexact = k > 0 || k < -POW10_EXACT_MAX;
    struct pow10_product product;

    PYON_ASSERT(h >= 0 && w << h >> 59 == 0);
    product = pow10_multiply(w << h, -k, inexact);
    /* An exact product exceeds the integer by less than w << h. */
    return product.high | (product.middle != 0 || product.low >> 59 != 0);
}

/* The shortest digits of any c * 2^q, by the definition. `narrow`: the next lower double is
   nearer than the next higher one. */
PYON_COLD static void shortest_exact(uint64_t c, int q, bool narrow, struct decimal *decimal)
{
    int k = narrow ? log10_pow2_narrow(q) : log10_pow2(q);
    int h = q + pow10_log2(-k) + 1;
    unsigned odd = c & 1; /* then the ends are outside of the interval */
    uint64_t left = scale_to_odd(4 * c - 2 + narrow, k, h) + odd;
    uint64_t value = scale_to_odd(4 * c, k, h);
    uint64_t right = scale_to_odd(4 * c + 2, k, h) - odd;
    uint64_t digits = value / 4;
    uint64_t tens = digits / 10 * 10;
    bool lower = left <= 4 * tens;
    bool upper = 4 * (tens + 10) <= right;

    if (lower || upper) {
        digits = tens + (upper ? 10 : 0);
    } else {
        lower = left <= 4 * digits;
        upper = 4 * (digits + 1) <= right;
        if (lower && upper) /* the nearer one; the even one if both are as near */
            upper = value > 4 * digits + 2 - (digits & 1);
        digits += upper;
    }
    for (; digits < UINT64_C(10000000000000000); k--)
        digits *= 10;
    decimal->digits = digits / 10;
    decimal->last = (unsigned)(digits % 10);
    decimal->point = k + 17;
}

static inline unsigned near(uint64_t a, uint64_t b)
{
    return a - b + MARGIN <= 2 * MARGIN;
}

/* The same for normal numbers that are not a power of two. */
static inline void shortest(uint64_t c, int q, struct decimal *decimal)
{
    int k = log10_pow2(q);
    int shift = q + pow10_log2(-k - 1);
    uint64_t half = pyon_pow10[-k - 1 - POW10_MIN][0] >> -shift;
    struct pow10_product product = pow10_multiply(c << (shift + 12), -k - 1, 0);
    uint64_t whole = product.high >> 11; /* x = high:middle / 2^75 */
    uint64_t fraction = product.high << 53 | product.middle >> 11;
    uint64_t above = fraction >> 63; /* is the integer above x nearer? */
    uint64_t distance = fraction ^ (0 - above);
    uint64_t rest, tenths = multiply_high(fraction, 10, &rest);
    uint64_t inside, is_short;

    PYON_ASSERT(shift >= -4 && shift <= -1);
    if (PYON_UNLIKELY(near(distance, half) | near(rest, UINT64_C(1) << 63))) {
        shortest_exact(c, q, false, decimal);
        return;
    }
    inside = distance < half;
    whole += inside & above;
    tenths = (tenths + (rest >> 63)) & (inside - 1);

    is_short = whole < UINT64_C(1000000000000000);
    decimal->digits = whole + ((9 * whole + tenths) & (0 - is_short));
    decimal->last = (unsigned)(tenths & (is_short - 1));
    decimal->point = k + 17 - (int)is_short;
}

/* ---- 17 digits as characters ------------------------------------------------------------- */

#if PYON_X86

struct text {
    __m128i digits;
    char last;
    int count; /* of digits, without zeros at the end of the number */
};

static inline void make_text(const struct decimal *decimal, struct text *text)
{
    __m128i digits = make_sixteen(decimal->digits);
    __m128i used = _mm_cmpgt_epi8(digits, _mm_setzero_si128());
    unsigned places = (unsigned)_mm_movemask_epi8(used) | (unsigned)(decimal->last != 0) << 16;

    text->digits = _mm_or_si128(digits, _mm_set1_epi8('0'));
    text->last = (char)('0' + decimal->last);
    text->count = 32 - __builtin_clz(places);
}

static inline void put_digits(char *p, const struct text *text)
{
    _mm_storeu_si128((void *)p, text->digits);
    p[16] = text->last;
}

/* The same with a point after the first `before` of them; 0 < before <= 16. */
static inline void put_digits_and_point(char *p, const struct text *text, int before)
{
    static const unsigned char ones_and_zeros[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                     255, 255, 255, 255, 255, 255, 255, 255};
    __m128i mask = _mm_loadu_si128((const void *)(ones_and_zeros + 16 - before));
    __m128i moved = _mm_slli_si128(text->digits, 1);

    put_digits(p + 1, text);
    _mm_storeu_si128(
        (void *)p, _mm_or_si128(_mm_and_si128(mask, text->digits), _mm_andnot_si128(mask, moved)));
    p[before] = '.';
}

#else

/* The digits of a number below 10^8, one a byte, the first in the highest byte. */
static inline uint64_t eight_digits(uint64_t value)
{
    /* Splits into halves of 4, 2 and 1 digits, all at once. If x = 100 * high + low, the separated
       halves are high * 2^16 + low. For such small numbers, high is a product and a shift. */
    uint64_t x = value + value / 10000 * ((UINT64_C(1) << 32) - 10000);
    uint64_t high = ((x * 5243) >> 19) & UINT64_C(0x0000007f0000007f);

    x += high * ((1 << 16) - 100);
    high = ((x * 103) >> 10) & UINT64_C(0x000f000f000f000f);
    return x + high * ((1 << 8) - 10);
}

/* Writes the 8 bytes of a word, the highest first. */
static inline void put_word(char *p, uint64_t word)
{
#if PYON_LITTLE_ENDIAN
    word = __builtin_bswap64(word);
#endif
    store64(p, word);
}

/* The 17 digits as characters, and their number without the zeros at the end. */
struct text {
    uint64_t first, second;
    char last;
    int count;
};

static inline void make_text(const struct decimal *decimal, struct text *text)
{
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    uint64_t first = eight_digits(decimal->digits / 100000000);
    uint64_t second = eight_digits(decimal->digits % 100000000);
    /* If there is a 17th digit, all before it count. It is put into the byte of the 16th for this:
       so there is no branch on a coin toss. */
    uint64_t behind = second | decimal->last;
    unsigned unused = (unsigned)__builtin_ctzll(behind ? behind : first) / 8;

    text->first = first | zeros;
    text->second = second | zeros;
    text->last = (char)('0' + decimal->last);
    text->count = (behind ? 16 : 8) - (int)unused + (decimal->last != 0);
}

static inline void put_digits(char *p, const struct text *text)
{
    put_word(p, text->first);
    put_word(p + 8, text->second);
    p[16] = text->last;
}

/* The same with a point after the first `before` of them; 0 < before <= 16. */
static inline void put_digits_and_point(char *p, const struct text *text, int before)
{
    uint64_t word = text->first, behind;
    char *start = p;
    int left = before;

    put_digits(p + 1, text); /* right for those after the point; the others move left by one */
    if (left > 8) {
        put_word(p, word);
        word = text->second;
        p += 8;
        left -= 8;
    }
    behind = ~UINT64_C(0) >> 4 * left >> 4 * left; /* 8 * left may be too much to shift */
    put_word(p, (word & ~behind) | (word & behind) >> 8);
    start[before] = '.';
}

#endif

/* ---- Layout ------------------------------------------------------------------------------ */

/* 0.000ddd */
static inline char *put_fraction(char *p, const struct text *text, int point)
{
    PYON_ASSERT(point > -4 && point <= 0);
    memcpy(p, "0.000000", 8);
    put_digits(p + 2 - point, text);
    return p + 2 - point + text->count;
}

/* ddd.ddd */
static inline char *put_fixed(char *p, const struct text *text, int point)
{
    PYON_ASSERT(point > 0 && point <= 16);
    put_digits_and_point(p, text, point);
    return p + 1 + (text->count > point ? text->count : point + 1);
}

/* d.ddde+XX */
static inline char *put_scientific(char *p, const struct text *text, int point)
{
    int exponent = point - 1;
    unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);

    put_digits(p + 1, text);
    p[0] = p[1];
    p[1] = '.';
    p += text->count + (text->count > 1);
    p[0] = 'e';
    p[1] = exponent < 0 ? '-' : '+';
    p[2] = (char)('0' + magnitude / 100); /* is overwritten if it is 0 */
    p += magnitude >= 100 ? 3 : 2;
    memcpy(p, digit_pairs + 2 * (magnitude % 100), 2);
    return p + 2;
}

static inline char *put_decimal(char *p, const struct decimal *decimal)
{
    int point = decimal->point;
    struct text text;

    make_text(decimal, &text);
    if (point > 16 || point <= -4)
        return put_scientific(p, &text, point);
    if (point > 0)
        return put_fixed(p, &text, point);
    return put_fraction(p, &text, point);
}

static inline char *put_integer(char *p, uint64_t value)
{
    p = write_unsigned(p, value);
    memcpy(p, ".0", 2);
    return p + 2;
}

size_t pyon_ftoa(char *buffer, double value)
{
    char *p = buffer;
    struct decimal decimal;
    uint64_t bits = to_bits(value), c;
    int exponent, q;

    *p = '-';
    p += bits >> 63;
    exponent = (int)(bits >> FRACTION_BITS & 0x7ff);
    c = (bits & (HIDDEN_BIT - 1)) | HIDDEN_BIT;
    q = exponent - 1023 - FRACTION_BITS;

    PYON_ASSERT(exponent != 0x7ff);
    if (q <= 0 && q >= -FRACTION_BITS && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return (size_t)(put_integer(p, c >> -q) - buffer);
    if (PYON_LIKELY(c != HIDDEN_BIT && exponent != 0))
        shortest(c, q, &decimal);
    else if (exponent != 0)
        shortest_exact(c, q, exponent > 1, &decimal);
    else if (c != HIDDEN_BIT)
        shortest_exact(c - HIDDEN_BIT, q + 1, false, &decimal);
    else
        return (size_t)(put_integer(p, 0) - buffer);
    return (size_t)(put_decimal(p, &decimal) - buffer);
}

/* ---- Many of them ------------------------------------------------------------------------ */

bool pyon_ftoa_has_batch(void)
{
#if PYON_X86
    return pyon_cpu >= PYON_CPU_AVX512;
#else
    return false;
#endif
}

void pyon_ftoa_batch(struct pyon_ftoa_batch *batch, const double values[PYON_FTOA_BATCH])
{
#if PYON_X86
    if (pyon_ftoa_has_batch()) {
        pyon_ftoa_batch_avx512(batch, values);
        return;
    }
#endif
    for (size_t i = 0; i < PYON_FTOA_BATCH; i++)
        batch->length[i] = (unsigned char)pyon_ftoa(batch->text[i], values[i]);
}

char *pyon_ftoa_run(char *p, const double *values, size_t count, const char *separator,
                    size_t length)
{
    const double *end = values + count;

#if PYON_X86
    if (pyon_ftoa_has_batch() && length <= PYON_FTOA_SEPARATOR) {
        char copy[PYON_FTOA_SEPARATOR] = {0};

        memcpy(copy, separator, length);
        count -= count % PYON_FTOA_BATCH;
        p = pyon_ftoa_run_avx512(p, values, count, copy, length);
        values += count;
    }
#endif
    for (; values < end; values++) {
        p += pyon_ftoa(p, *values);
        memcpy(p, separator, length);
        p += length;
    }
    return p;
}
