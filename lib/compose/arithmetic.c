/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arithmetic of version 1, as Python computes it: booleans and integers as integers of any size;
 * anything with a real number in doubles; anything with a complex number in complex ones
 * (complex.c).
 *
 * Most integers are small. A result beyond 64 bits is computed with large integers, and counts: the
 * digits of everything that is computed for a value are bounded, as in pymod/build/budget.c.
 */
#include "compose/builder.h"
#include "compose/complex.h"
#include "tree/numeric.h"

#include <math.h>

#define BUDGET ((size_t)16 * (PYON_BIG_DIGITS * 10 / 3)) /* bits of large numbers */
#define FREE_BITS 64

/* Results of the functions here. Except UNDEFINED, they are the results of the event. */
enum { COMPUTED = 0, FAILED = -1, UNDEFINED = 1, TOO_LARGE = 2 };

static int set_real(struct pyon_node *node, double value)
{
    *node = (struct pyon_node){.kind = PYON_KIND_REAL, .real = value};
    return COMPUTED;
}

static int set_integer(struct pyon_node *node, int64_t value)
{
    *node = (struct pyon_node){.kind = PYON_KIND_INTEGER, .integer = value};
    return COMPUTED;
}

/* ---- Integers of 64 bits ---- */

static bool small_power(int64_t x, int64_t y, int64_t *result)
{
    *result = 1;
    while (y > 0) {
        if ((y & 1) && __builtin_mul_overflow(*result, x, result))
            return false;
        y >>= 1;
        if (y > 0 && __builtin_mul_overflow(x, x, &x))
            return false;
    }
    return true;
}

/* Fills the result if the operator has a small one for these operands. */
static bool compute_small(enum pyon_operator op, int64_t x, int64_t y, int64_t *result)
{
    switch (op) {
    case PYON_OPERATOR_POSITIVE:
        *result = x;
        return true;
    case PYON_OPERATOR_NEGATIVE:
        return !__builtin_sub_overflow(0, x, result);
    case PYON_OPERATOR_INVERT:
        *result = ~x;
        return true;
    case PYON_OPERATOR_ADD:
        return !__builtin_add_overflow(x, y, result);
    case PYON_OPERATOR_SUBTRACT:
        return !__builtin_sub_overflow(x, y, result);
    case PYON_OPERATOR_MULTIPLY:
        return !__builtin_mul_overflow(x, y, result);
    case PYON_OPERATOR_FLOOR_DIVIDE:
        if (y == 0 || (x == INT64_MIN && y == -1))
            return false;
        *result = x / y - (x % y != 0 && (x < 0) != (y < 0));
        return true;
    case PYON_OPERATOR_MODULO:
        if (y == 0 || y == -1)
            return false;
        *result = x % y + (x % y != 0 && (x < 0) != (y < 0) ? y : 0);
        return true;
    case PYON_OPERATOR_POWER:
        return y >= 0 && small_power(x, y, result);
    case PYON_OPERATOR_SHIFT_RIGHT:
        *result = x >> (y < 63 ? y : 63);
        return y >= 0;
    case PYON_OPERATOR_AND:
        *result = x & y;
        return true;
    case PYON_OPERATOR_OR:
        *result = x | y;
        return true;
    case PYON_OPERATOR_XOR:
        *result = x ^ y;
        return true;
    default:
        return false;
    }
}

/* ---- Large integers ---- */

static int spend(struct pyon_tree_builder *builder, size_t bits)
{
    if (bits <= FREE_BITS)
        return COMPUTED;
    bits -= FREE_BITS;
    if (bits > BUDGET - builder->spent)
        return TOO_LARGE;
    builder->spent += bits;
    return COMPUTED;
}

/* The least number of bits of x**y: a power that is too large is not computed. */
static bool is_large_power(const struct big *x, int64_t y)
{
    size_t bits = pyon_big_bits(x);

    return bits > 1 && (uint64_t)y > (uint64_t)PYON_BIG_LIMBS * 32 / (bits - 1);
}

static bool power(struct big *result, const struct big *x, int64_t y)
{
    return !is_large_power(x, y) && pyon_big_power(result, x, (uint64_t)y);
}

/* For integers that are large, or become so. */
static int compute_large(enum pyon_operator op, const struct big *x, const struct big *y,
                         struct big *result)
{
    struct big one;
    int64_t count;
    bool fits = true;

    if (!pyon_big_to_integer(y, &count)) /* of a large one it only matters whether it is even */
        count = INT64_MAX - !(y->limbs[0] & 1);
    switch (op) {
    case PYON_OPERATOR_POSITIVE:
        *result = *x;
        break;
    case PYON_OPERATOR_NEGATIVE:
        *result = *x;
        result->negative = !x->negative && !big_is_zero(x);
        break;
    case PYON_OPERATOR_INVERT: /* -x - 1 */
        pyon_big_from_integer(&one, 1);
        fits = pyon_big_add(result, x, &one);
        result->negative = !result->negative && !big_is_zero(result);
        break;
    case PYON_OPERATOR_ADD:
        fits = pyon_big_add(result, x, y);
        break;
    case PYON_OPERATOR_SUBTRACT:
        fits = pyon_big_subtract(result, x, y);
        break;
    case PYON_OPERATOR_MULTIPLY:
        fits = pyon_big_multiply(result, x, y);
        break;
    case PYON_OPERATOR_FLOOR_DIVIDE:
    case PYON_OPERATOR_MODULO:
        if (big_is_zero(y))
            return UNDEFINED;
        if (op == PYON_OPERATOR_MODULO)
            pyon_big_divide(NULL, result, x, y);
        else
            pyon_big_divide(result, NULL, x, y);
        break;
    case PYON_OPERATOR_POWER:
        fits = power(result, x, count);
        break;
    case PYON_OPERATOR_SHIFT_LEFT:
        if (y->negative)
            return UNDEFINED;
        fits =
            pyon_big_shift_left(result, x, (uint64_t)count < SIZE_MAX ? (size_t)count : SIZE_MAX);
        break;
    case PYON_OPERATOR_SHIFT_RIGHT:
        if (y->negative)
            return UNDEFINED;
        pyon_big_shift_right(result, x, (uint64_t)count < SIZE_MAX ? (size_t)count : SIZE_MAX);
        break;
    case PYON_OPERATOR_AND:
        pyon_big_and(result, x, y);
        break;
    case PYON_OPERATOR_OR:
        pyon_big_or(result, x, y);
        break;
    case PYON_OPERATOR_XOR:
        pyon_big_xor(result, x, y);
        break;
    default:
        return UNDEFINED;
    }
    return fits ? COMPUTED : TOO_LARGE;
}

static int large_integers(struct pyon_tree_builder *builder, enum pyon_operator op,
                          const struct pyon_node *x, const struct pyon_node *y,
                          struct pyon_node *result)
{
    struct big a, b, c;
    int status;

    pyon_get_big(x, &a);
    pyon_get_big(y, &b);
    status = compute_large(op, &a, &b, &c);
    if (status == COMPUTED)
        status = spend(builder, pyon_big_bits(&a));
    if (status == COMPUTED)
        status = spend(builder, pyon_big_bits(&b));
    if (status == COMPUTED)
        status = spend(builder, pyon_big_bits(&c));
    if (status != COMPUTED)
        return status;
    switch (pyon_set_big(result, &builder->arena, &c)) {
    case PYON_OK:
        return COMPUTED;
    case PYON_ERROR_LARGE:
        return TOO_LARGE;
    default:
        return pyon_tree_fail(builder, PYON_ERROR_MEMORY);
    }
}

/* The quotient is real, and right to the last bit for all integers. */
static int divide_integers(const struct pyon_node *x, const struct pyon_node *y,
                           struct pyon_node *result)
{
    struct big a, b;
    double quotient;

    pyon_get_big(x, &a);
    pyon_get_big(y, &b);
    if (big_is_zero(&b))
        return UNDEFINED;
    quotient = pyon_big_quotient(&a, &b, NULL);
    if (quotient == 0 && a.negative != b.negative)
        quotient = -0.0; /* a zero has a sign too: 0 / -1 */
    return isinf(quotient) ? UNDEFINED : set_real(result, quotient);
}

/* ---- Real numbers ---- */

/* Fills the remainder, which has the sign of y, and the quotient without its fraction. */
static double modulo(double x, double y)
{
    double rest = fmod(x, y);

    if (rest != 0)
        return (y < 0) != (rest < 0) ? rest + y : rest;
    return copysign(0.0, y);
}

static double floor_divide(double x, double y)
{
    double rest = fmod(x, y), quotient = (x - rest) / y, whole;

    if (rest != 0 && (y < 0) != (rest < 0))
        quotient -= 1;
    if (quotient == 0)
        return copysign(0.0, x / y);
    whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

static int real_power(double x, double y, struct pyon_node *result)
{
    double value;

    if (x == 0 && y < 0 && isfinite(y))
        return UNDEFINED;
    if (x < 0 && isfinite(x) && isfinite(y) && floor(y) != y)
        return pyon_complex_power(x, 0, y, 0, result);
    value = pow(x, y);
    if (isinf(value) && isfinite(x) && isfinite(y))
        return UNDEFINED; /* OverflowError */
    return set_real(result, value);
}

static int compute_real(enum pyon_operator op, double x, double y, struct pyon_node *result)
{
    switch (op) {
    case PYON_OPERATOR_POSITIVE:
        return set_real(result, x);
    case PYON_OPERATOR_NEGATIVE:
        return set_real(result, -x);
    case PYON_OPERATOR_ADD:
        return set_real(result, x + y);
    case PYON_OPERATOR_SUBTRACT:
        return set_real(result, x - y);
    case PYON_OPERATOR_MULTIPLY:
        return set_real(result, x * y);
    case PYON_OPERATOR_DIVIDE:
        return y == 0 ? UNDEFINED : set_real(result, x / y);
    case PYON_OPERATOR_FLOOR_DIVIDE:
        return y == 0 ? UNDEFINED : set_real(result, floor_divide(x, y));
    case PYON_OPERATOR_MODULO:
        return y == 0 ? UNDEFINED : set_real(result, modulo(x, y));
    case PYON_OPERATOR_POWER:
        return real_power(x, y, result);
    default:
        return UNDEFINED;
    }
}

/* ---- Operands ---- */

#define KINDS_OF_INTEGER                                                                           \
    (KIND_BIT(PYON_KIND_BOOLEAN) | KIND_BIT(PYON_KIND_INTEGER) | KIND_BIT(PYON_KIND_BIGINT))
#define KINDS_OF_NUMBER (KINDS_OF_INTEGER | KIND_BIT(PYON_KIND_REAL) | KIND_BIT(PYON_KIND_COMPLEX))

/* Is the result a boolean? Other operators take booleans for integers. */
static bool is_boolean(enum pyon_operator op, const struct pyon_node *x, const struct pyon_node *y)
{
    return (op == PYON_OPERATOR_AND || op == PYON_OPERATOR_OR || op == PYON_OPERATOR_XOR) &&
           x->kind == PYON_KIND_BOOLEAN && y->kind == PYON_KIND_BOOLEAN;
}

static int compute_integers(struct pyon_tree_builder *builder, enum pyon_operator op,
                            const struct pyon_node *x, const struct pyon_node *y,
                            struct pyon_node *result)
{
    int64_t a, b, c = 0;

    if (op == PYON_OPERATOR_DIVIDE)
        return divide_integers(x, y, result);
    if (x->kind != PYON_KIND_BIGINT && y->kind != PYON_KIND_BIGINT) {
        pyon_node_integer(x, &a);
        pyon_node_integer(y, &b);
        if (op == PYON_OPERATOR_POWER && b < 0)
            return real_power((double)a, (double)b, result);
        if (compute_small(op, a, b, &c)) {
            set_integer(result, c);
            if (is_boolean(op, x, y))
                *result = (struct pyon_node){.kind = PYON_KIND_BOOLEAN, .flag = c != 0};
            return COMPUTED;
        }
    } else if (op == PYON_OPERATOR_POWER && y->kind != PYON_KIND_BOOLEAN &&
               (y->kind == PYON_KIND_BIGINT ? *y->text == '-' : y->integer < 0)) {
        double p, q;

        pyon_node_real(x, &p);
        pyon_node_real(y, &q);
        return isinf(p) || isinf(q) ? UNDEFINED : real_power(p, q, result);
    }
    return large_integers(builder, op, x, y, result);
}

static int compute(struct pyon_tree_builder *builder, enum pyon_operator op,
                   const struct pyon_node *x, const struct pyon_node *y, struct pyon_node *result)
{
    double a, b, c, d;

    if (is_one_of(x, KINDS_OF_INTEGER) && is_one_of(y, KINDS_OF_INTEGER))
        return compute_integers(builder, op, x, y, result);
    pyon_node_complex(x, &a, &b);
    pyon_node_complex(y, &c, &d);
    if ((x->kind == PYON_KIND_BIGINT && isinf(a)) || (y->kind == PYON_KIND_BIGINT && isinf(c)))
        return UNDEFINED; /* OverflowError */
    if (x->kind == PYON_KIND_COMPLEX || y->kind == PYON_KIND_COMPLEX)
        return pyon_complex_compute(op, a, b, c, d, result);
    return compute_real(op, a, c, result);
}

int pyon_tree_arithmetic(void *self, enum pyon_operator op)
{
    struct pyon_tree_builder *builder = self;
    size_t count = op <= PYON_OPERATOR_INVERT ? 1 : 2;
    const struct pyon_node *x = stack_from(builder, builder->count - count), *y = x + count - 1;
    struct pyon_node result;
    int status;

    if (!is_one_of(x, KINDS_OF_NUMBER) || !is_one_of(y, KINDS_OF_NUMBER))
        return 1;
    status = compute(builder, op, x, y, &result);
    if (status == UNDEFINED)
        return pyon_tree_fail(builder, PYON_ERROR_UNDEFINED);
    if (status != COMPUTED)
        return status;
    builder->count -= count;
    return pyon_tree_push(builder, &result);
}
