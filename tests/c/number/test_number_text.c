/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Numbers to text: lib/number/ftoa.c and lib/number/itoa.h, against tables, libc in its "C" locale,
 * and what is read back.
 */
#include "../support/check.h"
#include "../support/random.h"
#include "numbers.h"

#include "number/ftoa.h"
#include "number/itoa.h"
#include "number/number.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The double of a text that is one number as a whole. */
static double read_real(const char *text)
{
    struct pyon_number number = {PYON_NUMBER_INTEGER, 0, 0};

    CHECK_WITH(text, pyon_read_number(text, &number) == text + strlen(text));
    CHECK_WITH(text, number.kind == PYON_NUMBER_REAL);
    return number.real;
}

/* ---- Printing ---------------------------------------------------------------------------- */

/* Fills `text` and ends it with a NUL. */
static void print(char *text, double value)
{
    text[pyon_ftoa(text, value)] = 0;
}

static void test_layout(void)
{
    /* As Python prints them. */
    const char *texts =
        "0.0 -0.0 1.0 -1.5 0.1 0.5 0.001 0.0001 0.00012345678901234567 1e-05 1.5e-05 "
        "-1.2345678901234568e-05 3.14 100.0 123.456 12345678.0 12345678.5 123456789.5 "
        "1000000000000000.0 1234567890123456.8 9007199254740991.0 9007199254740992.0 "
        "9007199254740994.0 9999999999999998.0 1e+16 1.2345678901234568e+17 1e+22 1e+23 "
        "1e+100 9.5367431640625e-07 1.7976931348623157e+308 -1.7976931348623157e+308 "
        "2.2250738585072014e-308 2.225073858507201e-308 5e-324 1e-323 1.5e-323 "
        "6.62607015e-34 299792458.0 1.152921504606847e+18 2251799813685248.5 "
        "8.98846567431158e+307";
    /* 5.684341886080801e-14 is nearer to 2^-44, but is read as the double below. */
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0x1p-44, "5.684341886080802e-14"},
                 {1125899906842624.25, "1125899906842624.2"}, /* ties to even */
                 {1125899906842624.75, "1125899906842624.8"},
                 {8887055249355788 * 0x1p664, "6.802601037806062e+215"}};
    char text[PYON_FTOA_SIZE], word[100];

    while (next_word(&texts, word)) {
        print(text, strtod(word, NULL));
        CHECK_WITH(text, strcmp(text, word) == 0);
    }
    for (size_t i = 0; i < LENGTH(cases); i++) {
        print(text, cases[i].value);
        CHECK_WITH(text, strcmp(text, cases[i].text) == 0);
    }
}

/* The number of a text, as libc reads it, where libc is exact: MinGW's is not, near powers of two. */
#if defined(__MINGW32__)
static double read_by_libc(const char *text)
{
    return read_real(text);
}
#else
static double read_by_libc(const char *text)
{
    return strtod(text, NULL);
}
#endif

/* The number of digits before the exponent, without zeros at both ends. */
static int count_digits(const char *text)
{
    int count = 0, last = 0;

    for (; *text != 0 && *text != 'e'; text++) {
        count += *text >= (count > 0 ? '0' : '1');
        if (*text >= '1')
            last = count;
    }
    return last;
}

/* The text reads back as the number, here and by libc; with fewer digits it does not. */
static void check_round_trip(double value)
{
    char text[PYON_FTOA_SIZE], other[40];
    int digits;

    print(text, value);
    CHECK_WITH(text, same(read_real(text), value));
    CHECK_WITH(text, same(read_by_libc(text), value));
    digits = count_digits(text);
    CHECK_WITH(text, digits <= 17);
    if (digits > 1) {
        snprintf(other, sizeof other, "%.*e", digits - 2, value);
        CHECK_WITH(text, !same(read_by_libc(other), value));
    }
    snprintf(other, sizeof other, "%.16e", value);
    CHECK_WITH(other, same(read_real(other), value));
}

static void check_neighbours(double value)
{
    uint64_t bits = to_bits(value);

    for (uint64_t i = bits - 2; i <= bits + 2; i++)
        if (i <= to_bits(DBL_MAX))
            check_round_trip(from_bits(i));
}

static void test_powers(void)
{
    for (int i = -1074; i < 1024; i++)
        check_neighbours(ldexp(1, i));
    for (int i = -323; i <= 308; i++) {
        char text[16];

        snprintf(text, sizeof text, "1e%d", i);
        check_neighbours(strtod(text, NULL));
    }
}

static void test_random_bits(void)
{
    const int rounds = check_rounds(200000);

    for (int i = 0; i < rounds; i++) {
        double value = from_bits(next_random());

        if (isfinite(value))
            check_round_trip(value);
    }
    for (int i = 0; i < rounds / 10; i++) {
        check_round_trip((double)(next_random() >> 11) * 0x1p-53);
        check_round_trip((double)(int)(next_random() % 2000000) / 1000);
        check_round_trip(ldexp((double)(next_random() >> next_random() % 64), -8));
        check_round_trip(from_bits(next_random() >> 12));
    }
}

static void check_integer(int64_t value)
{
    char text[PYON_ITOA_SIZE], libc[32];

    *write_integer(text, value) = 0;
    snprintf(libc, sizeof libc, "%lld", (long long)value);
    CHECK_WITH(libc, strcmp(text, libc) == 0);
    *write_unsigned(text, (uint64_t)value) = 0;
    snprintf(libc, sizeof libc, "%llu", (unsigned long long)value);
    CHECK_WITH(libc, strcmp(text, libc) == 0);
}

static void test_integer_texts(void)
{
    for (uint64_t power = 1;; power *= 10) {
        for (uint64_t i = power - 2; i != power + 2; i++) {
            check_integer((int64_t)i);
            check_integer((int64_t)(0 - i));
        }
        if (power == UINT64_C(10000000000000000000))
            break;
    }
    check_integer(INT64_MIN);
    check_integer(INT64_MAX);
    for (int i = 0; i < 100000; i++)
        check_integer((int64_t)(next_random() >> next_random() % 64));
    /* Parts of eight digits that begin with zeros. */
    for (int i = 0; i < 100000; i++) {
        uint64_t parts[3];

        for (int j = 0; j < 3; j++)
            parts[j] = (next_random() >> next_random() % 64) % (j == 0 ? 900 : 100000000);
        check_integer((int64_t)((parts[0] * 100000000 + parts[1]) * 100000000 + parts[2]));
    }
}

int main(void)
{
    test_layout();
    test_powers();
    test_random_bits();
    test_integer_texts();
    return check_report();
}
