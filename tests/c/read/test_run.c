/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs of numbers in lists (lib/read/read_run.c). A processor may read several at once. Then all is as
 * if they were read one by one: the values, and the place where a builder fails.
 */
#include "../support/check.h"
#include "../support/random.h"

#include "cpu.h"

#include <pyon.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NUMBERS 400

struct taken {
    double values[NUMBERS];
    size_t count;
    size_t most; /* then it fails */
};

static int take_real(void *self, double value)
{
    struct taken *taken = self;

    if (taken->count == taken->most)
        return -1;
    taken->values[taken->count++] = value;
    return 0;
}

static int take_integer(void *self, int64_t value)
{
    return take_real(self, (double)value);
}

/* The length is enough to tell it from others. */
static int take_bigint(void *self, const char *text, size_t length, unsigned base)
{
    (void)text;
    return take_real(self, (double)length * base);
}

static size_t take_reals(void *self, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (take_real(self, values[i]) < 0)
            return i;
    return count;
}

/* Reads the text one by one, or as the processor does. */
static int read_text(const struct pyon_dialect *dialect, const char *text, bool one_by_one,
                     bool has_reals, struct taken *taken, struct pyon_error *error)
{
    const enum pyon_cpu cpu = pyon_cpu;
    struct pyon_builder builder = pyon_null_builder;
    int status;

    builder.real = take_real;
    builder.integer = take_integer;
    builder.bigint = take_bigint;
    builder.reals = has_reals ? take_reals : NULL;
    taken->count = 0;
    memset(error, 0, sizeof *error);
    if (one_by_one)
        pyon_cpu = PYON_CPU_SCALAR;
    status = pyon_parse(dialect, text, strlen(text), &builder, taken, NULL, error);
    pyon_cpu = cpu;
    return status;
}

static void check_text(const struct pyon_dialect *dialect, const char *text, size_t most)
{
    static struct taken one_by_one, together;
    struct pyon_error wanted, got;
    int status;

    one_by_one.most = together.most = most;
    status = read_text(dialect, text, true, true, &one_by_one, &wanted);
    for (int has_reals = 0; has_reals < 2; has_reals++) {
        CHECK_WITH(text, read_text(dialect, text, false, has_reals, &together, &got) == status);
        CHECK_WITH(text, got.code == wanted.code && got.offset == wanted.offset &&
                             got.length == wanted.length);
        CHECK_WITH(text, together.count == one_by_one.count &&
                             memcmp(together.values, one_by_one.values,
                                    together.count * sizeof *together.values) == 0);
    }
}

/* The values of a list that has no mistake. */
static void check_values(const struct pyon_dialect *dialect, const char *text, size_t count)
{
    static struct taken taken = {.most = NUMBERS};
    struct pyon_error error;
    const char *p = text;

    CHECK_WITH(text, read_text(dialect, text, false, true, &taken, &error) == 0);
    CHECK_WITH(text, taken.count == count);
    for (size_t i = 0; i < taken.count; i++) {
        size_t length;
        double value;

        p += strspn(p, "[, \n");
        length = strcspn(p, "], ");
        value = strtod(p, NULL);
        if (length > 19 && !memchr(p, '.', length))
            value = (double)length * 10; /* take_bigint() */
        CHECK_WITH(p, memcmp(&taken.values[i], &value, sizeof value) == 0);
        p += length;
    }
}

/* A list of numbers of which `others` in a hundred are integers, large ones too, or have an exponent. */
static void make_text(char *text, size_t count, unsigned others, const char *separator)
{
    char *p = text;

    p += sprintf(p, "[");
    for (size_t i = 0; i < count; i++) {
        uint64_t x = next_random();
        double value = (double)(int64_t)x / (double)(UINT64_C(1) << x % 64);

        p += sprintf(p, i > 0 ? separator : "");
        if (next_random() % 100 < others)
            p += sprintf(p,
                         x % 3 == 0   ? "%d"
                         : x % 3 == 1 ? "%d.5e-7"
                                      : "1%d00000000000000000000",
                         (int)(x >> 40));
        else
            p += sprintf(p, "%.*f", (int)(1 + x % 17), value / 1e9);
    }
    sprintf(p, "]");
}

static void test_lists(void)
{
    static const char *const separators[] = {",", ", ", ",\n    ", " ,"};
    static const unsigned others[] = {0, 1, 5, 20, 60};
    const int rounds = check_rounds(3000);
    static char text[NUMBERS * 50];

    for (int i = 0; i < rounds; i++) {
        size_t count = 1 + next_random() % NUMBERS, most = next_random() % (count + 10);
        const struct pyon_dialect *dialect = next_random() % 2 ? &pyon_v1 : &pyon_v2;

        make_text(text, count, others[next_random() % 5], separators[next_random() % 4]);
        check_values(dialect, text, count);
        check_text(dialect, text, most < NUMBERS ? most : NUMBERS);
        if (i % 4 == 0) { /* any mistake */
            text[next_random() % strlen(text)] = (char)(' ' + next_random() % 95);
            check_text(dialect, text, NUMBERS);
        }
    }
}

/* The builder fails at each of them. */
static void test_failures(void)
{
    static char text[NUMBERS * 50];

    make_text(text, 150, 0, ", ");
    for (size_t most = 0; most <= 150; most++)
        check_text(&pyon_v2, text, most);
}

int main(void)
{
    test_lists();
    test_failures();
    return check_report();
}
