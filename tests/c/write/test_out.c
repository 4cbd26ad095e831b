/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The growing output: the capacities that it asks for; that growing keeps the text; and that a
 * block that cannot grow stays as it was.
 */
#include "../support/check.h"
#include "../support/exact.h"
#include "pyon_host.h"
#include "write/out.h"

/* ---- Capacities -------------------------------------------------------------------------- */

static void test_capacity(void)
{
    const size_t mebi = 1 << 20, most = PTRDIFF_MAX;

    CHECK(pyon_out_capacity(0, 0, 0) == 512);
    CHECK(pyon_out_capacity(0, 0, 1) == 512);
    CHECK(pyon_out_capacity(0, 0, 512) == 512);
    CHECK(pyon_out_capacity(0, 0, 513) == 513);
    CHECK(pyon_out_capacity(512, 512, 1) == 1024);    /* twice */
    CHECK(pyon_out_capacity(512, 512, 1000) == 1512); /* the need, if that is more */
    CHECK(pyon_out_capacity(mebi - 1, mebi - 1, 1) == 2 * (mebi - 1));
    CHECK(pyon_out_capacity(mebi, mebi, 1) == mebi + mebi / 5);
    CHECK(pyon_out_capacity(10 * mebi, 10 * mebi, 1) == 12 * mebi);
    /* No block is larger than PTRDIFF_MAX. */
    CHECK(pyon_out_capacity(0, 0, most) == most);
    CHECK(pyon_out_capacity(0, 0, most + 1) == 0);
    CHECK(pyon_out_capacity(1, 512, most) == 0);
    CHECK(pyon_out_capacity(1, 512, most - 1) == most);
    CHECK(pyon_out_capacity(0, 512, SIZE_MAX) == 0);
    CHECK(pyon_out_capacity(most, most, 0) == most);
    CHECK(pyon_out_capacity(most, most, 1) == 0);
    CHECK(pyon_out_capacity(most - 5, most - 5, 5) == most);
}

static void test_capacity_is_enough(void)
{
    for (size_t capacity = 0; capacity < (size_t)1 << 24; capacity = capacity * 2 + 37)
        for (size_t need = 1; need < (size_t)1 << 24; need = need * 3 + 1) {
            size_t used = capacity - capacity / 7;
            size_t got = pyon_out_capacity(used, capacity, need);

            CHECK(got >= used + need);
            CHECK(got > capacity || used + need <= capacity);
        }
}

/* ---- The output in memory ---------------------------------------------------------------- */

/* Writes `total` bytes in pieces of `piece`. */
static void check_pieces(size_t total, size_t piece)
{
    struct pyon_out out;
    size_t length = 0;
    char *expected = exact_room(total), *text;

    for (size_t i = 0; i < total; i++)
        expected[i] = (char)('a' + i % 23);
    pyon_out_init(&out);
    for (size_t i = 0; i < total; i += piece)
        CHECK(append(&out, expected + i, total - i < piece ? total - i : piece) == 0);
    CHECK((size_t)(out.cur - out.start) == total);
    CHECK(out.cur <= out.end);
    text = pyon_out_detach(&out, &length);
    CHECK(text && length == total && text[length] == '\0');
    CHECK(text && memcmp(text, expected, total) == 0);
    CHECK(!out.start && !out.cur && !out.end);
    free(text);
    free(expected);
}

static void test_pieces(void)
{
    for (size_t total = 0; total <= 1100; total++)
        check_pieces(total, 1 + total % 7);
    check_pieces(512, 512);
    check_pieces(513, 512);
    check_pieces(3 << 20, 1000);
    check_pieces(3 << 20, 3 << 20);
}

/* An output may be used again after its text was taken or freed. */
static void test_again(void)
{
    struct pyon_out out;
    size_t length;
    char *text;

    pyon_out_init(&out);
    pyon_out_free(&out);
    pyon_out_free(&out);
    CHECK(append(&out, "abc", 3) == 0);
    text = pyon_out_detach(&out, &length);
    CHECK(text && strcmp(text, "abc") == 0 && length == 3);
    free(text);
    text = pyon_out_detach(&out, &length);
    CHECK(text && *text == '\0' && length == 0);
    free(text);
    CHECK(append(&out, "d", 1) == 0);
    pyon_out_free(&out);
    CHECK(!out.start && !out.cur && !out.end);
}

static void test_overflow(void)
{
    struct pyon_out out;

    pyon_out_init(&out);
    CHECK(append(&out, "abc", 3) == 0);
    CHECK(reserve(&out, SIZE_MAX) < 0);
    CHECK(out.code == PYON_ERROR_MEMORY);
    CHECK(reserve(&out, PTRDIFF_MAX) < 0);
    CHECK(out.cur == out.start + 3 && memcmp(out.start, "abc", 3) == 0);
    CHECK(append(&out, "d", 1) == 0);
    CHECK(memcmp(out.start, "abcd", 4) == 0);
    pyon_out_free(&out);
}

/* ---- An output of the host --------------------------------------------------------------- */

/* A block that does not grow. */
static int grow_never(struct pyon_out *out, size_t need)
{
    (void)need;
    out->code = PYON_ERROR_HOST;
    return -1;
}

static void test_other_output(void)
{
    char *block = exact_room(10);
    struct pyon_out out = {.start = block, .cur = block, .end = block + 10, .grow = grow_never};
    struct pyon_writer writer;

    pyon_writer_init(&writer, &out, &pyon_v2, false);
    CHECK(pyon_write_raw(&writer, "0123456789", 10) == 0);
    CHECK(out.cur == out.end && out.code == PYON_OK);
    CHECK(pyon_write_raw(&writer, "", 0) == 0);
    CHECK(pyon_write_raw(&writer, "x", 1) < 0);
    CHECK(out.code == PYON_ERROR_HOST);
    CHECK(memcmp(block, "0123456789", 10) == 0);
    CHECK(!pyon_out_detach(&out, &(size_t){0}));
    free(block);
}

int main(void)
{
    test_capacity();
    test_capacity_is_enough();
    test_pieces();
    test_again();
    test_overflow();
    test_other_output();
    return check_report();
}
