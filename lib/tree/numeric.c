/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The numbers of nodes, in the types of C. */
#include "tree/numeric.h"

#include "number/number.h"

/* ---- Large integers ---- */

bool pyon_is_exact(const char *digits, size_t length, double real)
{
    char text[PYON_BIG_TEXT];
    struct big big;

    if (!isfinite(real))
        return false;
    pyon_big_from_real(&big, real);
    return pyon_big_to_text(&big, text) == length && memcmp(text, digits, length) == 0;
}

bool pyon_is_one(const struct pyon_node *node)
{
    return node->kind == PYON_KIND_INTEGER && node->integer == 1;
}

bool pyon_get_big(const struct pyon_node *node, struct big *big)
{
    switch (node->kind) {
    case PYON_KIND_BOOLEAN:
        pyon_big_from_integer(big, node->flag);
        return true;
    case PYON_KIND_INTEGER:
        pyon_big_from_integer(big, node->integer);
        return true;
    case PYON_KIND_BIGINT:
        return pyon_big_from_text(big, node->text, node->size, 10);
    default:
        return false;
    }
}

enum pyon_error_code pyon_set_big(struct pyon_node *node, struct arena *arena,
                                  const struct big *big)
{
    char digits[PYON_BIG_TEXT], *text;
    size_t length;
    int64_t integer;

    if (pyon_big_to_integer(big, &integer)) {
        *node = (struct pyon_node){.kind = PYON_KIND_INTEGER, .integer = integer};
        return PYON_OK;
    }
    length = pyon_big_to_text(big, digits);
    if (length - big->negative > PYON_BIG_DIGITS)
        return PYON_ERROR_LARGE;
    text = arena_take(arena, length + 1, 1);
    if (!text)
        return PYON_ERROR_MEMORY;
    memcpy(text, digits, length);
    text[length] = '\0';
    *node = (struct pyon_node){.kind = PYON_KIND_BIGINT, .size = length, .text = text};
    return PYON_OK;
}

/* ---- Integers ---- */

/* Rounds toward zero, while the division rounds down. */
static int fraction_to_integer(const struct pyon_node *node, int64_t *value)
{
    struct big numerator, denominator, rest;
    bool negative;

    if (!pyon_get_big(&node->members->nodes[0], &numerator) ||
        !pyon_get_big(&node->members->nodes[1], &denominator))
        return PYON_NOT_A_NUMBER;
    negative = numerator.negative;
    numerator.negative = false;
    pyon_big_divide(&numerator, &rest, &numerator, &denominator);
    numerator.negative = negative && !big_is_zero(&numerator);
    if (!pyon_big_to_integer(&numerator, value))
        return saturate(negative, value);
    return big_is_zero(&rest) ? PYON_EXACT : PYON_ROUNDED;
}

int pyon_node_integer(const struct pyon_node *node, int64_t *value)
{
    switch (node->kind) {
    case PYON_KIND_BOOLEAN:
        *value = node->flag;
        return PYON_EXACT;
    case PYON_KIND_INTEGER:
        *value = node->integer;
        return PYON_EXACT;
    case PYON_KIND_BIGINT:
        return saturate(node->text[0] == '-', value);
    case PYON_KIND_REAL:
        return real_to_integer(node->real, value);
    case PYON_KIND_FRACTION:
        return fraction_to_integer(node, value);
    case PYON_KIND_SCALAR:
        return pyon_array_integer(node->array, 0, value);
    default:
        return PYON_NOT_A_NUMBER;
    }
}

/* ---- Real and complex numbers ---- */

/* Compares bits: a processor may hold more of a double than it stores. */
static int integer_to_real(int64_t integer, double *value)
{
    uint64_t magnitude = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    bool exact;

    *value = pyon_scale_binary(magnitude, 0, false, &exact);
    if (integer < 0)
        *value = -*value;
    return exact ? PYON_EXACT : PYON_ROUNDED;
}

static int bigint_to_real(const struct pyon_node *node, double *value)
{
    size_t sign = node->text[0] == '-';

    *value = pyon_integer_to_double(node->text + sign, node->size - sign, 10);
    if (sign)
        *value = -*value;
    return pyon_is_exact(node->text, node->size, *value) ? PYON_EXACT : PYON_ROUNDED;
}

static int fraction_to_real(const struct pyon_node *node, double *value)
{
    struct big numerator, denominator;
    bool exact;

    if (!pyon_get_big(&node->members->nodes[0], &numerator) ||
        !pyon_get_big(&node->members->nodes[1], &denominator))
        return PYON_NOT_A_NUMBER;
    *value = pyon_big_quotient(&numerator, &denominator, &exact);
    return exact ? PYON_EXACT : PYON_ROUNDED;
}

int pyon_node_real(const struct pyon_node *node, double *value)
{
    switch (node->kind) {
    case PYON_KIND_BOOLEAN:
        *value = node->flag;
        return PYON_EXACT;
    case PYON_KIND_INTEGER:
        return integer_to_real(node->integer, value);
    case PYON_KIND_BIGINT:
        return bigint_to_real(node, value);
    case PYON_KIND_REAL:
        *value = node->real;
        return PYON_EXACT;
    case PYON_KIND_FRACTION:
        return fraction_to_real(node, value);
    case PYON_KIND_SCALAR:
        return pyon_array_real(node->array, 0, value);
    default:
        return PYON_NOT_A_NUMBER;
    }
}

int pyon_node_complex(const struct pyon_node *node, double *real, double *imaginary)
{
    if (node->kind == PYON_KIND_COMPLEX) {
        *real = node->real;
        *imaginary = node->imaginary;
        return PYON_EXACT;
    }
    if (node->kind == PYON_KIND_SCALAR)
        return pyon_array_complex(node->array, 0, real, imaginary);
    *imaginary = 0;
    return pyon_node_real(node, real);
}
