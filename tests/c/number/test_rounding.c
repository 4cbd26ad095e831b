/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Numbers are read and written in the same way whatever the processor does: however it rounds
 * (fesetround), and if it takes subnormal numbers for zero, as libraries built with -ffast-math
 * make it. Each text is read in the usual mode first and then in all others: alone, and in a list,
 * since runs of numbers have a loop of their own.
 */
#include "../support/check.h"
#include "../support/random.h"
#include "numbers.h"

#include "number/ftoa.h"
#include "number/number.h"

#include <fenv.h>
#include <math.h>
#include <pyon.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#define COUNT 4096
#define ALL (COUNT * 40 + 3)

/* ---- Modes ---- */

enum { MODES = 5 };

static void set_mode(int mode)
{
    static const int directions[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};

    CHECK(fesetround(directions[mode % 4]) == 0);
#if defined(__SSE2__)
    _mm_setcsr((_mm_getcsr() & ~0x8040u) | (mode == 4 ? 0x8040u : 0)); /* FTZ and DAZ */
#endif
}

/* ---- Texts ---- */

struct values {
    double *values;
    size_t count;
};

static int take_real(void *self, double value)
{
    struct values *values = self;

    values->values[values->count++] = value;
    return 0;
}

static int take_integer(void *self, int64_t value)
{
    (void)self, (void)value;
    return 0;
}

static int take_complex(void *self, double real, double imaginary)
{
    take_real(self, real);
    return take_real(self, imaginary);
}

static size_t read_all(const struct pyon_dialect *dialect, const char *text, size_t length,
                       double *values)
{
    struct pyon_builder builder = pyon_null_builder;
    struct values taken = {values, 0};
    struct pyon_error error;

    builder.real = take_real;
    builder.integer = take_integer;
    builder.complex_number = take_complex;
    CHECK(pyon_parse(dialect, text, length, &builder, &taken, NULL, &error) == 0);
    return taken.count;
}

/* A list of numbers of all lengths, exponents and kinds. One half has no exponents: such numbers may be
   read several at once. */
static size_t make_text(char *text)
{
    char *p = text;

    *p++ = '[';
    for (int i = 0; i < COUNT; i++) {
        uint64_t w = next_random() >> next_random() % 64;
        int places = (int)(next_random() % 24);

        p += sprintf(p, "%s%llu.%0*llu", i > 0 ? "," : "", (unsigned long long)(w % 100000),
                     places / 2 + 1, (unsigned long long)(w >> 20) % 100000);
        if (i % 4 == 1 && i < COUNT / 2)
            p += sprintf(p, "e%d", (int)(next_random() % 50) - 25);
        if (i % 16 == 2 && i < COUNT / 2)
            p += sprintf(p, "e-%d", 300 + (int)(next_random() % 30));
    }
    *p++ = ']';
    *p = '\0';
    return (size_t)(p - text);
}

static void test_lists(void)
{
    static char text[ALL];
    static double wanted[COUNT], got[COUNT];
    size_t length = make_text(text), differences;

    for (int mode = 0; mode < MODES; mode++) {
        double *values = mode == 0 ? wanted : got;

        set_mode(mode);
        CHECK(read_all(&pyon_v2, text, length, values) == COUNT);
        CHECK(read_all(&pyon_v1, text, length, values) == COUNT);
        set_mode(0);
        differences = 0;
        for (int i = 0; mode > 0 && i < COUNT; i++)
            differences += to_bits(wanted[i]) != to_bits(got[i]);
        CHECK(differences == 0);
    }
}

static void test_single_texts(void)
{
    static const char *const texts[] = {
        "0.1",
        "0.3",
        "123456789.123456",
        "1e22",
        "1e-22",
        "4.35",
        "5e-324",
        "2.2250738585072011e-308",
        "1e-310",
        "1e23",
        "9007199254740993.0",
        "1.7976931348623157e308",
        "0.1e-5",
        "1e400",
        "0.0",
        "-0.1",
        "-5e-324",
        "0.500000000000000166533453693773481063544750213623046875",
    };
    static const char *const complex[] = {
        "9007199254740993j",        "1+9007199254740993j",     "9007199254740993+1j",
        "9223372036854775807j",     "36893488147419103233+1j", "0xffffffffffffffff+1j",
        "0x1ffffffffffffffff+0.1j",
    };
    double wanted[4], got[4];

    for (int mode = 1; mode < MODES; mode++) {
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            set_mode(0);
            read_all(&pyon_v2, texts[i], strlen(texts[i]), wanted);
            CHECK_WITH(texts[i], to_bits(wanted[0]) == to_bits(strtod(texts[i], NULL)));
            set_mode(mode);
            read_all(&pyon_v2, texts[i], strlen(texts[i]), got);
            CHECK_WITH(texts[i], to_bits(wanted[0]) == to_bits(got[0]));
        }
        for (size_t i = 0; i < sizeof complex / sizeof *complex; i++) {
            set_mode(0);
            read_all(&pyon_v1, complex[i], strlen(complex[i]), wanted);
            set_mode(mode);
            read_all(&pyon_v1, complex[i], strlen(complex[i]), got);
            CHECK_WITH(complex[i], memcmp(wanted, got, 2 * sizeof *got) == 0);
        }
    }
    set_mode(0);
}

/* ---- Writing ---- */

static void test_writing(void)
{
    static double values[COUNT];
    static char wanted[PYON_FTOA_RUN_SIZE(COUNT, 1) + 1], got[sizeof wanted];
    static const char comma[PYON_FTOA_SEPARATOR] = ",";
    size_t length = 0;

    for (int i = 0; i < COUNT; i++) {
        uint64_t bits = next_random();

        if (i % 8 == 0)
            bits &= UINT64_C(0x800fffffffffffff); /* subnormal, or zero */
        if ((bits >> 52 & 0x7ff) == 0x7ff)
            bits ^= UINT64_C(1) << 60;
        values[i] = i % 3 == 1 ? (double)(int)(bits % 10000) / 100 : from_bits(bits);
    }
    for (int mode = 0; mode < MODES; mode++) {
        char *text = mode == 0 ? wanted : got;
        struct pyon_ftoa_batch batch;
        char single[PYON_FTOA_SIZE];

        set_mode(mode);
        length = (size_t)(pyon_ftoa_run(text, values, COUNT, comma, 1) - text);
        for (int i = 0; i < COUNT; i += PYON_FTOA_BATCH) {
            pyon_ftoa_batch(&batch, values + i);
            for (int j = 0; j < PYON_FTOA_BATCH; j++)
                CHECK(pyon_ftoa(single, values[i + j]) == batch.length[j] &&
                      memcmp(single, batch.text[j], batch.length[j]) == 0);
        }
        set_mode(0);
        CHECK(memcmp(text, wanted, length) == 0);
    }
}

static void test_writing_complex(void)
{
    const double parts[] = {5e-324, -5e-324, 0.0, 0.1, 1e-310};
    char wanted[100];

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (int mode = 0; mode < MODES; mode++) {
            struct pyon_writer writer;
            struct pyon_out out;

            pyon_out_init(&out);
            pyon_writer_init(&writer, &out, &pyon_v1, false);
            set_mode(mode);
            CHECK(pyon_write_complex(&writer, parts[i], parts[i]) == 0);
            CHECK(pyon_write_real(&writer, parts[i]) == 0);
            set_mode(0);
            *out.cur = '\0';
            if (mode == 0)
                strcpy(wanted, out.start);
            CHECK_WITH(out.start, strcmp(wanted, out.start) == 0);
            pyon_out_free(&out);
        }
    }
}

int main(void)
{
    for (int i = 0; i < 8; i++) {
        test_lists();
        test_writing();
    }
    test_single_texts();
    test_writing_complex();
    return check_report();
}
