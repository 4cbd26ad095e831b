/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Numbers of a text: lib/number/number.c and lib/number/decimal.c.
 *
 * There are three sources of truth. Tables have hard cases. Long arithmetic makes the exact
 * decimals of the middles between neighbouring doubles: they must round to even, and up or down if
 * the last of hundreds of digits says so. And libc, in its "C" locale, has the answer for random
 * numbers. All texts are read from blocks that end with them, so that a sanitizer sees every byte
 * that is read too far.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/random.h"
#include "numbers.h"

#include "number/ftoa.h"
#include "number/itoa.h"
#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- Calls on blocks of the exact size --------------------------------------------------- */

/* A copy of `length` bytes, and of a NUL if wanted: new, free() it. */
static char *block(const char *text, size_t length, bool terminated)
{
    char *copy = malloc(length + terminated + (length == 0));

    if (copy == NULL)
        abort();
    memcpy(copy, text, length);
    if (terminated)
        copy[length] = 0;
    return copy;
}

/* Returns the length of the number, or -1. */
static long read_number(const char *text, struct pyon_number *number)
{
    char *copy = block(text, strlen(text), true);
    const char *end = pyon_read_number(copy, number);
    long length = end == NULL ? -1 : (long)(end - copy);

    free(copy);
    return length;
}

/* A text that is one number as a whole. */
static double read_real(const char *text)
{
    struct pyon_number number = {PYON_NUMBER_INTEGER, 0, 0};

    CHECK_WITH(text, read_number(text, &number) == (long)strlen(text));
    CHECK_WITH(text, number.kind == PYON_NUMBER_REAL);
    return number.real;
}

static double integer_to_double(const char *digits, unsigned base)
{
    size_t length = strlen(digits);
    char *copy = block(digits, length, false);
    double value =
        base == 0 ? pyon_read_decimal(copy, length) : pyon_integer_to_double(copy, length, base);

    free(copy);
    return value;
}

static double read_decimal(const char *text)
{
    return integer_to_double(text, 0);
}

/* ---- Reading: the grammar ---------------------------------------------------------------- */

static void test_integers(void)
{
    const char *cases =
        "0 -0 7 -1 10 123 1234 1234567 12345678 123456789 -98765432 12345678901234567 "
        "999999999999999999 -999999999999999999 1000000000000000000 9223372036854775807 "
        "-9223372036854775807 -9223372036854775808";
    const char *large =
        "9223372036854775808 -9223372036854775809 9999999999999999999 10000000000000000000 "
        "18446744073709551615 18446744073709551616 18446744073709551617 "
        "-36893488147419103233 123456789012345678901234567890";
    struct pyon_number number;
    char text[100];

    while (next_word(&cases, text)) {
        CHECK_WITH(text, read_number(text, &number) == (long)strlen(text));
        CHECK_WITH(text, number.kind == PYON_NUMBER_INTEGER);
        CHECK_WITH(text, number.integer == strtoll(text, NULL, 10));
    }
    while (next_word(&large, text)) {
        CHECK_WITH(text, read_number(text, &number) == (long)strlen(text));
        CHECK_WITH(text, number.kind == PYON_NUMBER_BIGINT);
    }
}

static void test_ends(void)
{
    /* The number ends before the bar, which is not in the text. A real has a point or an "e". */
    const char *cases =
        "1|. 1|.e5 1|e 1|e+ 1|E-x 1|x 1234|. -12|, 0|1 0|0 -0|1 0|x10 1|_000 1|..5 1|-1 "
        "1.5|e+ 1.5|e 1.5|E- 1.5|.5 -1.25|] 1.5e1|e1 1e5| 1E5| 1e+5| 1e-5| 1e05| 1e5|.5 1e0| "
        "0.0| -0.0| 0e5| -0e5| 0.00| 0.5| 3.14| 3.142| -123.5| 12345678.12345678| 1e400| "
        "-1e400| 1e-400| -1e-400|";
    const char *none = "- --1 +1 .5 -.5 e5 a -a / : Infinity -Infinity N \xb0 -\xb9 \xff -,";
    struct pyon_number number;
    char text[100];

    while (next_word(&cases, text)) {
        size_t length = strcspn(text, "|");
        bool is_real = strcspn(text, ".eE") < length;

        memmove(text + length, text + length + 1, strlen(text + length));
        CHECK_WITH(text, read_number(text, &number) == (long)length);
        CHECK_WITH(text, number.kind == (is_real ? PYON_NUMBER_REAL : PYON_NUMBER_INTEGER));
        text[length] = 0;
        if (is_real)
            CHECK_WITH(text, same(number.real, strtod(text, NULL)));
        else
            CHECK_WITH(text, number.integer == strtoll(text, NULL, 10));
    }
    while (next_word(&none, text))
        CHECK_WITH(text, read_number(text, &number) == -1);
    CHECK(read_number("", &number) == -1);
    CHECK(read_number(" 1", &number) == -1);
}

/* A run of every length, with any byte after it, at every distance from the NUL. */
static void test_runs(void)
{
    static const char after[] = {0, ' ', ',', '/', ':', '.', 'e', '-', '\x7f', '\xb5', '\xff'};
    static const char digits[] = "12345678901234567890123456789012";

    for (size_t length = 1; length <= 30; length++) {
        for (size_t i = 0; i < LENGTH(after); i++) {
            for (int more = 0; more < 10; more++) {
                struct pyon_number number;
                char text[64];

                snprintf(text, sizeof text, "0.%.*s%c%.*s", (int)length, digits, after[i], more,
                         "??????????");
                CHECK_WITH(text, read_number(text + 2, &number) == (long)length);
                CHECK_WITH(text, read_number(text, &number) == (long)length + 2);
                CHECK_WITH(text, same(number.real, strtod(text, NULL)));
            }
        }
    }
}

/* ---- Reading: rounding ------------------------------------------------------------------- */

static void test_hard_reals(void)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"9007199254740993.0", 0x1p53},
        {"9007199254740993.00000000000000000000000000000000", 0x1p53},
        {"9007199254740993.00000000000000000000000000000001", 0x1.0000000000001p53},
        {"9007199254740992.99999999999999999999999999999999", 0x1p53},
        {"9007199254740995.0", 0x1.0000000000002p53},
        {"4503599627370496.5", 0x1p52},
        {"4503599627370497.5", 0x1.0000000000002p52},
        {"1125899906842624.125", 0x1p50},
        {"1125899906842624.375", 0x1.0000000000002p50},
        {"1e23", 0x1.52d02c7e14af6p76},
        {"100000000000000000000000.0", 0x1.52d02c7e14af6p76},
        {"100000000000000000000000.00000000000000000000000000000000000001", 0x1.52d02c7e14af7p76},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"2.2250738585072012e-308", 0x1p-1022},
        {"2.22507385850720113605740979670913197593481954635164564802342610972482e-308",
         0x0.fffffffffffffp-1022},
        {"2.22507385850720113605740979670913197593481954635164564802342610972483e-308", 0x1p-1022},
        {"2.4703282292062328e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0},
        {"24703282292062327208e-343", 0},
        {"24703282292062327209e-343", 0x1p-1074},
        {"1.7976931348623158e308", DBL_MAX},
        {"1.797693134862315807e308", DBL_MAX},
        {"1.797693134862315808e308", HUGE_VAL},
        {"1e18446744073709551617", HUGE_VAL},
        {"1e-18446744073709551617", 0},
        {"0e18446744073709551617", 0}};
    const char *texts =
        "9007199254740992.0 900719925474099.3e1 9007199254740993e0 9007199254740.993e3 "
        "450359962737049.75 1125899906842901.875 2251799813685803.75 8.9255e-22 1e22 8.5e22 "
        "123456789012345e22 123456789012345e23 6.02214076e23 0.1 0.3 2.2250738585072014e-308 "
        "4.9406564584124654e-324 5e-324 3e-324 2.5e-324 2e-324 7.4e-324 7.5e-324 1e-323 "
        "9999999999999999999e-343 1e309 1.8e308 1.7976931348623157e308 "
        "1.7976931348623159e308 0.1e310 17976931348623157e292 "
        "0.00000000000000000000000000000000000017976931348623157e345 18446744073709551616.0 "
        "18446744073709551615.0 0.000018446744073709551616 0.00000000000000000000 "
        "1e0000000000000000000000000000001 1e-0000000000000000000000000000001";
    char text[100];

    for (size_t i = 0; i < LENGTH(cases); i++) {
        CHECK_WITH(cases[i].text, same(read_real(cases[i].text), cases[i].value));
        CHECK_WITH(cases[i].text, same(read_decimal(cases[i].text), cases[i].value));
        CHECK_WITH(cases[i].text, same(strtod(cases[i].text, NULL), cases[i].value)); /* table? */
    }
    while (next_word(&texts, text))
        CHECK_WITH(text, same(read_real(text), strtod(text, NULL)));
}

static void test_decimals(void)
{
    const char *cases =
        "0 1 1. .5 0. .0 00 .00e5 007 007e-2 007.e-2 .5e1 .5E+1 1e5 1234567890123456789012345 "
        "000000000000000000000000000000.000000000000000000000000000015e29 "
        ".000000000000000000000000000000123456789012345678901234567890";
    char text[100];

    while (next_word(&cases, text))
        CHECK_WITH(text, same(read_decimal(text), strtod(text, NULL)));
}

/* Texts of up to a megabyte. The time must be linear, or this test would not end. */
static void test_long_texts(void)
{
    static const struct {
        const char *before;
        char digit; /* this many times */
        size_t count;
        const char *behind;
        double value;
    } cases[] = {
        {"0.", '0', 1000, "1", 0},
        {"0.", '0', 1000, "1e1001", 1},
        {"0.", '0', 1000000, "1", 0},
        {"0.", '0', 1000000, "1e1000001", 1},
        {"0.", '0', 1000000, "9007199254740993e1000016", 0x1p53},
        {"0.", '0', 1000000, "9007199254740993000000000000000001e1000016", 0x1.0000000000001p53},
        {"1", '0', 1000000, "e-1000000", 1},
        {"1", '0', 1000000, ".0", HUGE_VAL},
        {"9007199254740993.", '0', 1000000, "", 0x1p53},
        {"9007199254740993.", '0', 1000000, "1", 0x1.0000000000001p53},
        {"9007199254740992.", '9', 1000000, "", 0x1p53},
        {"1e-", '0', 1000000, "2", 0.01},
        {"1e-", '9', 1000000, "", 0},
        {"0e", '9', 1000000, "", 0},
        {"1e", '9', 1000000, "", HUGE_VAL},
    };
    char *text = malloc(1000100);

    if (text == NULL)
        abort();
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t length = strlen(cases[i].before);

        strcpy(text, cases[i].before);
        memset(text + length, cases[i].digit, cases[i].count);
        strcpy(text + length + cases[i].count, cases[i].behind);
        CHECK_WITH(cases[i].before, same(read_real(text), cases[i].value));
    }
    free(text);
}

/* The decimal m * 2^e, exactly: `digits` without zeros at the start, times 10^x. */
struct exact {
    char digits[1200];
    int length, x;
};

static void exact_multiply(struct exact *exact, int factor)
{
    char reversed[1200];
    int carry = 0, n = 0;

    for (int i = exact->length; i-- > 0 || carry > 0; n++) {
        carry += i >= 0 ? factor * (exact->digits[i] - '0') : 0;
        reversed[n] = (char)('0' + carry % 10);
        carry /= 10;
    }
    for (int i = 0; i < n; i++)
        exact->digits[i] = reversed[n - 1 - i];
    exact->length = n;
}

static void exact_decimal(struct exact *exact, uint64_t m, int e)
{
    exact->length = (int)(write_unsigned(exact->digits, m) - exact->digits);
    exact->x = e < 0 ? e : 0;
    for (; e > 0; e--)
        exact_multiply(exact, 2);
    for (; e < 0; e++)
        exact_multiply(exact, 5);
}

static void exact_decrement(struct exact *exact)
{
    int i = exact->length - 1;

    while (exact->digits[i] == '0')
        exact->digits[i--] = '9';
    exact->digits[i]--;
}

/* Reads the digits, then `more`, all times 10^x. */
static double read_exact(const struct exact *exact, const char *more)
{
    char text[1400];
    int x = exact->x - (int)strlen(more);

    snprintf(text, sizeof text, "%.*s%se%d", exact->length, exact->digits, more, x);
    return read_real(text);
}

/* The middle between a positive double and the next one; a little below it, and a little above. */
static void check_middle(uint64_t bits)
{
    uint64_t fraction = bits & 0xfffffffffffff;
    int exponent = (int)(bits >> 52);
    double below = from_bits(bits), above = from_bits(bits + 1);
    struct exact exact;

    if (exponent > 0)
        fraction |= UINT64_C(1) << 52;
    else
        exponent = 1;
    exact_decimal(&exact, 2 * fraction + 1, exponent - 1076);
    CHECK(same(read_exact(&exact, ""), bits & 1 ? above : below));
    CHECK(same(read_exact(&exact, "000"), bits & 1 ? above : below));
    CHECK(same(read_exact(&exact, "00000000000000000000000000000000000000000000001"), above));
    exact_decrement(&exact);
    CHECK(same(read_exact(&exact, "9"), below));
    CHECK(same(read_exact(&exact, "9999999999999999999999999999999999999999999999"), below));
}

static void test_middles(void)
{
    /* Near 0, the last subnormal, 1, and infinity. */
    static const uint64_t hard[] = {0,
                                    1,
                                    2,
                                    3,
                                    0x000ffffffffffffe,
                                    0x000fffffffffffff,
                                    0x0010000000000000,
                                    0x0010000000000001,
                                    0x3fefffffffffffff,
                                    0x3ff0000000000000,
                                    0x7feffffffffffffe,
                                    0x7fefffffffffffff};

    for (size_t i = 0; i < LENGTH(hard); i++)
        check_middle(hard[i]);
    for (uint64_t exponent = 0; exponent < 0x7ff; exponent += 31)
        check_middle(exponent << 52 | next_random() >> 12);
    /* 2^40 to 2^120, where middles have few digits */
    for (int i = 0; i < 3000; i++)
        check_middle((1063 + next_random() % 80) << 52 | next_random() >> 12);
}

static void test_powers_of_ten(void)
{
    const char *factors = "1 9 123456789012345 1234567890123456 9999999999999999999";
    char factor[100], text[110];

    while (next_word(&factors, factor)) {
        for (int i = -400; i <= 400; i++) {
            snprintf(text, sizeof text, "%se%d", factor, i);
            CHECK_WITH(text, same(read_real(text), strtod(text, NULL)));
        }
    }
}

static void test_random_texts(void)
{
    const int rounds = check_rounds(200000);

    for (int i = 0; i < rounds; i++) {
        char text[80], *p = text;
        unsigned whole = (unsigned)(next_random() % 21), fraction = (unsigned)(next_random() % 21);

        *p++ = (char)('1' + next_random() % 9);
        while (whole-- > 0)
            *p++ = (char)('0' + next_random() % 10);
        *p++ = '.';
        do
            *p++ = (char)('0' + next_random() % 10);
        while (fraction-- > 0);
        snprintf(p, 8, "e%d", (int)(next_random() % 700) - 350);
        CHECK_WITH(text, same(read_real(text), strtod(text, NULL)));
        CHECK_WITH(text, same(read_decimal(text), strtod(text, NULL)));
    }
}

/* ---- Reading: integers as doubles -------------------------------------------------------- */

/* Of exponents that have no place among the bits of a double: no bit of them may be lost. */
static void test_huge_integers(void)
{
    static char digits[5001];

    memset(digits, '1', 5000);
    for (size_t length = 1000; length <= 5000; length++) {
        digits[length] = '\0';
        CHECK((integer_to_double(digits, 2) == INFINITY) == (length >= 1024));
        CHECK(integer_to_double(digits, 16) == INFINITY);
        digits[length] = '1';
    }
}

static void test_integers_to_double(void)
{
    const char *hexadecimal = "0 ff DeadBeef 0000000000000000000000001 20000000000000 "
                              "20000000000001 20000000000002 20000000000003 200000000000010 "
                              "2000000000000100000000 2000000000000100000001 "
                              "2000000000000300000000 fffffffffffffbff fffffffffffffc00";
    char word[100], prefixed[104], digits[1100];

    while (next_word(&hexadecimal, word)) {
        snprintf(prefixed, sizeof prefixed, "0x%s", word);
        CHECK_WITH(word, same(integer_to_double(word, 16), strtod(prefixed, NULL)));
    }
    CHECK(integer_to_double("000000001011", 2) == 11);
    test_huge_integers();
    CHECK(integer_to_double("0017", 8) == 15);
    CHECK(integer_to_double("400000000000000001", 8) == 0x1p53);
    CHECK(integer_to_double("400000000000000003", 8) == 0x1.0000000000002p53);
    CHECK(integer_to_double("9007199254740993", 10) == 0x1p53);
    CHECK(integer_to_double("90071992547409930000000000000000000001", 10) == 9007199254740994e22);

    /* The largest double; just below the middle between it and the next power of two; and that
       middle. */
    for (int i = 0; i < 3; i++) {
        static const char *const starts[] = {"fffffffffffff8", "fffffffffffffb", "fffffffffffffc"};

        memset(digits, 'f', 256);
        strcpy(digits + 256, "");
        memcpy(digits, starts[i], 14);
        CHECK(same(integer_to_double(digits, 16), i < 2 ? DBL_MAX : HUGE_VAL));
        strcpy(digits + 256, "0");
        CHECK(same(integer_to_double(digits, 16), HUGE_VAL));
    }
    memset(digits, '1', 1025);
    strcpy(digits + 1025, "");
    CHECK(same(integer_to_double(digits, 2), HUGE_VAL));
    CHECK(same(integer_to_double(digits + 25, 2), 0x1p1000));
    CHECK(same(integer_to_double(digits, 10), HUGE_VAL));
}

/* The same bits in base 2 and 16, and through libc. Many zeros make ties. */
static void test_random_integers(void)
{
    const int rounds = check_rounds(20000);

    for (int i = 0; i < rounds; i++) {
        char binary[200], hex[60], libc[64];
        int nibbles = 1 + (int)(next_random() % 40);
        double value;

        for (int j = 0; j < nibbles; j++) {
            unsigned nibble = (unsigned)(next_random() >> 60 & (j % 13 == 0 ? 15U : 8U));

            for (int k = 0; k < 4; k++)
                binary[4 * j + k] = (char)('0' + (nibble >> (3 - k) & 1));
            hex[j] = "0123456789abcdef"[nibble];
        }
        binary[4 * nibbles] = hex[nibbles] = 0;
        snprintf(libc, sizeof libc, "0x%s", hex);
        value = strtod(libc, NULL);
        CHECK_WITH(hex, same(integer_to_double(hex, 16), value));
        CHECK_WITH(hex, same(integer_to_double(binary, 2), value));
    }
}

/* Right before the end of a page: nothing after the NUL is read. */
static void test_edge(void)
{
    char *end = edge_of(100);

    for (size_t length = 0; length < 60; length++) {
        char *text = end - length - 1;
        struct pyon_number number;

        for (size_t point = 0; point <= length; point++) {
            memset(text, '7', length);
            text[length] = '\0';
            if (point > 0 && point + 1 < length)
                text[point] = '.';
            CHECK(pyon_read_number(text, &number) == (length > 0 ? end - 1 : NULL));
        }
    }
}

int main(void)
{
    test_edge();
    test_integers();
    test_ends();
    test_runs();
    test_hard_reals();
    test_decimals();
    test_long_texts();
    test_middles();
    test_powers_of_ten();
    test_random_texts();
    test_integers_to_double();
    test_random_integers();
    return check_report();
}
