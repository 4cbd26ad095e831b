/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Doubles to text and back, a hundred million times. Not part of the tests: run it by hand when
 * lib/number/ftoa.c, lib/number/ftoa_avx512.c, lib/number/number.c, lib/number/wide.h, lib/number/reals_avx512.c,
 * lib/number/scale.h or lib/number/pow10.h change.
 *
 *     cc -O2 -std=gnu11 -Ilib -o float_exact tests/slow/float_exact.c lib/number/ftoa*.c lib/number/reals*.c \
 *         lib/number/number.c lib/number/decimal.c lib/number/pow10.c lib/cpu.c -lm
 *     ./float_exact [COUNT [SEED]]          100000000 numbers of each kind, some 20 s
 *
 * Every text must read back as the same bits, in each way of reading. One in a hundred, and all the powers of 2 and 10
 * and their neighbours, must also be the shortest text and of that length the nearest, which the
 * correctly rounded printf and strtod of libc decide: for each precision from one digit up, the
 * rounded number and those one unit to either side are tried until one reads back. (The nearest
 * need not read back: below a power of 2 doubles are twice as dense.)
 *
 * Runs of as many numbers of several kinds must have the texts that single numbers have, and be read
 * as these numbers. So must runs of random digits, which lie between doubles.
 */
#include "number/ftoa.h"
#include "number/itoa.h"
#include "number/reals.h"
#include "number/wide.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long long failures;

static void fail(const char *what, double value, const char *text)
{
    if (failures++ < 20)
        printf("%s: %a, %s\n", what, value, text);
}

/* ---- The oracle -------------------------------------------------------------------------- */

/* digits * 10^exponent */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* The positive `value` rounded to this number of digits. */
static struct decimal rounded(double value, int precision)
{
    char text[40], *e;
    struct decimal decimal = {0, 0};

    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    e = strchr(text, 'e');
    for (char *p = text; p < e; p++)
        if (*p != '.')
            decimal.digits = decimal.digits * 10 + (uint64_t)(*p - '0');
    decimal.exponent = atoi(e + 1) - (precision - 1);
    return decimal;
}

static bool reads_as(struct decimal decimal, double value)
{
    char text[40];

    snprintf(text, sizeof text, "%llue%d", (unsigned long long)decimal.digits, decimal.exponent);
    return strtod(text, NULL) == value;
}

/* The shortest that reads as `value`; at each length the nearest first. */
static struct decimal shortest(double value)
{
    for (int precision = 1;; precision++) {
        struct decimal decimal = rounded(value, precision);

        if (reads_as(decimal, value))
            return decimal;
        decimal.digits++;
        if (reads_as(decimal, value))
            return decimal;
        decimal.digits -= 2;
        if (reads_as(decimal, value))
            return decimal;
    }
}

/* The digits of a text without zeros around them. */
static struct decimal parsed(const char *text)
{
    struct decimal decimal = {0, 0};
    const char *e = strchr(text, 'e'), *point = strchr(text, '.');
    const char *end = e != NULL ? e : text + strlen(text);

    for (const char *p = text; p < end; p++)
        if (*p != '.')
            decimal.digits = decimal.digits * 10 + (uint64_t)(*p - '0');
    decimal.exponent = e != NULL ? atoi(e + 1) : 0;
    if (point != NULL)
        decimal.exponent -= (int)(end - point) - 1;
    return decimal;
}

static bool equal(struct decimal a, struct decimal b)
{
    for (; a.digits % 10 == 0; a.exponent++)
        a.digits /= 10;
    for (; b.digits % 10 == 0; b.exponent++)
        b.digits /= 10;
    return a.digits == b.digits && a.exponent == b.exponent;
}

/* ---- Checks ------------------------------------------------------------------------------ */

static bool is_real(const struct pyon_number *number, double value)
{
    return number->kind == PYON_NUMBER_REAL && to_bits(number->real) == to_bits(value);
}

static const char *read_wide(const char *p, struct pyon_number *number)
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

/* Digits stand before the text, and a comma and digits after it, which must not matter. */
static void check_wide(double value, const char *text, size_t length)
{
    char block[NUMBER_BEFORE + PYON_FTOA_SIZE + NUMBER_BEHIND], *p = block + NUMBER_BEFORE;
    struct pyon_number number;

    memset(block, '7', sizeof block);
    memcpy(p, text, length);
    p[length] = ',';
    if (read_wide(p, &number) != p + length || !is_real(&number, value))
        fail("does not read back by wide loads", value, text);
#if PYON_X86
    if (pyon_cpu >= PYON_CPU_SSSE3 &&
        (read_ssse3(p, &number) != p + length || !is_real(&number, value)))
        fail("does not read back with SSSE3", value, text);
#endif
}

static void check_round_trip(double value, char *text)
{
    size_t length = pyon_ftoa(text, value);
    struct pyon_number number;

    text[length] = 0;
    if (pyon_read_number(text, &number) != text + length || !is_real(&number, value))
        fail("does not read back", value, text);
    check_wide(value, text, length);
}

static void check_all(double value)
{
    char text[PYON_FTOA_SIZE];

    check_round_trip(value, text);
    if (value != 0 && !equal(parsed(text + (value < 0)), shortest(fabs(value))))
        fail("is not the shortest or nearest", value, text);
}

static void check_neighbours(double value)
{
    uint64_t bits = to_bits(value);

    for (uint64_t i = bits - 3; i != bits + 4; i++)
        if (isfinite(from_bits(i)))
            check_all(from_bits(i));
}

static void check_powers(void)
{
    for (int i = -1074; i < 1024; i++)
        check_neighbours(ldexp(1, i));
    for (int i = -323; i <= 308; i++) {
        char text[16];

        snprintf(text, sizeof text, "1e%d", i);
        check_neighbours(strtod(text, NULL));
    }
}

/* ---- Runs -------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static double in_unit(uint64_t random)
{
    return ldexp((double)(random >> 11), -53);
}

/* At most 9 digits, some of them behind the point. */
static double of_few_digits(uint64_t random)
{
    static const uint64_t scales[] = {1,      10,      100,      1000,      10000,
                                      100000, 1000000, 10000000, 100000000, 1000000000};
    double digits = (double)((random >> 32) % scales[random % 10]);

    return digits / (double)scales[random / 16 % 10];
}

/* 1 to 17 digits, from 1e-8 on: all layouts. */
static double of_all_layouts(uint64_t random)
{
    static const double scales[] = {1e-25, 1e-23, 1e-21, 1e-19, 1e-17, 1e-15, 1e-12, 1e-9, 1e-5, 1};

    return (double)((int64_t)random >> random % 61) * scales[random / 64 % 10];
}

#define RUN 64 /* numbers */

/* Reads the text of numbers, with a comma after each. Those that are not read together are skipped. */
static void check_reals(const char *p, const char *end, const double *values)
{
    double results[REALS_MOST];

    while (p < end) {
        const char *start = p;
        size_t count = read_reals(&p, end, results, true);

        for (size_t i = 0; i < count; i++)
            if (to_bits(results[i]) != to_bits(values[i]))
                fail("does not read back in a run", values[i], start);
        if (count == 0) {
            p = strchr(p, ',') + 1;
            count = 1;
        }
        values += count;
    }
}

static void check_run(const double *values, size_t count)
{
    char block[REALS_BEFORE + PYON_FTOA_RUN_SIZE(RUN, 1)], *texts = block + REALS_BEFORE;
    char text[PYON_FTOA_SIZE];
    const char *p = texts, *end = pyon_ftoa_run(texts, values, count, ",", 1);

    memset(block, '7', REALS_BEFORE);
    check_reals(p, end, values);

    for (size_t i = 0; i < count; i++) {
        size_t length = pyon_ftoa(text, values[i]);

        text[length] = 0;
        if ((size_t)(end - p) <= length || memcmp(p, text, length) != 0 || p[length] != ',') {
            fail("is different in a run", values[i], text);
            return;
        }
        p += length + 1;
    }
    if (p != end)
        fail("ends a run too long", values[count - 1], text);
}

static void check_runs(unsigned long long numbers, uint64_t state, double (*make)(uint64_t))
{
    double values[RUN];

    for (unsigned long long done = 0; done < numbers; done += RUN) {
        for (size_t i = 0; i < RUN; i++) {
            values[i] = make(next_random(&state));
            if (!isfinite(values[i]))
                values[i] = 0;
        }
        check_run(values, RUN);
    }
}

/* Numbers of 16 to 19 digits, with the point at any place. */
static void check_digits(unsigned long long numbers, uint64_t state)
{
    char block[REALS_BEFORE + RUN * PYON_FTOA_SIZE] = "", *texts = block + REALS_BEFORE;
    double values[RUN];

    for (unsigned long long done = 0; done < numbers; done += RUN) {
        char *p = texts;

        for (size_t i = 0; i < RUN; i++) {
            struct pyon_number number;
            uint64_t w = next_random(&state) % (UINT64_C(9000000000000000000) >> state % 11);
            size_t length, point;
            char *start = p;

            p = write_integer(p, (int64_t)(w + UINT64_C(1000000000000000)));
            length = (size_t)(p - start);
            point = 1 + next_random(&state) % (length - 1);
            memmove(start + point + 1, start + point, length - point);
            start[point] = '.';
            p[1] = ',';
            p[2] = '\0';
            pyon_read_number(start, &number);
            values[i] = number.real;
            p += 2;
        }
        check_reals(texts, p, values);
    }
}

int main(int argc, char **argv)
{
    unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000000;
    uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252;
    char text[PYON_FTOA_SIZE];

    if (state == 0) {
        fprintf(stderr, "the seed must not be 0\n");
        return 2;
    }
    check_powers();
    for (unsigned long long i = 0; i < count; i++) {
        double value;

        value = from_bits(next_random(&state));
        if (!isfinite(value))
            continue;
        if (i % 100 == 0)
            check_all(value);
        else
            check_round_trip(value, text);
    }
    check_runs(count, state, from_bits);
    check_runs(count, state, in_unit);
    check_runs(count, state, of_few_digits);
    check_runs(count, state, of_all_layouts);
    check_digits(count, state);
    printf("%llu numbers, %llu failures\n", count, failures);
    return failures > 0;
}
