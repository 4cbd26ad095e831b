/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Numbers by wide loads (lib/number/wide.h), with each way of joining digits: bit for bit the
 * result of pyon_read_number(), which test_number.c tests. The bytes around a number, digits above
 * all, must not matter, and no byte is loaded beyond the promised ones.
 */
#include "../support/check.h"
#include "../support/exact.h"
#include "../support/pages.h"
#include "../support/random.h"

#include "number/wide.h"

#include <stdio.h>
#include <string.h>

#define LONGEST 100

static bool same(const struct pyon_number *a, const struct pyon_number *b)
{
    return a->kind == b->kind && a->integer == b->integer &&
           memcmp(&a->real, &b->real, sizeof a->real) == 0;
}

static const char *read_portable(const char *p, struct pyon_number *number)
{
    return read_number_wide(p, number, join_run, safe_digits());
}

#if PYON_X86
__attribute__((target("ssse3"))) static const char *read_ssse3(const char *p,
                                                               struct pyon_number *number)
{
    return read_number_wide(p, number, join_run_ssse3, safe_digits());
}
#endif

/* A page between two that cannot be read: its first byte and its last. */
static char *first, *last;

static void make_page(void)
{
    first = pages_new(1);
    last = first + pages_size() - 1;
}

static void check_read(const char *text, const char *p, long read,
                       const struct pyon_number *expected)
{
    struct pyon_number number = {0};
    const char *end = read_portable(p, &number);

    CHECK_WITH(text, (end ? (long)(end - p) : -1) == read);
    CHECK_WITH(text, !end || same(&number, expected));
#if PYON_X86
    if (__builtin_cpu_supports("ssse3")) {
        number = (struct pyon_number){0};
        end = read_ssse3(p, &number);
        CHECK_WITH(text, (end ? (long)(end - p) : -1) == read);
        CHECK_WITH(text, !end || same(&number, expected));
    }
#endif
}

/* Reads `text` between the bytes `before` and `behind`, at the start of a page and at its end. */
static void check_between(const char *text, char before, char behind)
{
    size_t length = strlen(text), from = length + 3 > NUMBER_BEHIND ? length + 3 : NUMBER_BEHIND;
    size_t size = NUMBER_BEFORE + from;
    char *careful = exact_room(length + 2), *blocks[2] = {first, last + 1 - size};
    struct pyon_number expected = {0};
    const char *end;
    long read;

    memcpy(careful, text, length);
    careful[length] = behind;
    careful[length + 1] = '\0';
    end = pyon_read_number(careful, &expected);
    read = end ? (long)(end - careful) : -1;
    for (int i = 0; i < 2; i++) {
        char *p = blocks[i] + NUMBER_BEFORE;

        memset(blocks[i], before, NUMBER_BEFORE);
        memcpy(p, text, length);
        memset(p + length, behind, from - length);
        p[length + 1] = ','; /* it may continue with the byte after it, but must end */
        p[from - 1] = '\0';
        check_read(text, p, read, &expected);
    }
    free(careful);
}

static void check_text(const char *text)
{
    static const char around[] = "09.-+eE, ]\n\xff";

    for (size_t i = 0; around[i]; i++) {
        check_between(text, around[i], ',');
        check_between(text, '9', around[i]);
    }
    check_between(text, '0', '\0');
}

static char *put_digits(char *p, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        *p++ = (char)('0' + next_random() % 10);
    return p;
}

/* ---- Tests ---- */

static void test_shapes(void)
{
    static const char *const texts[] = {
        "",
        "-",
        "+1",
        ".5",
        "a",
        "0",
        "-0",
        "00",
        "01",
        "0.",
        "-0.0",
        "0.e1",
        "1.",
        "1.e",
        "1e",
        "1e+",
        "1e-x",
        "1E5",
        "1e400",
        "1e-400",
        "-1e400",
        "0e5",
        "0.0e-5",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "0.000123456789012345678",
        "0.0001234567890123456789",
        "0.00000000000000000000",
        "0.00000000000000000000000000000001",
        "0.10000000000000000000000000000000001",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "4.9406564584124654e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "5e-324",
        "123456789012345678e-5",
        "8.5",
        "9007199254740991.5",
        "4503599627370496.5",
        "4503599627370497.5",
        "1.00000000000000011102230246251565",
        "12345678",
        "123456789",
        "1234567",
        "12345678.12345678",
        "1234567890123456789.5",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_text(texts[i]);
}

/* Every number of digits before and after the point. */
static void test_counts(void)
{
    for (unsigned whole = 1; whole <= 30; whole++)
        for (unsigned fraction = 0; fraction <= 40; fraction++)
            for (int kind = 0; kind < 4; kind++) {
                char text[LONGEST], *p = text;

                if (kind == 1)
                    *p++ = '-';
                p = put_digits(p, whole);
                if (fraction > 0)
                    *p++ = '.';
                p = put_digits(p, fraction);
                if (kind == 2)
                    memset(text, '0', 1);
                if (kind == 3)
                    p += sprintf(p, "e%d", (int)(next_random() % 700) - 350);
                *p = '\0';
                check_text(text);
            }
}

/* A million doubles, with as few digits as possible and with all of them. */
static void test_random(void)
{
    const int rounds = check_rounds(1000000);

    for (int i = 0; i < rounds; i++) {
        uint64_t bits = next_random();
        char text[400]; /* the largest double with "%.6f" */
        double value;

        if (i % 4 == 0)
            bits = (bits & UINT64_C(0x800fffffffffffff)) | UINT64_C(0x3fe0000000000000);
        memcpy(&value, &bits, sizeof value);
        sprintf(text, i % 3 == 0 ? "%.17g" : i % 3 == 1 ? "%.16g" : "%.6f", value);
        if (strlen(text) < LONGEST / 2)
            check_between(text, '7', i % 2 ? ',' : '8');
    }
}

int main(void)
{
    make_page();
    test_shapes();
    test_counts();
    test_random();
    return check_report();
}
