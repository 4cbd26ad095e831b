/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Many decimal numbers at once (lib/number/reals_avx512.c): bit for bit the results of
 * pyon_read_number(), which test_number.c tests. All numbers that have the form are read, and nothing
 * after one that has not. Texts lie between two pages that cannot be read.
 */
#include "../support/check.h"
#include "../support/pages.h"
#include "../support/random.h"
#include "numbers.h"

#include "number/ftoa.h"
#include "number/number.h"
#include "number/reals.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_TEXT (4 * REALS_TEXT) /* of 100 numbers */
#define LONGEST 100

static char *first, *last; /* bytes of the memory between the pages */

/* ---- Reading ---- */

/* The place after the numbers that were read, by one number after the other. */
static const char *check_values(const char *text, const double *values, size_t count)
{
    const char *p = text;

    for (size_t i = 0; i < count; i++) {
        struct pyon_number number;
        const char *end;

        p += strspn(p, " ");
        end = pyon_read_number(p, &number);
        CHECK_WITH(p, end && number.kind == PYON_NUMBER_REAL && *end == ',');
        CHECK_WITH(p, same(number.real, values[i]));
        if (!end)
            return NULL;
        p = end + 1;
    }
    return p;
}

/* The text, with a NUL after `length` bytes; `margin` bytes are before it. */
static size_t check_at(const char *text, size_t length, char *at)
{
    double values[2][REALS_MOST];
    const char *end[2] = {at, at};
    size_t count[2];

    memset(at - REALS_BEFORE, next_random() % 2 ? '7' : ',', REALS_BEFORE);
    memcpy(at, text, length);
    for (int divides = 0; divides < 2; divides++)
        count[divides] = read_reals(&end[divides], at + length, values[divides], divides);
    CHECK_WITH(text, count[0] == count[1] && end[0] == end[1]);
    for (int divides = 0; divides < 2; divides++) {
        const char *p = check_values(text, values[divides], count[divides]);

        CHECK_WITH(text, p && p - text == end[divides] - at);
    }
    return count[0];
}

/* Returns the number of values that are read. */
static size_t check_text(const char *text)
{
    size_t length = strlen(text), count = check_at(text, length, first + REALS_BEFORE);

    CHECK_WITH(text, check_at(text, length, last + 1 - length) == count);
    return count;
}

/* ---- Texts ---- */

static char *put_digits(char *p, size_t count)
{
    while (count-- > 0)
        *p++ = (char)('0' + next_random() % 10);
    return p;
}

/* A number of at most 19 digits, or 28 bytes with zeros at its start. */
static char *put_decimal(char *p)
{
    size_t whole = 1 + next_random() % (next_random() % 2 ? 3 : 18);
    size_t fraction = 1 + next_random() % (19 - whole), zeros = whole == 1 ? next_random() % 8 : 0;

    if (next_random() % 2)
        *p++ = '-';
    p = put_digits(p, whole);
    if (whole > 1)
        p[-(ptrdiff_t)whole] = (char)('1' + next_random() % 9);
    *p++ = '.';
    if (zeros > 0)
        p[-2] = '0';
    memset(p, '0', zeros);
    return put_digits(p + zeros, fraction);
}

/* A number near the middle between two doubles, or exactly there. */
static char *put_tie(char *p)
{
    static const uint64_t quarters[] = {0, 250, 500, 750};
    uint64_t whole = (UINT64_C(1) << (52 - next_random() % 3)) + next_random() % 1000;
    int length = sprintf(p, "%llu.%03llu", (unsigned long long)whole,
                         (unsigned long long)quarters[next_random() % 4]);

    p[length - 1] = (char)(p[length - 1] + (next_random() % 4 == 0));
    return p + length - (next_random() % 4 == 0);
}

/* As the writer puts it; 0.5 in place of one with an exponent. */
static char *put_shortest(char *p)
{
    static const int exponents[] = {0, 0, -3, -10, 20, 53};
    int exponent = exponents[next_random() % 6];
    double value = ldexp((double)(int64_t)(next_random() >> next_random() % 64), exponent - 64);
    size_t length = pyon_ftoa(p, next_random() % 2 ? value : -value);

    if (!memchr(p, 'e', length))
        return p + length;
    memcpy(p, "0.5", 3);
    return p + 3;
}

/* A number of few bits. */
static char *put_short(char *p)
{
    static const char *const forms[] = {"%d.0", "%d.5", "%d.25", "%d.1", "-%d.75", "%d.00"};

    return p + sprintf(p, forms[next_random() % 6], (int)(next_random() % 1000));
}

static char *put_good(char *p)
{
    switch (next_random() % 4) {
    case 0:
        return put_decimal(p);
    case 1:
        return put_tie(p);
    case 2:
        return put_short(p);
    default:
        return put_shortest(p);
    }
}

/* Fills the text of `count` numbers, each with a comma. `space`: the chance of a space, in eighths. */
static void make_text(char *text, size_t count, unsigned space)
{
    char *p = text;

    while (count-- > 0) {
        if (next_random() % 8 < space)
            *p++ = ' ';
        p = put_good(p);
        *p++ = ',';
    }
    *p = '\0';
}

/* The numbers of good ones in `text` whose commas are in the part that is looked at. */
static size_t count_good(const char *text)
{
    size_t length = strlen(text), count = 0;

    length = length < REALS_TEXT ? length - length % 64 : REALS_TEXT;
    for (size_t i = 0; i < length; i++)
        count += text[i] == ',';
    return count;
}

/* ---- Tests ---- */

static void test_good(void)
{
    const int rounds = check_rounds(60000);
    static char text[MOST_TEXT];

    for (int i = 0; i < rounds; i++) {
        size_t good;

        make_text(text, 1 + next_random() % 80, (unsigned)(next_random() % 3) * 4);
        good = count_good(text);
        /* Fewer than eight are left to the caller. */
        CHECK_WITH(text, check_text(text) == (good < 8 || !reads_reals() ? 0 : good));
    }
}

/* A number in each place that has not the form, or may not have it. */
static void test_others(void)
{
    static const char *const others[] = {
        "0",
        "-7",
        "1e5",
        "1.5e5",
        "1.5E-7",
        ".5",
        "5.",
        "-.5",
        "-",
        "",
        "+1.5",
        "01.5",
        "-00.5",
        "00.0",
        "1.5.5",
        "1..5",
        "1-2.5",
        "--1.5",
        "1.-5",
        "1.5-",
        "1/5.5",
        "1.5 ",
        "  1.5",
        "\n1.5",
        "\t1.5",
        "1. 5",
        "1 .5",
        "1.5\n",
        "nan",
        "NaN",
        "-Infinity",
        "\"1.5\"",
        "[1.5]",
        "1_0.5",
        "1.5j",
        "0x1.5",
        "1.\xff",
        "\xb0.5",
        "1.5]",
        "] 1.5",
        "1.5,,2.5",
        ",",
        ".,",
        "-,",
        "12345678901234567890.5",
        "1234567890123456789.5",
        "9999999999999999999.0",
        "99999999999999999999.0",
        "0.000000000000000000000000001",
        "0.0000000000000000000000000001",
        "0.00000000000000000000000000001",
        "-0.0000000000000000000000000001",
        "0.12345678901234567890",
        "0.1234567890123456789012345678901234567890",
        "1000000000000000000.00000000000000000",
        "12345678901234567890123456789012345678901.5",
        "0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00"
        "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "00"
        "1",
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (size_t place = 0; place < 40; place++) {
            char text[MOST_TEXT], *p;

            make_text(text, place, 0);
            p = text + strlen(text);
            p += sprintf(p, "%s,", others[i]);
            make_text(p, 40 - place, 0);
            check_text(text);
        }
}

/* Any byte, changed in any place. */
static void test_damage(void)
{
    static const char likely[] = "0123456789..,,-- eE]\n\"/:";
    const int rounds = check_rounds(60000);
    static char text[MOST_TEXT];

    for (int i = 0; i < rounds; i++) {
        size_t length;

        make_text(text, 8 + next_random() % 20, (unsigned)(next_random() % 3) * 4);
        length = strlen(text);
        for (size_t damages = 1 + next_random() % 3; damages > 0; damages--) {
            char *p = text + next_random() % length;

            *p = next_random() % 4 ? likely[next_random() % (sizeof likely - 1)]
                                   : (char)(1 + next_random() % 255);
        }
        check_text(text);
    }
}

/* Runs of numbers that are nearly too long, or just too long, with and without spaces. */
static void test_long(void)
{
    for (int i = 0; i < check_rounds(6000); i++) {
        char text[MOST_TEXT], *p = text;
        size_t length = 24 + next_random() % 12, space = next_random() % 3,
               longer = next_random() % 2;
        bool good = length + longer <= 30, doubled = false;

        for (int j = 0; j < 20; j++) {
            size_t zeros = length - 2 - 17 + (longer && next_random() % 8 == 0);

            if (next_random() % 2 < space) {
                *p++ = ' ';
                /* A second one, which is not of the form, at the beginning of a block. */
                if ((p - text) % 64 == 0 && i % 2) {
                    *p++ = ' ';
                    doubled = true;
                }
            }
            *p++ = '0';
            *p++ = '.';
            memset(p, '0', zeros);
            p = put_digits(p + zeros, 17);
            *p++ = ',';
        }
        *p = '\0';
        if (check_text(text) < count_good(text))
            CHECK_WITH(text, !good || doubled || !reads_reals());
    }
}

/* Texts that end within a number. */
static void test_ends(void)
{
    char text[MOST_TEXT];

    for (size_t length = 1; length < 400; length++) {
        make_text(text, 100, 4);
        text[length] = '\0';
        check_text(text);
    }
}

int main(void)
{
    size_t pages = (MOST_TEXT + REALS_BEFORE + LONGEST) / pages_size() + 1;

    first = pages_new(pages);
    last = first + pages * pages_size() - 1;
    test_good();
    test_others();
    test_damage();
    test_long();
    test_ends();
    if (!reads_reals())
        printf("none is read, as there is no kernel: ");
    return check_report();
}
