/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arithmetic of complex numbers, see complex.h, with two doubles and no complex type of C. */
#include "compose/complex.h"

#include <math.h>

struct parts {
    double real, imaginary;
};

static struct parts multiply(struct parts x, struct parts y)
{
    return (struct parts){x.real * y.real - x.imaginary * y.imaginary,
                          x.real * y.imaginary + x.imaginary * y.real};
}

/* Divides by the larger part of the divisor first, so that nothing overflows on the way (Smith). */
static struct parts divide(struct parts x, struct parts y)
{
    double ratio, divisor;

    if (fabs(y.real) >= fabs(y.imaginary)) {
        ratio = y.imaginary / y.real;
        divisor = y.real + y.imaginary * ratio;
        return (struct parts){(x.real + x.imaginary * ratio) / divisor,
                              (x.imaginary - x.real * ratio) / divisor};
    }
    if (fabs(y.imaginary) >= fabs(y.real)) {
        ratio = y.real / y.imaginary;
        divisor = y.real * ratio + y.imaginary;
        return (struct parts){(x.real * ratio + x.imaginary) / divisor,
                              (x.imaginary * ratio - x.real) / divisor};
    }
    return (struct parts){NAN, NAN};
}

/* To a small integral power, by squaring. */
static struct parts integral_power(struct parts x, int exponent)
{
    struct parts result = {1, 0};
    unsigned left = (unsigned)(exponent < 0 ? -exponent : exponent);

    for (unsigned bit = 1; bit <= left; bit <<= 1, x = multiply(x, x))
        if (left & bit)
            result = multiply(result, x);
    return exponent < 0 ? divide((struct parts){1, 0}, result) : result;
}

static int set(struct pyon_node *node, struct parts value)
{
    *node = (struct pyon_node){
        .kind = PYON_KIND_COMPLEX, .real = value.real, .imaginary = value.imaginary};
    return 0;
}

/* By logarithm and angle. 1 if there is no angle. */
static int general_power(struct parts x, struct parts y, struct parts *power)
{
    double size = hypot(x.real, x.imaginary), length = pow(size, y.real);
    double angle = atan2(x.imaginary, x.real), phase = angle * y.real;

    if (y.imaginary != 0) {
        length /= exp(angle * y.imaginary);
        phase += y.imaginary * log(size);
    }
    power->real = length * cos(phase);
    power->imaginary = length * sin(phase);
    return isinf(phase);
}

int pyon_complex_power(double a, double b, double c, double d, struct pyon_node *result)
{
    struct parts value;

    if (c == 0 && d == 0) {
        value = (struct parts){1, 0};
    } else if (a == 0 && b == 0) {
        if (d != 0 || c < 0)
            return 1; /* ZeroDivisionError */
        value = (struct parts){0, 0};
    } else if (d == 0 && floor(c) == c && fabs(c) <= 100) {
        value = integral_power((struct parts){a, b}, (int)c);
    } else {
        if (general_power((struct parts){a, b}, (struct parts){c, d}, &value))
            return 1;
    }
    if (isinf(value.real) || isinf(value.imaginary))
        return 1; /* OverflowError */
    return set(result, value);
}

int pyon_complex_compute(enum pyon_operator op, double a, double b, double c, double d,
                         struct pyon_node *result)
{
    struct parts x = {a, b}, y = {c, d};

    switch (op) {
    case PYON_OPERATOR_POSITIVE:
        return set(result, x);
    case PYON_OPERATOR_NEGATIVE:
        return set(result, (struct parts){-a, -b});
    case PYON_OPERATOR_ADD:
        return set(result, (struct parts){a + c, b + d});
    case PYON_OPERATOR_SUBTRACT:
        return set(result, (struct parts){a - c, b - d});
    case PYON_OPERATOR_MULTIPLY:
        return set(result, multiply(x, y));
    case PYON_OPERATOR_DIVIDE:
        return c == 0 && d == 0 ? 1 : set(result, divide(x, y));
    case PYON_OPERATOR_POWER:
        return pyon_complex_power(a, b, c, d, result);
    default:
        return 1;
    }
}
