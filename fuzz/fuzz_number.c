/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Reading and printing numbers, beside strtod, strtoll and snprintf of libc in the C locale, which
 * round correctly. The input is a double, and after it the characters of a number, good or bad. A
 * second definition of the grammar of numbers stands here.
 */
#include "../tests/c/support/tree.h"
#include "number/ftoa.h"
#include "support/fuzz.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

enum { DIGITS = 400, COPIES = 40 };

/* ---- The grammar of numbers --------------------------------------------------------------- */

/* The kind of a text, and its digits without sign and underscores. */
struct number {
    enum tree_kind kind; /* TREE_NULL: no number */
    bool negative;
    int base;
    char digits[DIGITS + 1];
};

/* The length of digits of a base, which underscores may separate; 0 if none begin here. */
static size_t take_digits(const char *p, struct number *number, bool underscores)
{
    size_t length = 0, filled = strlen(number->digits);

    for (;;) {
        size_t skipped = underscores && length > 0 && p[length] == '_';
        int c = tolower((unsigned char)p[length + skipped]);
        int value = isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;

        if (value >= number->base)
            break;
        number->digits[filled++] = (char)c;
        length += skipped + 1;
    }
    number->digits[filled] = '\0';
    return length;
}

static size_t take(const char *p, struct number *number, const char *any)
{
    if (!*p || !strchr(any, *p))
        return 0;
    strncat(number->digits, p, 1);
    return 1;
}

/* The length of an exponent; 0 if it is not complete. */
static size_t take_exponent(const char *p, struct number *number, bool underscores)
{
    size_t before = strlen(number->digits), length = take(p, number, "eE"), digits;

    if (length == 0)
        return 0;
    length += take(p + length, number, "+-");
    digits = take_digits(p + length, number, underscores);
    if (digits > 0)
        return length + digits;
    number->digits[before] = '\0';
    return 0;
}

/* JSON: -? (0|[1-9][0-9]*) ('.' [0-9]+)? ([eE] [+-]? [0-9]+)? */
static void understand_v2(const char *text, struct number *number)
{
    const char *p = text;
    size_t digits;

    *number = (struct number){.base = 10};
    number->negative = *p == '-';
    p += number->negative;
    if (*p == '0' && isdigit((unsigned char)p[1]))
        return;
    digits = take_digits(p, number, false);
    if (digits == 0)
        return;
    number->kind = TREE_INTEGER;
    p += digits;
    if (*p == '.') {
        number->kind = TREE_REAL;
        p += take(p, number, ".");
        digits = take_digits(p, number, false);
        p += digits;
        if (digits == 0)
            number->kind = TREE_NULL;
    }
    digits = take_exponent(p, number, false);
    if (digits > 0 && number->kind != TREE_NULL)
        number->kind = TREE_REAL;
    if (p[digits])
        number->kind = TREE_NULL;
}

/* A literal of Python, after its signs. */
static void understand_literal(const char *p, struct number *number)
{
    size_t before, behind = 0, exponent;

    if (*p == '0' && p[1] && strchr("xXoObB", p[1])) {
        number->base = strchr("xX", p[1]) ? 16 : strchr("oO", p[1]) ? 8 : 2;
        p += 2 + (p[2] == '_');
        before = take_digits(p, number, true);
        number->kind = before > 0 && !p[before] ? TREE_INTEGER : TREE_NULL;
        return;
    }
    before = take_digits(p, number, true);
    number->kind = before > 0 ? TREE_INTEGER : TREE_NULL;
    p += before;
    if (*p == '.') {
        p += take(p, number, ".");
        behind = take_digits(p, number, true);
        p += behind;
        number->kind = before + behind > 0 ? TREE_REAL : TREE_NULL;
    }
    if (number->kind == TREE_NULL)
        return;
    exponent = take_exponent(p, number, true);
    p += exponent;
    if (exponent > 0)
        number->kind = TREE_REAL;
    if (*p == 'j' || *p == 'J') {
        number->kind = TREE_COMPLEX;
        p++;
    }
    if (*p)
        number->kind = TREE_NULL;
    /* An integer that begins with a zero has only zeros. */
    if (number->kind == TREE_INTEGER && number->digits[0] == '0' &&
        strspn(number->digits, "0") < strlen(number->digits))
        number->kind = TREE_NULL;
}

static void understand_v1(const char *text, struct number *number)
{
    *number = (struct number){.base = 10};
    for (; *text == '-' || *text == '+'; text++)
        number->negative ^= *text == '-';
    understand_literal(text, number);
}

/* ---- Reading ------------------------------------------------------------------------------ */

static bool same_real(double value, const struct number *number)
{
    double expected = strtod(number->digits, NULL);

    if (number->negative)
        expected = -expected;
    return memcmp(&value, &expected, sizeof value) == 0;
}

/* Trees have neither -0.0 nor infinities in complex numbers. */
static bool same_complex(const struct tree *tree, const struct number *number)
{
    double expected = strtod(number->digits, NULL);

    if (expected - expected != 0)
        expected = 0;
    return tree->real == 0 && tree->imaginary == (number->negative ? -expected : expected);
}

static bool same_integer(const struct tree *tree, const struct number *number)
{
    char signed_digits[DIGITS + 2];
    const char *digits = number->digits + strspn(number->digits, "0"), *text;
    long long value;

    sprintf(signed_digits, "%s%s", number->negative ? "-" : "", digits);
    errno = 0;
    value = strtoll(signed_digits, NULL, number->base);
    if (tree->kind == TREE_INTEGER)
        return errno == 0 && tree->integer == value;
    if (tree->kind != TREE_BIGINT || errno == 0 || (tree->text[0] == '-') != number->negative)
        return false;
    text = tree->text + number->negative;
    text += strspn(text, "0");
    return tree->integer == number->base && strcasecmp(text, digits) == 0;
}

/* Is there a sign between two numbers, as in version 1? The sign of an exponent is none. */
static bool is_sum(const char *text)
{
    bool hex = strpbrk(text, "xX");

    for (const char *p = text + strspn(text, "+-"); *p; p++)
        if ((*p == '+' || *p == '-') && (hex || tolower((unsigned char)p[-1]) != 'e'))
            return true;
    return false;
}

/* Compares with libc. `text` is the text of the number. */
static bool same_number(const struct tree *tree, const struct number *number, const char *text)
{
    switch (number->kind) {
    case TREE_INTEGER:
        return same_integer(tree, number);
    case TREE_REAL:
        return tree->kind == TREE_REAL && same_real(tree->real, number);
    case TREE_COMPLEX:
        return tree->kind == TREE_COMPLEX && same_complex(tree, number);
    default:
        return tree->kind == TREE_COMPLEX && is_sum(text);
    }
}

/* Alone and in a list, since runs of numbers have ways of their own. */
static void check_reading(const struct pyon_dialect *dialect, const char *text,
                          const struct number *number)
{
    char *list = malloc(COPIES * (strlen(text) + 2) + 100), *p = list;
    struct tree_maker maker = {.height = 0};
    struct pyon_error error;
    const struct tree *tree;

    if (!list)
        abort();
    tree = tree_parse(&maker, dialect, text, strlen(text), NULL, &error);
    if (tree ? !same_number(tree, number, text) : number->kind != TREE_NULL)
        fuzz_fail("another number", text);
    for (int i = 0; i < COPIES; i++)
        p += sprintf(p, "%s%s", i == 0 ? "[" : i % 3 ? "," : ", ", text);
    p += sprintf(p, "]%*s", 60, "");
    tree = tree_parse(&maker, dialect, list, (size_t)(p - list), NULL, &error);
    if (!tree != (number->kind == TREE_NULL) && (!tree || tree->members[0]->kind != TREE_COMPLEX))
        fuzz_fail("another list", list);
    for (size_t i = 0; tree && i < tree->count; i++)
        if (tree->count != COPIES || !same_number(tree->members[i], number, text))
            fuzz_fail("another number in a list", list);
    tree_free(&maker);
    free(list);
}

/* ---- Printing ----------------------------------------------------------------------------- */

/* Fills the digits of the text of a double, without zeros at both ends: these only say where the
   point is. */
static void significant(char *to, const char *text)
{
    char *end = to;

    for (text += strspn(text, "-0."); *text && *text != 'e'; text++)
        if (*text != '.')
            *end++ = *text;
    while (end > to && end[-1] == '0')
        end--;
    *end = '\0';
}

/* The text reads back; no shorter one does; and it is the nearest of those that are as short. */
static void check_printing(double value)
{
    char text[PYON_FTOA_SIZE + 1], shortest[64], got[64], expected[64];
    double back;

    text[pyon_ftoa(text, value)] = '\0';
    back = strtod(text, NULL);
    if (memcmp(&back, &value, sizeof value) != 0)
        fuzz_fail("does not read back", text);
    for (int precision = 0; precision < 17; precision++) {
        snprintf(shortest, sizeof shortest, "%.*e", precision, value);
        if (strtod(shortest, NULL) == value)
            break;
    }
    significant(got, text);
    significant(expected, shortest);
    if (strlen(got) > strlen(expected))
        fuzz_fail("too long", text);
    /* At the ends of an interval there may be a shorter text that is not a rounded one. */
    if (strlen(got) == strlen(expected) && strcmp(got, expected) != 0)
        fuzz_fail("not the nearest", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char alphabet[] =
        "0123456789.eE+-_xXoObBjJabcdfACDF0123456789.eE-0123456789e+-.012";
    char text[DIGITS + 1];
    struct number number;
    double value;
    size_t length = 0;

    if (size < sizeof value)
        return 0;
    memcpy(&value, data, sizeof value);
    if (value - value == 0)
        check_printing(value);
    for (size_t i = sizeof value; i < size && length < DIGITS; i++)
        text[length++] =
            strchr(alphabet, data[i]) && data[i] ? (char)data[i] : alphabet[data[i] % 64];
    text[length] = '\0';
    understand_v2(text, &number);
    check_reading(&pyon_v2, text, &number);
    understand_v1(text, &number);
    check_reading(&pyon_v1, text, &number);
    return 0;
}
