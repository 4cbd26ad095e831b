/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Digits to doubles, for the rare cases: more digits than 64 bits hold, and forms that JSON lacks.
 *
 * If there are more than 19 digits, w holds the first 19. So the number lies between w * 10^x and
 * (w + 1) * 10^x. Mostly both become the same double. If not, the number is compared with the
 * middle between the two doubles, exactly, as two big integers.
 */
#include "number/digits.h"
#include "number/number.h"
#include "number/scale.h"

/* ---- More digits than 64 bits hold ------------------------------------------------------- */

/* The most digits that are compared. The middle between two doubles has 767 at most. */
#define MAX_COMPARED 800

/*
 * A natural number, the lowest limb first. None has more than 2700 bits. The largest one is
 * (2m + 1) * 5^(MAX_COMPARED + 324), with 54 + 2.33 * 1124 bits. MAX_COMPARED digits have fewer.
 * The two sides of a comparison are nearly equal, so a power of two makes neither longer than that.
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
    PYON_ASSERT(carry == 0 || big->length < BIG_LIMBS);
    if (carry != 0)
        big->limbs[big->length++] = carry;
}

static void big_multiply_pow5(struct big *big, unsigned power)
{
    uint64_t factor = 1;

    for (; power >= 27; power -= 27)
        big_multiply_add(big, UINT64_C(7450580596923828125), 0); /* 5^27, the largest in 64 bits */
    for (; power > 0; power--)
        factor *= 5;
    big_multiply_add(big, factor, 0);
}

static void big_shift_left(struct big *big, unsigned bits)
{
    unsigned limbs = bits / 64;

    big_multiply_add(big, UINT64_C(1) << bits % 64, 0);
    PYON_ASSERT(big->length + limbs <= BIG_LIMBS);
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

/* Splits a text. A part that is missing is empty, or 0. */
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

/* The digits of a decimal without its point and its zeros at the start; there are `length`. */
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

/* The integer of the digits from `i` to `end`, modulo 2^64. */
static uint64_t digits_value(const struct digits *digits, size_t i, size_t end)
{
    uint64_t w = 0;

    for (; i < end; i++)
        w = w * 10 + (uint64_t)(digit_at(digits, i) - '0');
    return w;
}

/* Fills `big` with the first `length` digits, 16 at a time. */
static void big_from_digits(struct big *big, const struct digits *digits, size_t length)
{
    size_t done = length % 16;

    big->limbs[0] = digits_value(digits, 0, done);
    big->length = done > 0;
    for (; done < length; done += 16)
        big_multiply_add(big, UINT64_C(10000000000000000), digits_value(digits, done, done + 16));
}

/* Is one of the digits from `i` on not 0? */
static bool any_digit(const struct digits *digits, size_t i)
{
    while (i < digits->length && digit_at(digits, i) == '0')
        i++;
    return i < digits->length;
}

/*
 * The double nearest to digits * 10^x. It is `below` or its successor. The digits are compared with
 * the middle between these two, (2m + 1) * 2^y.
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

    /* number * 5^x * 2^x against middle * 2^y: each power goes to the side where it is positive. */
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

/* ---- Integers ---------------------------------------------------------------------------- */

/* The double of digits of `width` bits each. */
static double binary_to_double(const char *digits, size_t length, unsigned width)
{
    uint64_t w = 0, exponent = 0, bits;

    /* When w is full, it is enough to know whether any other bit is set. */
    for (size_t i = 0; i < length; i++) {
        if (w >> (64 - width) == 0) {
            w = w << width | digit_value(digits[i]);
        } else {
            w |= digits[i] != '0';
            exponent += width;
        }
    }
    if (exponent == 0)
        return eisel_lemire(w, 0);
    if (exponent > DBL_MAX_EXP)
        return from_bits(INFINITY_BITS);
    bits = to_bits(eisel_lemire(w, 0)) + (exponent << FRACTION_BITS);
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
        PYON_ASSERT(base == 10);
        return pyon_read_decimal(digits, length);
    }
}
