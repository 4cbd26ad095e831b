/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Digits to numbers.
 *
 *     text --> digits w, their number, exponent x --> scale() --> w * 10^x as a double
 *                  | more digits than w holds
 *                  `--> pyon_read_decimal() --> twice eisel_lemire() --> settle()
 *
 * A number w * 10^x becomes a double in the first of these ways that is certain to be exact:
 *
 *   - Both w and the power of ten are doubles: one multiplication or division rounds correctly.
 *     Whether w is one is told by the number of digits, which a text repeats more often than it
 *     repeats the size of w: the branch is easy to predict.
 *   - The algorithm of Eisel and Lemire ("Number parsing at a gigabyte per second", 2021): the
 *     upper bits of the product of w and a 128-bit power of ten. Mushtak and Lemire ("Fast number
 *     parsing without fallback", 2023) have shown that 128 bits are always enough, and
 *     tools/make_pow10.py --prove shows it for our table.
 *   - Beyond 19 digits, w holds the first 19, and the number lies between w * 10^x and
 *     (w + 1) * 10^x. Mostly both become the same double. If they do not, the number is compared
 *     with the middle between the two, exactly, as two big integers.
 *
 * Digits are read eight at a time, which needs to know that eight bytes can be loaded: the last
 * of them may be the NUL that ends the text, but none before. Seven branches that are never taken
 * tell so, and cost less than seven that ask for digits, because where a run of digits ends
 * is not known before and would be guessed wrong; in a word, it is calculated.
 *
 * Exponents are clamped where they still exceed every possible number of digits, so that sums of
 * both neither overflow nor change the result.
 */
#include "number.h"

#include "pow10.h"

#include <float.h>

#define FRACTION_BITS 52
#define EXPONENT_BIAS 1023
#define INFINITY_BITS (UINT64_C(0x7ff) << FRACTION_BITS)

/* All 19-digit numbers fit 64 bits. */
#define MAX_DIGITS 19

static inline double from_bits(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t to_bits(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Without a branch: in many texts signs are random. */
static inline int64_t with_sign(uint64_t magnitude, bool negative)
{
    uint64_t mask = 0 - (uint64_t)negative;

    return (int64_t)((magnitude ^ mask) - mask);
}

/* ---- Digits ------------------------------------------------------------------------------ */

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* May 8 bytes be loaded at `p`, in a text that ends with a NUL? The last may be that NUL. */
static inline bool is_loadable(const char *p)
{
    return p[0] && p[1] && p[2] && p[3] && p[4] && p[5] && p[6];
}

/* The values of 8 characters if they are digits, the first in the lowest byte. */
static inline uint64_t load_digits(const char *p)
{
    uint64_t word = load64(p);

#if !PYON_LITTLE_ENDIAN
    word = __builtin_bswap64(word);
#endif
    return word ^ UINT64_C(0x3030303030303030);
}

/* How many of them are digits, from the first one on. */
static inline unsigned count_digits(uint64_t word)
{
    /* Up to the first byte above 9, none carries into the next. */
    uint64_t others = (word | (word + UINT64_C(0x0606060606060606))) & UINT64_C(0xf0f0f0f0f0f0f0f0);

    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* The number of 8 digits. */
static inline uint64_t join_digits(uint64_t word)
{
    /* Neighbours become pairs in every other byte; each of two products adds two of the pairs,
       multiplied by their powers of 100, in its upper half. */
    const uint64_t mask = UINT64_C(0x000000ff000000ff);

    word = word * 10 + (word >> 8);
    word = (word & mask) * (100 + (UINT64_C(1000000) << 32)) +
           (word >> 16 & mask) * (1 + (UINT64_C(10000) << 32));
    return word >> 32;
}

/*
 * Reads a run of digits, one at least, in a text that ends with a NUL: appends them to the digits
 * of `w`, modulo 2^64, and returns the end of the run.
 */
static inline const char *read_digits(const char *p, uint64_t *w)
{
    static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

    /* Where one or two digits are the rule, a guess at their number lets the processor go on with
       what follows; to wait for count_digits() would take twice the time. */
    if (!is_digit(p[1])) {
        *w = *w * 10 + (uint64_t)(p[0] - '0');
        return p + 1;
    }
    if (!is_digit(p[2])) {
        *w = *w * 100 + (uint64_t)(p[0] * 10 + p[1] - '0' * 11);
        return p + 2;
    }
    while (PYON_LIKELY(is_loadable(p))) {
        uint64_t word = load_digits(p);
        unsigned count = count_digits(word);

        if (count < 8) {
            /* Zeros in front; 8 * (8 - count) may be too much to shift at once. */
            word = word << 4 * (8 - count) << 4 * (8 - count);
            *w = *w * powers[count] + join_digits(word);
            return p + count;
        }
        *w = *w * 100000000 + join_digits(word);
        p += 8;
    }
    for (; is_digit(*p); p++)
        *w = *w * 10 + (uint64_t)(*p - '0');
    return p;
}

/* Appends a digit to an exponent, unless it has some 10^18 already. */
static inline uint64_t append_clamped(uint64_t exponent, char digit)
{
    return exponent < UINT64_C(100000000000000000) ? exponent * 10 + (uint64_t)(digit - '0')
                                                   : exponent;
}

/* ---- The double of w * 10^x -------------------------------------------------------------- */

/* A double below the normal ones. `m` has 54 bits, of which the lowest 1 + `shift` must go. */
PYON_COLD static double subnormal(uint64_t m, int64_t shift)
{
    if (shift > FRACTION_BITS + 1)
        return 0;
    /* No tie can occur: it would need a w with hundreds of factors of 5. If the result is 2^52,
       it is the least normal number, and its bits say so. */
    return from_bits(((m >> shift) + 1) >> 1);
}

/*
 * Can w * 10^x be the middle between two doubles, which has 54 bits? 5^24 is too large a factor
 * for 54 bits, and w = 5^5 * 2^53 has more than 64. For these x, a product whose lower bits are 0
 * is that middle; for others, it is only near.
 */
static inline bool may_tie(int64_t x)
{
    return x >= -4 && x <= 23;
}

/* The double nearest to w * 10^x. */
static double eisel_lemire(uint64_t w, int64_t x)
{
    struct pow10_product product;
    uint64_t m, bits;
    int64_t exponent;
    int zeros, shift;

    if (w == 0 || x < POW10_MIN)
        return 0;
    if (x > DBL_MAX_10_EXP)
        return from_bits(INFINITY_BITS);

    /* From -27 to -1 a w may be a multiple of 5^-x; then w * 10^x has few bits, and the product
       only those if the power is rounded up. */
    zeros = __builtin_clzll(w);
    product = pow10_multiply(w << zeros, (int)x, x < 0 && x >= -27);

    /* The 53 bits of a double and one more. */
    shift = 9 + (int)(product.high >> 63);
    m = product.high >> shift;
    exponent = pow10_log2((int)x) + (63 - 9 - zeros) + shift + EXPONENT_BIAS;
    if (PYON_UNLIKELY(exponent <= 0))
        return subnormal(m, 1 - exponent);
    if (PYON_UNLIKELY(product.middle == 0) && m << shift == product.high && may_tie(x))
        m -= (m & 3) == 1; /* down to the even neighbour, not up */
    /* Rounding may carry into the exponent; then the fraction is 0, as it has to be. */
    bits = ((m + 1) >> 1) + ((uint64_t)(exponent - 1) << FRACTION_BITS);
    return from_bits(bits < INFINITY_BITS ? bits : INFINITY_BITS);
}

/* The same for a `w` of `digits` digits or less. */
static inline double scale(uint64_t w, size_t digits, int64_t x)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    /* Not where the processor rounds twice, as the x87 does. */
    if (FLT_EVAL_METHOD == 0 && digits <= 15 && x >= -22 && x <= 22) {
        double value = (double)(int64_t)w;

        return x < 0 ? value / powers[-x] : value * powers[x];
    }
    return eisel_lemire(w, x);
}

/* ---- More digits than 64 bits hold ------------------------------------------------------- */

/* As many digits as are compared. The middle between two doubles has 767 at most. */
#define MAX_COMPARED 800

/*
 * A natural number, the lowest limb first. None has more than 2700 bits: the larger power of 5 is
 * that of (2m + 1) * 5^(MAX_COMPARED + 324), MAX_COMPARED digits are fewer, and the two sides of
 * a comparison are nearly the same.
 */
#define BIG_LIMBS 48

struct big {
    uint64_t limbs[BIG_LIMBS];
    unsigned length;
};

static void big_multiply_add(struct big *big, uint64_t factor, uint64_t carry)
{
    for (unsigned i = 0; i < big->length; i++) {
        uint64_t low, high = multiply_high(big->limbs[i], factor, &low);

        big->limbs[i] = low + carry;
        carry = high + (big->limbs[i] < carry);
    }
    if (carry != 0)
        big->limbs[big->length++] = carry;
}

static void big_multiply_pow5(struct big *big, unsigned power)
{
    uint64_t factor = 1;

    for (; power >= 27; power -= 27)
        big_multiply_add(big, UINT64_C(7450580596923828125), 0); /* 5^27, the last to fit */
    for (; power > 0; power--)
        factor *= 5;
    big_multiply_add(big, factor, 0);
}

static void big_shift_left(struct big *big, unsigned bits)
{
    unsigned limbs = bits / 64;

    big_multiply_add(big, UINT64_C(1) << bits % 64, 0);
    memmove(big->limbs + limbs, big->limbs, big->length * sizeof *big->limbs);
    memset(big->limbs, 0, limbs * sizeof *big->limbs);
    big->length += limbs;
}

/* Negative, 0 or positive as a is less than, equal to or greater than b. */
static int big_compare(const struct big *a, const struct big *b)
{
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    for (unsigned i = a->length; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

/* ---- Any decimal ------------------------------------------------------------------------- */

/* A text as whole.fraction * 10^exponent. Either slice may be empty. */
struct decimal {
    const char *whole, *fraction;
    size_t whole_length, fraction_length;
    int64_t exponent;
};

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

/* Splits a text; what is not there is empty or 0. */
static struct decimal split(const char *text, const char *end)
{
    struct decimal decimal = {.whole = text};
    const char *p = skip_digits(text, end);

    decimal.whole_length = (size_t)(p - text);
    p += p < end && *p == '.';
    decimal.fraction = p;
    p = skip_digits(p, end);
    decimal.fraction_length = (size_t)(p - decimal.fraction);
    if (end - p >= 2) {
        bool negative = p[1] == '-';
        uint64_t exponent = 0;

        for (p += is_digit(p[1]) ? 1 : 2; p < end; p++)
            exponent = append_clamped(exponent, *p);
        decimal.exponent = with_sign(exponent, negative);
    }
    return decimal;
}

/* The digits of a decimal without its point and its zeros in front: the i-th of `length`. */
struct digits {
    const struct decimal *decimal;
    size_t start, length;
};

static inline char digit_at(const struct digits *digits, size_t i)
{
    const struct decimal *decimal = digits->decimal;

    i += digits->start;
    return i < decimal->whole_length ? decimal->whole[i]
                                     : decimal->fraction[i - decimal->whole_length];
}

static struct digits significant_digits(const struct decimal *decimal)
{
    struct digits digits = {decimal, 0, decimal->whole_length + decimal->fraction_length};

    while (digits.length > 0 && digit_at(&digits, 0) == '0') {
        digits.start++;
        digits.length--;
    }
    return digits;
}

/* The number of the digits from `i` to `end`, modulo 2^64. */
static uint64_t digits_value(const struct digits *digits, size_t i, size_t end)
{
    uint64_t w = 0;

    for (; i < end; i++)
        w = w * 10 + (uint64_t)(digit_at(digits, i) - '0');
    return w;
}

/* Fills `big` with the first digits, 16 at a time. */
static void big_from_digits(struct big *big, const struct digits *digits, size_t length)
{
    size_t done = length % 16;

    big->limbs[0] = digits_value(digits, 0, done);
    big->length = done > 0;
    for (; done < length; done += 16)
        big_multiply_add(big, UINT64_C(10000000000000000), digits_value(digits, done, done + 16));
}

/* Whether a digit from `i` on is not 0. */
static bool any_digit(const struct digits *digits, size_t i)
{
    while (i < digits->length && digit_at(digits, i) == '0')
        i++;
    return i < digits->length;
}

/*
 * The double nearest to digits * 10^x, given the next lower one `below`: compares with the middle
 * between that and its successor, (2m + 1) * 2^y.
 */
PYON_COLD static double settle(const struct digits *digits, int64_t x, double below)
{
    uint64_t bits = to_bits(below);
    uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FRACTION_BITS);
    size_t length = digits->length < MAX_COMPARED ? digits->length : MAX_COMPARED;
    struct big number, middle = {{2 * fraction + 1}, 1};
    int y, order;

    if (exponent > 0)
        middle.limbs[0] += UINT64_C(2) << FRACTION_BITS;
    else
        exponent = 1;
    y = exponent - EXPONENT_BIAS - FRACTION_BITS - 1;
    big_from_digits(&number, digits, length);
    x += (int64_t)(digits->length - length);

    /* number * 5^x * 2^x against middle * 2^y, all powers on the side where they are positive */
    if (x >= 0)
        big_multiply_pow5(&number, (unsigned)x);
    else
        big_multiply_pow5(&middle, (unsigned)-x);
    if (x >= y)
        big_shift_left(&number, (unsigned)(x - y));
    else
        big_shift_left(&middle, (unsigned)(y - x));
    order = big_compare(&number, &middle);
    if (order == 0)
        order = any_digit(digits, length) || (bits & 1) != 0 ? 1 : -1;
    return order < 0 ? below : from_bits(bits + 1);
}

double pyon_read_decimal(const char *text, size_t length)
{
    struct decimal decimal = split(text, text + length);
    struct digits digits = significant_digits(&decimal);
    size_t taken = digits.length < MAX_DIGITS ? digits.length : MAX_DIGITS;
    int64_t x = decimal.exponent - (int64_t)decimal.fraction_length;
    int64_t taken_x = x + (int64_t)(digits.length - taken);
    uint64_t w = digits_value(&digits, 0, taken);
    double below = eisel_lemire(w, taken_x), above;

    if (digits.length == taken)
        return below;
    above = eisel_lemire(w + 1, taken_x);
    return to_bits(below) == to_bits(above) ? below : settle(&digits, x, below);
}

/* ---- JSON numbers ------------------------------------------------------------------------ */

/*
 * Reads a fraction at `p` if there is one, appends its digits to `w`, subtracts their number from
 * `exponent`, and returns its end.
 */
static inline const char *read_fraction(const char *p, uint64_t *w, int64_t *exponent)
{
    const char *digits = p + 1;

    if (p[0] != '.' || !is_digit(p[1]))
        return p;
    p = read_digits(digits, w);
    *exponent -= p - digits;
    return p;
}

/* Reads an exponent at `p` if there is one, adds it to `exponent`, and returns its end. */
static inline const char *read_exponent(const char *p, int64_t *exponent)
{
    const char *digits = p + 1;
    uint64_t value = 0;

    if (PYON_LIKELY((*p | 0x20) != 'e'))
        return p;
    digits += *digits == '-' || *digits == '+';
    if (!is_digit(*digits))
        return p;
    for (p = digits; is_digit(*p); p++)
        value = append_clamped(value, *p);
    *exponent += with_sign(value, digits[-1] == '-');
    return p;
}

static inline void set_integer(struct pyon_number *number, uint64_t w, size_t digits, bool negative)
{
    bool fits = digits <= MAX_DIGITS && w <= (uint64_t)INT64_MAX + negative;

    number->kind = fits ? PYON_NUMBER_INTEGER : PYON_NUMBER_BIGINT;
    number->integer = fits ? with_sign(w, negative) : 0;
    number->real = 0;
}

static inline void set_real(struct pyon_number *number, double value, bool negative)
{
    number->kind = PYON_NUMBER_REAL;
    number->integer = 0;
    number->real = from_bits(to_bits(value) | (uint64_t)negative << 63);
}

/* How many zeros are in front of 0.000ddd; some other digit follows. */
static size_t leading_zeros(const char *p)
{
    size_t zeros = 0;

    for (; *p == '0' || *p == '.'; p++)
        zeros += *p == '0';
    return zeros;
}

/* More digits than w holds: unless they are zeros in front, read them again. */
PYON_COLD static double long_real(const char *start, const char *end, uint64_t w, size_t digits,
                                  int64_t exponent)
{
    if (w != 0 && digits - leading_zeros(start) <= MAX_DIGITS)
        return eisel_lemire(w, exponent);
    return pyon_read_decimal(start, (size_t)(end - start));
}

const char *pyon_read_number(const char *p, struct pyon_number *number)
{
    bool negative = *p == '-';
    const char *start = p + negative, *whole_end, *fraction_end, *end;
    size_t digits, fraction;
    int64_t exponent = 0;
    uint64_t w;

    if (!is_digit(*start))
        return NULL;
    w = (uint64_t)(*start - '0');
    whole_end = start + 1;
    if (w != 0 && is_digit(*whole_end))
        whole_end = read_digits(whole_end, &w);
    fraction_end = read_fraction(whole_end, &w, &exponent);
    fraction = (size_t)-exponent;
    end = read_exponent(fraction_end, &exponent);

    digits = (size_t)(whole_end - start);
    if (end == whole_end) {
        set_integer(number, w, digits, negative);
        return end;
    }
    digits += fraction;
    set_real(number,
             PYON_LIKELY(digits <= MAX_DIGITS) ? scale(w, digits, exponent)
                                               : long_real(start, end, w, digits, exponent),
             negative);
    return end;
}

/* ---- Integers ---------------------------------------------------------------------------- */

/* The double of digits of `width` bits each. */
static double binary_to_double(const char *digits, size_t length, unsigned width)
{
    uint64_t w = 0, exponent = 0, bits;

    /* When w is full, it suffices to know whether any of the other bits is set. */
    for (size_t i = 0; i < length; i++) {
        if (w >> (64 - width) == 0) {
            w = w << width | digit_value(digits[i]);
        } else {
            w |= digits[i] != '0';
            exponent += width;
        }
    }
    if (exponent == 0)
        return (double)w;
    if (exponent > DBL_MAX_EXP)
        return from_bits(INFINITY_BITS);
    bits = to_bits((double)w) + (exponent << FRACTION_BITS);
    return from_bits(bits < INFINITY_BITS ? bits : INFINITY_BITS);
}

double pyon_integer_to_double(const char *digits, size_t length, unsigned base)
{
    switch (base) {
    case 2:
        return binary_to_double(digits, length, 1);
    case 8:
        return binary_to_double(digits, length, 3);
    case 16:
        return binary_to_double(digits, length, 4);
    default:
        return pyon_read_decimal(digits, length);
    }
}
