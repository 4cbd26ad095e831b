/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * How long doubles to text take, one by one and many at once, for several kinds of numbers.
 *
 *     cc -O2 -std=gnu11 -Ilib -o float_speed tests/slow/float_speed.c lib/number/ftoa*.c lib/number/pow10.c lib/cpu.c -lm
 *     ./float_speed [ROUNDS]
 *
 * prints ns a number, the least of all rounds: pyon_ftoa() and a batch alone, and then lists with
 * ", " behind each number, made by pyon_ftoa(), from batches, and by pyon_ftoa_run(). All ways
 * take turns, so that ratios mean something on a machine that others use.
 */
#include "number/ftoa.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT (1 << 20)
#define KINDS (sizeof kinds / sizeof *kinds)

static uint64_t random_state = 88172645463325252;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* ---- Numbers ----------------------------------------------------------------------------- */

static double in_unit(void)
{
    return ldexp((double)(next_random() >> 11), -53);
}

static double normal(void)
{
    double length = sqrt(-2 * log(1 - in_unit()));

    return length * cos(6.283185307179586 * in_unit());
}

static double to_million(void)
{
    return 1 + 999999 * in_unit();
}

static double small_physical(void)
{
    return 1.2e-7 * normal();
}

static double rounded(void)
{
    static const double scales[] = {1e3, 1e4, 1e5, 1e6};
    double scale = scales[next_random() % 4];

    return nearbyint(100 * in_unit() * scale) / scale;
}

static double small_integer(void)
{
    return (double)(next_random() % 100);
}

static double integer(void)
{
    return (double)(next_random() % 1000000);
}

static double sparse(void)
{
    return next_random() % 2 ? 0 : in_unit();
}

static double any_bits(void)
{
    uint64_t bits = next_random();
    double value;

    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 0;
}

static const struct kind {
    const char *name;
    double (*make)(void);
} kinds[] = {
    {"0 to 1", in_unit},
    {"normal", normal},
    {"3 to 6 decimals", rounded},
    {"1 to 10^6", to_million},
    {"1.2e-7 * normal", small_physical},
    {"integers to 100", small_integer},
    {"integers to 10^6", integer},
    {"half zeros", sparse},
    {"any bits", any_bits},
};

/* ---- Ways -------------------------------------------------------------------------------- */

/* Each returns the end of what is written. */

static char *single(char *p, const double *values)
{
    size_t length = 0;

    for (size_t i = 0; i < COUNT; i++)
        length += pyon_ftoa(p, values[i]);
    return p + length;
}

static char *batch(char *p, const double *values)
{
    struct pyon_ftoa_batch *texts = (void *)p;

    for (size_t i = 0; i < COUNT; i += PYON_FTOA_BATCH)
        pyon_ftoa_batch(texts, values + i);
    return p + sizeof *texts;
}

static char *list_of_singles(char *p, const double *values)
{
    for (size_t i = 0; i < COUNT; i++) {
        p += pyon_ftoa(p, values[i]);
        memcpy(p, ", ", 2);
        p += 2;
    }
    return p;
}

static char *list_of_batches(char *p, const double *values)
{
    struct pyon_ftoa_batch texts;

    for (size_t i = 0; i < COUNT; i += PYON_FTOA_BATCH) {
        pyon_ftoa_batch(&texts, values + i);
        for (size_t j = 0; j < PYON_FTOA_BATCH; j++) {
            memcpy(p, texts.text[j], sizeof texts.text[j]);
            p += texts.length[j];
            memcpy(p, ", ", 2);
            p += 2;
        }
    }
    return p;
}

static char *run(char *p, const double *values)
{
    return pyon_ftoa_run(p, values, COUNT, ", ", 2);
}

static char *(*const ways[])(char *, const double *) = {single, batch, list_of_singles,
                                                        list_of_batches, run};
#define WAYS (sizeof ways / sizeof *ways)

/* ------------------------------------------------------------------------------------------ */

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    double *values = malloc(COUNT * sizeof *values);
    char *text = malloc(PYON_FTOA_RUN_SIZE(COUNT, 2));

    if (values == NULL || text == NULL)
        return 1;
    printf("%-18s %8s %8s   lists: %8s %8s %8s\n", "ns", "single", "batch", "single", "batch",
           "run");
    for (size_t kind = 0; kind < KINDS; kind++) {
        double least[WAYS];

        for (size_t i = 0; i < COUNT; i++)
            values[i] = kinds[kind].make();
        for (size_t way = 0; way < WAYS; way++)
            least[way] = INFINITY;
        for (int round = 0; round < rounds; round++)
            for (size_t way = 0; way < WAYS; way++) {
                double start = now();
                char *end = ways[way](text, values);
                double time = (now() - start) / COUNT;

                if (end > text && time < least[way])
                    least[way] = time;
            }
        printf("%-18s %8.2f %8.2f          %8.2f %8.2f %8.2f\n", kinds[kind].name, least[0],
               least[1], least[2], least[3], least[4]);
    }
    free(text);
    free(values);
    return 0;
}
