/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Large integers: see big.h. A number is a sign and a magnitude, limbs of 32 bits, the lowest first.
 * Magnitudes are added, multiplied and divided as one does it by hand with digits.
 */
#include "number/big.h"

#include <math.h>

#define LIMB 32
#define CAPACITY (PYON_BIG_LIMBS + PYON_BIG_SLACK)

static void trim(struct big *big)
{
    while (big->count > 0 && big->limbs[big->count - 1] == 0)
        big->count--;
    if (big->count == 0)
        big->negative = false;
}

static bool fits(const struct big *big)
{
    return big->count <= PYON_BIG_LIMBS;
}

size_t pyon_big_bits(const struct big *big)
{
    if (big->count == 0)
        return 0;
    return LIMB * (size_t)big->count - (size_t)__builtin_clz(big->limbs[big->count - 1]);
}

/* ---- From and to other numbers ---- */

static void set_magnitude(struct big *big, uint64_t value)
{
    big->limbs[0] = (uint32_t)value;
    big->limbs[1] = (uint32_t)(value >> LIMB);
    big->count = 2;
    trim(big);
}

void pyon_big_from_integer(struct big *big, int64_t value)
{
    big->negative = value < 0;
    set_magnitude(big, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

bool pyon_big_to_integer(const struct big *big, int64_t *value)
{
    uint64_t magnitude = 0, limit = INT64_MAX;

    if (big->count > 2)
        return false;
    for (unsigned i = big->count; i-- > 0;)
        magnitude = magnitude << LIMB | big->limbs[i];
    if (magnitude > limit + big->negative)
        return false;
    *value = (int64_t)(big->negative ? 0 - magnitude : magnitude);
    return true;
}

void pyon_big_from_real(struct big *big, double value)
{
    int exponent;
    double fraction = frexp(trunc(value), &exponent);
    bool negative = value < 0;

    big->negative = false;
    set_magnitude(big, (uint64_t)ldexp(fabs(fraction), 53));
    if (exponent > 53)
        pyon_big_shift_left(big, big, (size_t)(exponent - 53));
    else
        pyon_big_shift_right(big, big, (size_t)(53 - exponent));
    big->negative = negative && big->count > 0;
}

/* big = big * factor + more */
static bool multiply_small(struct big *big, uint32_t factor, uint32_t more)
{
    uint64_t carry = more;

    for (unsigned i = 0; i < big->count; i++) {
        carry += (uint64_t)big->limbs[i] * factor;
        big->limbs[i] = (uint32_t)carry;
        carry >>= LIMB;
    }
    if (carry > 0)
        big->limbs[big->count++] = (uint32_t)carry;
    return fits(big);
}

/* Divides the magnitude: returns the remainder. */
static uint32_t divide_small(struct big *big, uint32_t divisor)
{
    uint64_t rest = 0;

    for (unsigned i = big->count; i-- > 0;) {
        rest = rest << LIMB | big->limbs[i];
        big->limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    while (big->count > 0 && big->limbs[big->count - 1] == 0)
        big->count--;
    return (uint32_t)rest;
}

bool pyon_big_from_text(struct big *big, const char *text, size_t length, unsigned base)
{
    bool negative = length > 0 && *text == '-';
    const char *end = text + length;

    big->negative = false;
    big->count = 0;
    for (text += negative; text < end;) {
        uint32_t factor = 1, digits = 0;

        for (; text < end && factor <= UINT32_MAX / base; text++, factor *= base)
            digits = digits * base + digit_value(*text);
        if (!multiply_small(big, factor, digits))
            return false;
    }
    big->negative = negative && big->count > 0;
    return true;
}

size_t pyon_big_to_text(const struct big *big, char *text)
{
    enum { CHUNK = 9 };
    char buffer[PYON_BIG_TEXT], *p = buffer + sizeof buffer;
    struct big rest = *big;
    size_t length;

    do {
        uint32_t chunk = divide_small(&rest, 1000000000);

        for (int i = 0; i < CHUNK && (rest.count > 0 || chunk > 0 || i == 0); i++, chunk /= 10)
            *--p = (char)('0' + chunk % 10);
    } while (rest.count > 0);
    if (big->negative)
        *--p = '-';
    length = (size_t)(buffer + sizeof buffer - p);
    memcpy(text, p, length);
    return length;
}

double pyon_scale_binary(uint64_t q, int exponent, bool more, bool *exact)
{
    int bits, top, kept, drop;
    uint64_t rest, half;
    double value;

    *exact = !more;
    if (q == 0)
        return 0;
    if (q >> 63) { /* so that no shift is by 64 */
        more |= q & 1;
        q >>= 1;
        exponent++;
    }
    bits = 64 - __builtin_clzll(q);
    top = bits - 1 + exponent;
    kept = top >= -1022 ? 53 : 53 - (-1022 - top);
    drop = bits - kept;
    if (kept < 0) {
        *exact = false;
        return 0;
    }
    if (drop > 0) {
        rest = q & (((uint64_t)1 << drop) - 1);
        half = (uint64_t)1 << (drop - 1);
        q >>= drop;
        exponent += drop;
        *exact = rest == 0 && !more;
        if (rest > half || (rest == half && (more || (q & 1))))
            q++;
    }
    value = ldexp((double)q, exponent);
    if (isinf(value))
        *exact = false;
    return value;
}

double pyon_big_quotient(const struct big *a, const struct big *b, bool *exact)
{
    enum { BITS = 58 }; /* of a quotient, or one less: more than a double has, less than 64 */
    struct big x = *a, y = *b, rest;
    uint64_t q = 0;
    int shift;
    bool ignored = false;
    double result;

    exact = exact ? exact : &ignored;
    *exact = true;
    if (big_is_zero(a))
        return 0;
    x.negative = y.negative = false;
    shift = BITS - (int)pyon_big_bits(&x) + (int)pyon_big_bits(&y);
    if (shift > 0)
        pyon_big_shift_left(&x, &x, (size_t)shift);
    else
        pyon_big_shift_left(&y, &y, (size_t)-shift);
    pyon_big_divide(&x, &rest, &x, &y);
    for (unsigned i = x.count; i-- > 0;)
        q = q << LIMB | x.limbs[i];
    result = pyon_scale_binary(q, -shift, !big_is_zero(&rest), exact);
    return a->negative != b->negative ? -result : result;
}

/* ---- Sums ---- */

static int compare_magnitudes(const struct big *a, const struct big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (unsigned i = a->count; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

static uint32_t limb_of(const struct big *big, unsigned i)
{
    return i < big->count ? big->limbs[i] : 0;
}

static void add_magnitudes(struct big *sum, const struct big *a, const struct big *b)
{
    unsigned count = a->count > b->count ? a->count : b->count;
    uint64_t carry = 0;

    for (unsigned i = 0; i < count; i++) {
        carry += (uint64_t)limb_of(a, i) + limb_of(b, i);
        sum->limbs[i] = (uint32_t)carry;
        carry >>= LIMB;
    }
    sum->limbs[count] = (uint32_t)carry;
    sum->count = count + 1;
    trim(sum);
}

/* The magnitude of a is not the less one. */
static void subtract_magnitudes(struct big *difference, const struct big *a, const struct big *b)
{
    unsigned count = a->count;
    uint64_t borrow = 0;

    for (unsigned i = 0; i < count; i++) {
        uint64_t limb = (uint64_t)limb_of(a, i) - limb_of(b, i) - borrow;

        difference->limbs[i] = (uint32_t)limb;
        borrow = limb >> LIMB & 1;
    }
    difference->count = count;
    trim(difference);
}

/* a plus b with another sign */
static bool add_signed(struct big *sum, const struct big *a, const struct big *b, bool negative)
{
    bool sign = a->negative;

    if (sign == negative) {
        add_magnitudes(sum, a, b);
    } else if (compare_magnitudes(a, b) >= 0) {
        subtract_magnitudes(sum, a, b);
    } else {
        sign = negative;
        subtract_magnitudes(sum, b, a);
    }
    sum->negative = sign && sum->count > 0;
    return fits(sum);
}

bool pyon_big_add(struct big *sum, const struct big *a, const struct big *b)
{
    return add_signed(sum, a, b, b->negative);
}

bool pyon_big_subtract(struct big *difference, const struct big *a, const struct big *b)
{
    return add_signed(difference, a, b, !b->negative);
}

/* ---- Products ---- */

bool pyon_big_multiply(struct big *product, const struct big *a, const struct big *b)
{
    struct big result;

    if (a->count + b->count > PYON_BIG_LIMBS + 1)
        return false;
    memset(result.limbs, 0, (a->count + b->count) * sizeof *result.limbs);
    for (unsigned i = 0; i < a->count; i++) {
        uint64_t carry = 0;

        for (unsigned j = 0; j < b->count; j++) {
            carry += (uint64_t)a->limbs[i] * b->limbs[j] + result.limbs[i + j];
            result.limbs[i + j] = (uint32_t)carry;
            carry >>= LIMB;
        }
        result.limbs[i + b->count] = (uint32_t)carry;
    }
    result.count = a->count + b->count;
    result.negative = a->negative != b->negative;
    trim(&result);
    *product = result;
    return fits(product);
}

bool pyon_big_power(struct big *power, const struct big *a, uint64_t exponent)
{
    struct big result, base = *a;

    pyon_big_from_integer(&result, 1);
    while (exponent > 0) {
        if ((exponent & 1) && !pyon_big_multiply(&result, &result, &base))
            return false;
        exponent >>= 1;
        if (exponent > 0 && !pyon_big_multiply(&base, &base, &base))
            return false;
    }
    *power = result;
    return true;
}

bool pyon_big_shift_left(struct big *result, const struct big *a, size_t count)
{
    size_t limbs = count / LIMB;
    unsigned bits = count % LIMB, length = a->count;

    if (big_is_zero(a)) {
        pyon_big_from_integer(result, 0);
        return true;
    }
    if (limbs >= CAPACITY || length + limbs + 1 > CAPACITY)
        return false;
    result->negative = a->negative;
    result->limbs[length + limbs] = 0;
    for (unsigned i = length; i-- > 0;) {
        uint64_t limb = (uint64_t)a->limbs[i] << bits;

        result->limbs[i + limbs + 1] |= (uint32_t)(limb >> LIMB);
        result->limbs[i + limbs] = (uint32_t)limb;
    }
    memset(result->limbs, 0, limbs * sizeof *result->limbs);
    result->count = length + (unsigned)limbs + 1;
    trim(result);
    return fits(result);
}

void pyon_big_shift_right(struct big *result, const struct big *a, size_t count)
{
    size_t limbs = count / LIMB < a->count ? count / LIMB : a->count;
    unsigned bits = count % LIMB, length = a->count - (unsigned)limbs;
    bool negative = a->negative, lost = false;
    struct big one;

    for (size_t i = 0; i < limbs; i++)
        lost |= a->limbs[i] != 0;
    if (length > 0)
        lost |= (a->limbs[limbs] & (((uint32_t)1 << bits) - 1)) != 0;
    for (unsigned i = 0; i < length; i++) {
        uint64_t high = i + 1 < length ? a->limbs[i + limbs + 1] : 0;

        result->limbs[i] = (uint32_t)((high << LIMB | a->limbs[i + limbs]) >> bits);
    }
    result->count = length;
    result->negative = negative;
    trim(result);
    if (negative && lost) {
        pyon_big_from_integer(&one, 1);
        pyon_big_subtract(result, result, &one);
    }
}

/* ---- Quotients ---- */

/* One digit: what is left in u, which has one limb more than v, of v, is taken off. Both are normalised. */
static uint32_t divide_step(uint32_t *u, const uint32_t *v, unsigned count)
{
    uint64_t top = (uint64_t)u[count] << LIMB | u[count - 1];
    uint64_t digit = top / v[count - 1], rest = top % v[count - 1];
    uint64_t carry = 0, borrow = 0;

    while (digit >> LIMB || digit * v[count - 2] > (rest << LIMB | u[count - 2])) {
        digit--;
        rest += v[count - 1];
        if (rest >> LIMB)
            break;
    }
    for (unsigned i = 0; i <= count; i++) {
        uint64_t limb;

        carry += i < count ? digit * v[i] : 0;
        limb = (uint64_t)u[i] - (uint32_t)carry - borrow;
        u[i] = (uint32_t)limb;
        borrow = limb >> LIMB & 1;
        carry >>= LIMB;
    }
    if (borrow == 0)
        return (uint32_t)digit;
    for (unsigned i = 0; i < count; i++) { /* one too many */
        carry += (uint64_t)u[i] + v[i];
        u[i] = (uint32_t)carry;
        carry >>= LIMB;
    }
    u[count] += (uint32_t)carry;
    return (uint32_t)(digit - 1);
}

/* Of magnitudes, of which b has two limbs or more and is not the larger one. */
static void divide_magnitudes(struct big *quotient, struct big *remainder, const struct big *a,
                              const struct big *b)
{
    unsigned shift = (unsigned)__builtin_clz(b->limbs[b->count - 1]);
    unsigned length = a->count, count = b->count;
    struct big v;

    pyon_big_shift_left(&v, b, shift);
    pyon_big_shift_left(remainder, a, shift);
    for (unsigned i = remainder->count; i <= length; i++)
        remainder->limbs[i] = 0;
    for (unsigned i = length - count + 1; i-- > 0;)
        quotient->limbs[i] = divide_step(remainder->limbs + i, v.limbs, count);
    quotient->count = length - count + 1;
    trim(quotient);
    remainder->count = count;
    remainder->negative = false;
    trim(remainder);
    pyon_big_shift_right(remainder, remainder, shift);
}

void pyon_big_divide(struct big *quotient, struct big *remainder, const struct big *a,
                     const struct big *b)
{
    struct big q = {.count = 0}, r, one;
    bool differ = a->negative != b->negative;

    if (compare_magnitudes(a, b) < 0) {
        r = *a;
    } else if (b->count == 1) {
        q = *a;
        pyon_big_from_integer(&r, divide_small(&q, b->limbs[0]));
    } else {
        divide_magnitudes(&q, &r, a, b);
    }
    q.negative = differ && q.count > 0;
    r.negative = a->negative && r.count > 0;
    if (differ && r.count > 0) {
        pyon_big_from_integer(&one, 1);
        pyon_big_subtract(&q, &q, &one);
        pyon_big_add(&r, &r, b);
    }
    if (quotient)
        *quotient = q;
    if (remainder)
        *remainder = r;
}

void pyon_big_gcd(struct big *result, const struct big *a, const struct big *b)
{
    struct big x = *a, y = *b, rest;

    x.negative = y.negative = false;
    while (!big_is_zero(&y)) {
        pyon_big_divide(NULL, &rest, &x, &y);
        x = y;
        y = rest;
    }
    *result = x;
}

/* ---- Bits ---- */

/* Limb i in two's complement; `carry` is 1 before the first. */
static uint32_t signed_limb(const struct big *big, unsigned i, uint64_t *carry)
{
    uint32_t limb;

    if (!big->negative)
        return limb_of(big, i);
    *carry += (uint32_t)~limb_of(big, i);
    limb = (uint32_t)*carry;
    *carry >>= LIMB;
    return limb;
}

/* A function of each pair of bits, by its truth table: the result where a is set and b is not, ... */
static void combine(struct big *result, const struct big *a, const struct big *b, bool a_only,
                    bool b_only, bool both)
{
    unsigned count = (a->count > b->count ? a->count : b->count) + 1;
    uint64_t carry_a = 1, carry_b = 1, carry = 1;
    bool negative = (a->negative && !b->negative && a_only) ||
                    (!a->negative && b->negative && b_only) || (a->negative && b->negative && both);
    struct big x = *a, y = *b;

    for (unsigned i = 0; i < count; i++) {
        uint32_t p = signed_limb(&x, i, &carry_a), q = signed_limb(&y, i, &carry_b);
        uint32_t limb = (a_only ? p & ~q : 0) | (b_only ? q & ~p : 0) | (both ? p & q : 0);

        if (negative) {
            carry += (uint32_t)~limb;
            limb = (uint32_t)carry;
            carry >>= LIMB;
        }
        result->limbs[i] = limb;
    }
    result->count = count;
    result->negative = negative;
    trim(result);
}

void pyon_big_and(struct big *result, const struct big *a, const struct big *b)
{
    combine(result, a, b, false, false, true);
}

void pyon_big_or(struct big *result, const struct big *a, const struct big *b)
{
    combine(result, a, b, true, true, true);
}

void pyon_big_xor(struct big *result, const struct big *a, const struct big *b)
{
    combine(result, a, b, true, true, false);
}
