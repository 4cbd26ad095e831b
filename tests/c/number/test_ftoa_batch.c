/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Many doubles as text (lib/number/ftoa_avx512.c): byte for byte the text that pyon_ftoa() makes of
 * each, which test_number_text.c tests. Every number goes through every lane, among numbers of other
 * kinds. The blocks end where they may, so that a sanitizer sees every byte too far.
 */
#include "../support/check.h"
#include "../support/random.h"
#include "numbers.h"

#include "number/ftoa.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL)
        abort();
    return memory;
}

/* ---- Against one by one ------------------------------------------------------------------ */

static void check_batch(const double values[PYON_FTOA_BATCH])
{
    struct pyon_ftoa_batch *batch = allocate(sizeof *batch);
    char text[PYON_FTOA_SIZE];

    pyon_ftoa_batch(batch, values);
    for (int i = 0; i < PYON_FTOA_BATCH; i++) {
        size_t length = pyon_ftoa(text, values[i]);

        text[length] = 0;
        CHECK_WITH(text, batch->length[i] == length && memcmp(batch->text[i], text, length) == 0);
    }
    free(batch);
}

static void check_run(const double *values, size_t count, const char *separator, size_t length)
{
    size_t size = PYON_FTOA_RUN_SIZE(count, length);
    char *run = allocate(size), *one_by_one = allocate(size), *p = one_by_one;
    char *copy = allocate(length + !length);
    size_t written;

    memcpy(copy, separator, length);
    written = (size_t)(pyon_ftoa_run(run, values, count, copy, length) - run);
    for (size_t i = 0; i < count; i++) {
        p += pyon_ftoa(p, values[i]);
        memcpy(p, separator, length);
        p += length;
    }
    CHECK(written == (size_t)(p - one_by_one) && memcmp(run, one_by_one, written) == 0);
    free(copy);
    free(one_by_one);
    free(run);
}

/* Collects numbers, to test many of them at a time. */
static double collected[1 << 12];
static size_t collected_count;

static void check_collected(void)
{
    size_t count = collected_count - collected_count % PYON_FTOA_BATCH;

    for (size_t i = 0; i < count; i += PYON_FTOA_BATCH)
        check_batch(collected + i);
    check_run(collected, collected_count, ", ", 2);
    collected_count = 0;
}

static void add(double value)
{
    if (!isfinite(value))
        return;
    collected[collected_count++] = value;
    if (collected_count == LENGTH(collected))
        check_collected();
}

/* Tests numbers among their own kind, and in each lane among others. */
static void add_everywhere(double value)
{
    for (size_t i = 0; i < PYON_FTOA_BATCH; i++) {
        double values[PYON_FTOA_BATCH];

        for (size_t j = 0; j < PYON_FTOA_BATCH; j++)
            values[j] = j % 2 == i % 2 ? ldexp((double)(next_random() >> 11), -53) : (double)j;
        values[i] = i % 2 ? -value : value;
        check_batch(values);
    }
    add(value);
    add(-value);
}

static void add_neighbours(double value)
{
    uint64_t bits = to_bits(value);
    uint64_t first = bits < 3 ? 0 : bits - 3;

    for (uint64_t i = first; i <= bits + 3; i++)
        if (isfinite(from_bits(i)))
            add_everywhere(from_bits(i));
}

/* ---- Numbers ----------------------------------------------------------------------------- */

static void test_powers(void)
{
    for (int i = -1074; i < 1024; i++)
        add_neighbours(ldexp(1, i));
    for (int i = -323; i <= 308; i++) {
        char text[16];

        snprintf(text, sizeof text, "1e%d", i);
        add_neighbours(strtod(text, NULL));
    }
    add_neighbours(0);
    add_neighbours(DBL_MAX);
    check_collected();
}

/* Each number of digits, with the point at each place; some layouts are scientific. */
static void test_layouts(void)
{
    for (int digits = 1; digits <= 17; digits++)
        for (int point = -8; point <= 20; point++)
            for (int i = 0; i < 8; i++) {
                char text[48];
                int length = snprintf(text, sizeof text, "0.%d", 1 + (int)(next_random() % 9));

                for (; length < digits + 2; length++)
                    text[length] = (char)('0' + next_random() % 10);
                text[length - 1] = (char)('1' + next_random() % 9);
                snprintf(text + length, sizeof text - (size_t)length, "e%d", point);
                add_everywhere(strtod(text, NULL));
            }
    check_collected();
}

/* Fractions of few bits: the 17th digit may be a tie. */
static void test_ties(void)
{
    for (int bits = 1; bits <= 53; bits++)
        for (int i = 0; i < 2000; i++) {
            uint64_t odd = (next_random() >> (64 - bits)) | 1;

            add(ldexp((double)odd, -(int)(next_random() % 64)));
            add(ldexp((double)odd, (int)(next_random() % 24)));
        }
    check_collected();
}

static void test_integers(void)
{
    for (int i = -20000; i < 20000; i++)
        add(i);
    for (int i = 0; i < 100000; i++)
        add((double)(int64_t)next_random() / (double)(UINT64_C(1) << next_random() % 64));
    check_collected();
}

static void test_random(void)
{
    for (int i = 0; i < 1000000; i++)
        add(from_bits(next_random()));
    for (int i = 0; i < 200000; i++) {
        add(ldexp((double)(next_random() >> 11), -53));
        add((double)(int64_t)(next_random() >> next_random() % 64) / 1e5);
        add((double)(next_random() % 1000000) / 1e3);
        add(ldexp((double)(next_random() >> 11), -76));
        if (i % 3 == 0)
            add(0);
    }
    check_collected();
}

/* ---- Runs -------------------------------------------------------------------------------- */

static void test_runs(void)
{
    static const char separator[] = ",\n                                      ";
    double values[40];

    for (size_t count = 0; count <= LENGTH(values); count++)
        for (size_t length = 0; length < sizeof separator; length++) {
            for (size_t i = 0; i < LENGTH(values); i++)
                values[i] = (double)(int64_t)next_random() * (next_random() % 8 ? 1e-19 : 1e-25);
            check_run(values, count, separator, length);
        }
    for (size_t i = 0; i < LENGTH(values); i++)
        values[i] = -DBL_TRUE_MIN * (double)(12345678 + i);
    check_run(values, LENGTH(values), ", ", 2);
}

int main(void)
{
    test_powers();
    test_layouts();
    test_ties();
    test_integers();
    test_random();
    test_runs();
    if (!pyon_ftoa_has_batch())
        printf("one by one, as there are no kernels: ");
    return check_report();
}
