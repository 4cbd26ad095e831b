/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Large integers: known results, and laws that hold for all of them. */
#include "../support/check.h"
#include "../support/random.h"
#include "number/big.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct big big(const char *text)
{
    struct big result;

    CHECK_WITH(text, pyon_big_from_text(&result, text, strlen(text), 10));
    return result;
}

static bool is(const struct big *a, const char *text)
{
    char digits[PYON_BIG_TEXT + 1];

    digits[pyon_big_to_text(a, digits)] = '\0';
    return strcmp(digits, text) == 0;
}

static bool same(const struct big *a, const struct big *b)
{
    return a->negative == b->negative && a->count == b->count &&
           (a->count == 0 || memcmp(a->limbs, b->limbs, a->count * sizeof *a->limbs) == 0);
}

static struct big random_big(unsigned limbs)
{
    struct big result = {.negative = false};

    for (unsigned i = 0; i < limbs; i++) {
        uint64_t bits = next_random();

        /* Limbs of zeros and ones are where carries go far. */
        result.limbs[i] = bits % 4 == 0 ? 0 : bits % 4 == 1 ? UINT32_MAX : (uint32_t)(bits >> 32);
    }
    result.count = limbs;
    while (result.count > 0 && result.limbs[result.count - 1] == 0)
        result.count--;
    result.negative = result.count > 0 && next_random() % 2;
    return result;
}

static void test_texts(void)
{
    static const char *const texts[] = {
        "0",
        "7",
        "-1",
        "999999999",
        "1000000000",
        "-9223372036854775808",
        "18446744073709551616",
        "340282366920938463463374607431768211455",
        "-100000000000000000000000000000000000000000000",
    };
    struct big a;
    char digits[5001];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        a = big(texts[i]);
        CHECK_WITH(texts[i], is(&a, texts[i]));
    }
    CHECK(pyon_big_from_text(&a, "000ff", 5, 16) && is(&a, "255"));
    CHECK(pyon_big_from_text(&a, "-0", 2, 10) && is(&a, "0"));
    CHECK(pyon_big_from_text(&a, "-ffffffffffffffffffff", 21, 16));
    CHECK(is(&a, "-1208925819614629174706175"));
    CHECK(pyon_big_from_text(&a, "777777777777777777777777", 24, 8));
    CHECK(is(&a, "4722366482869645213695"));
    CHECK(pyon_big_from_text(&a, "1111111111111111111111111111111111", 34, 2));
    CHECK(is(&a, "17179869183"));
    memset(digits, '9', sizeof digits);
    digits[PYON_BIG_DIGITS] = '\0';
    a = big(digits);
    CHECK(is(&a, digits));
    CHECK(!pyon_big_from_text(&a, digits, 5000, 10));
    memset(digits, '0', sizeof digits);
    CHECK(pyon_big_from_text(&a, digits, 5000, 16) && is(&a, "0"));
}

static void test_integers(void)
{
    static const int64_t values[] = {0, 1, -1, 4294967296, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    struct big a, one;
    int64_t value;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        pyon_big_from_integer(&a, values[i]);
        CHECK(pyon_big_to_integer(&a, &value) && value == values[i]);
    }
    pyon_big_from_integer(&one, 1);
    pyon_big_from_integer(&a, INT64_MAX);
    CHECK(pyon_big_add(&a, &a, &one) && is(&a, "9223372036854775808"));
    CHECK(!pyon_big_to_integer(&a, &value));
    pyon_big_from_integer(&a, INT64_MIN);
    CHECK(pyon_big_subtract(&a, &a, &one) && !pyon_big_to_integer(&a, &value));
}

static void test_reals(void)
{
    struct big a, b, one;
    bool exact;

    pyon_big_from_integer(&one, 1);
    pyon_big_from_real(&a, 1e22);
    CHECK(is(&a, "10000000000000000000000"));
    pyon_big_from_real(&a, -0x1.8p60);
    CHECK(is(&a, "-1729382256910270464"));
    pyon_big_from_real(&a, 2.75);
    CHECK(is(&a, "2"));
    pyon_big_from_real(&a, 0x1.fffffffffffffp1023);
    CHECK(pyon_big_quotient(&a, &one, &exact) == 0x1.fffffffffffffp1023 && exact);
    CHECK(pyon_big_add(&b, &a, &a) && isinf(pyon_big_quotient(&b, &one, &exact)) && !exact);

    a = big("9007199254740993"); /* 2**53 + 1, a tie */
    CHECK(pyon_big_quotient(&a, &one, &exact) == 9007199254740992.0 && !exact);
    a = big("-9007199254740995");
    CHECK(pyon_big_quotient(&a, &one, &exact) == -9007199254740996.0 && !exact);
    a = big("1");
    b = big("3");
    CHECK(pyon_big_quotient(&a, &b, &exact) == 1.0 / 3 && !exact);
    b = big("8");
    CHECK(pyon_big_quotient(&a, &b, &exact) == 0.125 && exact);
    pyon_big_from_integer(&a, 0);
    CHECK(pyon_big_quotient(&a, &b, &exact) == 0 && exact);

    /* Subnormal numbers: 2**-1074, half of it, and a little more than half. */
    pyon_big_shift_left(&b, &one, 1074);
    CHECK(pyon_big_quotient(&one, &b, &exact) == 0x1p-1074 && exact);
    pyon_big_shift_left(&b, &one, 1075);
    CHECK(pyon_big_quotient(&one, &b, &exact) == 0 && !exact);
    a = big("3");
    pyon_big_shift_left(&b, &one, 1076);
    CHECK(pyon_big_quotient(&a, &b, &exact) == 0x1p-1074 && !exact);
    CHECK(pyon_scale_binary(UINT64_MAX, -64, false, &exact) == 1.0 && !exact);
    CHECK(pyon_scale_binary((uint64_t)1 << 63, -1138, false, &exact) == 0 && !exact);
}

static void test_known(void)
{
    struct big a = big("-7"), b = big("2"), c, d;

    pyon_big_divide(&c, &d, &a, &b);
    CHECK(is(&c, "-4") && is(&d, "1"));
    pyon_big_divide(&c, &d, &b, &a);
    CHECK(is(&c, "-1") && is(&d, "-5"));
    pyon_big_shift_right(&c, &a, 1);
    CHECK(is(&c, "-4"));
    pyon_big_shift_right(&c, &a, 1000);
    CHECK(is(&c, "-1"));
    pyon_big_shift_right(&c, &b, SIZE_MAX);
    CHECK(is(&c, "0"));
    CHECK(!pyon_big_shift_left(&c, &b, SIZE_MAX) && !pyon_big_shift_left(&c, &b, 100000));
    CHECK(pyon_big_power(&c, &b, 100) && is(&c, "1267650600228229401496703205376"));
    CHECK(pyon_big_power(&c, &a, 3) && is(&c, "-343"));
    CHECK(pyon_big_power(&c, &a, 0) && is(&c, "1"));
    CHECK(!pyon_big_power(&c, &a, 1000000));
    a = big("-18446744073709551616");
    b = big("4294967295");
    pyon_big_and(&c, &a, &b);
    CHECK(is(&c, "0"));
    pyon_big_or(&c, &a, &b);
    CHECK(is(&c, "-18446744069414584321"));
    pyon_big_xor(&c, &a, &a);
    CHECK(is(&c, "0"));
    a = big("-12");
    b = big("18");
    pyon_big_gcd(&c, &a, &b);
    CHECK(is(&c, "6"));
}

/* a = q * b + r, and r is nearer to zero than b, on its side. */
static void check_division(const struct big *a, const struct big *b)
{
    struct big q, r, back, rest;

    pyon_big_divide(&q, &r, a, b);
    CHECK(pyon_big_multiply(&back, &q, b) && pyon_big_add(&back, &back, &r) && same(&back, a));
    CHECK(big_is_zero(&r) || r.negative == b->negative);
    pyon_big_divide(NULL, &rest, &r, b);
    CHECK(same(&rest, &r));
}

static void test_laws(void)
{
    for (int i = 0; i < 20000; i++) {
        struct big a = random_big(next_random() % 12), b = random_big(next_random() % 8);
        struct big c, d, e;
        size_t count = next_random() % 200;

        CHECK(pyon_big_add(&c, &a, &b) && pyon_big_subtract(&d, &c, &b) && same(&d, &a));
        CHECK(pyon_big_subtract(&c, &a, &b) && pyon_big_add(&d, &b, &c) && same(&d, &a));
        if (!big_is_zero(&b))
            check_division(&a, &b);
        CHECK(pyon_big_shift_left(&c, &a, count));
        pyon_big_shift_right(&d, &c, count);
        CHECK(same(&d, &a));
        /* (a & b) + (a | b) = a + b = (a ^ b) + 2 (a & b) */
        pyon_big_and(&c, &a, &b);
        pyon_big_or(&d, &a, &b);
        CHECK(pyon_big_add(&d, &d, &c) && pyon_big_add(&e, &a, &b) && same(&d, &e));
        pyon_big_xor(&d, &a, &b);
        CHECK(pyon_big_add(&d, &d, &c) && pyon_big_add(&d, &d, &c) && same(&d, &e));
        if (!big_is_zero(&a) && !big_is_zero(&b)) {
            pyon_big_gcd(&c, &a, &b);
            pyon_big_divide(NULL, &d, &a, &c);
            pyon_big_divide(NULL, &e, &b, &c);
            CHECK(big_is_zero(&d) && big_is_zero(&e) && !c.negative);
        }
    }
}

/* As many limbs as there may be. */
static void test_largest(void)
{
    for (int i = 0; i < 200; i++) {
        struct big a = random_big(PYON_BIG_LIMBS), b = random_big(1 + next_random() % 479), c;

        if (big_is_zero(&b))
            continue;
        check_division(&a, &b);
        pyon_big_quotient(&a, &b, NULL);
        pyon_big_quotient(&b, &a, NULL);
        pyon_big_gcd(&c, &a, &b);
        pyon_big_add(&c, &a, &a);
        pyon_big_multiply(&c, &a, &b);
        pyon_big_shift_left(&c, &a, 31);
        pyon_big_xor(&c, &a, &b);
    }
}

int main(void)
{
    test_texts();
    test_integers();
    test_reals();
    test_known();
    test_laws();
    test_largest();
    return check_report();
}
