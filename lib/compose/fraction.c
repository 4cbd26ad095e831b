/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Fractions: see fraction.h. */
#include "compose/fraction.h"

#include "tree/numeric.h"

#include <math.h>

struct fraction {
    struct big numerator, denominator;
};

/* ---- Numbers to fractions ---- */

/* Every double is a fraction with a power of two. */
static int from_real(struct fraction *fraction, double real)
{
    int exponent;
    double part;

    if (!isfinite(real))
        return 1;
    part = ldexp(frexp(real, &exponent), 53); /* now an integer */
    pyon_big_from_real(&fraction->numerator, part);
    pyon_big_from_integer(&fraction->denominator, 1);
    exponent -= 53;
    if (exponent > 0)
        pyon_big_shift_left(&fraction->numerator, &fraction->numerator, (size_t)exponent);
    else
        pyon_big_shift_left(&fraction->denominator, &fraction->denominator, (size_t)-exponent);
    return 0;
}

/* Takes an integer or a fraction, as the arguments of Fraction() are. Returns 1 if it is none. */
static int from_rational(struct fraction *fraction, const struct pyon_node *node)
{
    if (node->kind == PYON_KIND_FRACTION) {
        const struct pyon_node *items = node->members->nodes;

        return pyon_get_big(&items[0], &fraction->numerator) &&
                       pyon_get_big(&items[1], &fraction->denominator)
                   ? 0
                   : 1;
    }
    pyon_big_from_integer(&fraction->denominator, 1);
    return pyon_get_big(node, &fraction->numerator) ? 0 : 1;
}

/* ---- Fractions to nodes ---- */

/* A small fraction needs no large integers. */
static int64_t greatest_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return (int64_t)a;
}

static int set_items(struct pyon_tree_builder *builder, struct pyon_node items[2],
                     struct pyon_node *value)
{
    return pyon_tree_contain(builder, value, PYON_KIND_FRACTION, items, 2);
}

static int set_small(struct pyon_tree_builder *builder, int64_t numerator, int64_t denominator,
                     struct pyon_node *value)
{
    uint64_t magnitude = numerator < 0 ? 0 - (uint64_t)numerator : (uint64_t)numerator;
    int64_t divisor = greatest_divisor(magnitude, (uint64_t)denominator);
    struct pyon_node items[2] = {{.kind = PYON_KIND_INTEGER, .integer = numerator / divisor},
                                 {.kind = PYON_KIND_INTEGER, .integer = denominator / divisor}};

    return set_items(builder, items, value);
}

static int set_integer(struct pyon_tree_builder *builder, const struct big *big,
                       struct pyon_node *node)
{
    enum pyon_error_code code = pyon_set_big(node, &builder->arena, big);

    return code == PYON_OK ? 0 : pyon_tree_fail(builder, code);
}

/* Fills the node with the reduced fraction. Returns 1 if the denominator is 0. */
static int set_fraction(struct pyon_tree_builder *builder, struct fraction *fraction,
                        struct pyon_node *value)
{
    struct big *numerator = &fraction->numerator, *denominator = &fraction->denominator, divisor;
    struct pyon_node items[2];

    if (big_is_zero(denominator))
        return 1;
    pyon_big_gcd(&divisor, numerator, denominator);
    divisor.negative = denominator->negative;
    pyon_big_divide(numerator, NULL, numerator, &divisor);
    pyon_big_divide(denominator, NULL, denominator, &divisor);
    if (set_integer(builder, numerator, &items[0]) < 0 ||
        set_integer(builder, denominator, &items[1]) < 0)
        return -1;
    return set_items(builder, items, value);
}

int pyon_make_fraction(struct pyon_tree_builder *builder, const struct pyon_node *numerator,
                       const struct pyon_node *denominator, struct pyon_node *value)
{
    static const struct pyon_node zero = {.kind = PYON_KIND_INTEGER, .integer = 0};
    static const struct pyon_node one = {.kind = PYON_KIND_INTEGER, .integer = 1};
    struct fraction a, b;

    if (!numerator)
        numerator = &zero;
    if (!denominator && numerator->kind == PYON_KIND_REAL)
        return from_real(&a, numerator->real) ? 1 : set_fraction(builder, &a, value);
    if (!denominator)
        denominator = &one;
    if (numerator->kind == PYON_KIND_INTEGER && denominator->kind == PYON_KIND_INTEGER &&
        denominator->integer > 0)
        return set_small(builder, numerator->integer, denominator->integer, value);
    if (from_rational(&a, numerator) > 0 || from_rational(&b, denominator) > 0)
        return 1;
    if (!pyon_big_multiply(&a.numerator, &a.numerator, &b.denominator) ||
        !pyon_big_multiply(&a.denominator, &a.denominator, &b.numerator))
        return pyon_tree_fail(builder, PYON_ERROR_LARGE);
    return set_fraction(builder, &a, value);
}
