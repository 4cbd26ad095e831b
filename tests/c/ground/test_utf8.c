/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * UTF-8: lib/utf8.h against the table of well-formed byte sequences in the Unicode standard
 * (section 3.9). One row is added: surrogates, which are tolerated here.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/exact.h"

#include "utf8.h"

/* ---- The table --------------------------------------------------------------------------- */

/* Ranges of the first and the second byte of sequences; all later bytes are 80..BF. */
static const struct row {
    unsigned char first, last;
    unsigned char second_first, second_last; /* 0 if the sequence has one byte */
    size_t length;
} rows[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0xbf, 3}, /* A0..BF are surrogates */
    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the sequence at the start of `text`; 0 if it is ill-formed. */
static size_t table_length(const unsigned char *text, size_t length)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];

        if (text[0] < row->first || text[0] > row->last)
            continue;
        if (length < row->length)
            return 0;
        if (row->length > 1 && (text[1] < row->second_first || text[1] > row->second_last))
            return 0;
        for (size_t j = 2; j < row->length; j++)
            if (text[j] < 0x80 || text[j] > 0xbf)
                return 0;
        return row->length;
    }
    return 0;
}

static void check_sequence(const unsigned char *text, size_t length)
{
    const char *start = (const char *)text;
    uint32_t c = 0;
    const char *next = pyon_utf8_next(start, start + length, &c);
    size_t expected = table_length(text, length);
    char shown[24];

    snprintf(shown, sizeof shown, "%02x %02x %02x %02x /%zu", text[0], text[1], text[2], text[3],
             length);
    CHECK_WITH(shown, next == (expected ? start + expected : NULL));
    CHECK_WITH(shown, pyon_utf8_valid(start, expected) == expected);
}

/* ---- Tests ------------------------------------------------------------------------------- */

static void test_code_points(void)
{
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[PYON_UTF8_MAX];
        size_t length = (size_t)(pyon_utf8_put(text, c) - text);
        uint32_t back = 0;

        if (length != (c < 0x80      ? 1
                       : c < 0x800   ? 2
                       : c < 0x10000 ? 3
                                     : 4) ||
            pyon_utf8_next(text, text + length, &back) != text + length || back != c) {
            char shown[12];

            snprintf(shown, sizeof shown, "U+%04lX", (unsigned long)c);
            CHECK_WITH(shown, !"written and read");
        }
    }
}

/* The bytes at which the ranges of the table begin and end, and their neighbours. */
static const unsigned char edges[] = {0x00, 0x22, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xa1,
                                      0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xf0, 0xf4, 0xff};
#define EDGES (sizeof edges / sizeof *edges)

static void test_sequences(void)
{
    for (unsigned first = 0; first < 0x100; first++)
        for (unsigned second = 0; second < 0x100; second++) {
            unsigned char text[4] = {(unsigned char)first, (unsigned char)second, 0x80, 0x80};

            for (size_t length = 1; length <= 4; length++)
                check_sequence(text, length);
        }
    for (unsigned first = 0xc0; first < 0x100; first++)
        for (size_t i = 0; i < EDGES * EDGES * EDGES; i++) {
            unsigned char text[4] = {(unsigned char)first, edges[i % EDGES],
                                     edges[i / EDGES % EDGES], edges[i / EDGES / EDGES]};

            check_sequence(text, 4);
        }
}

/* No byte after the end is read: neither after a cut sequence nor eight at a time. */
static void test_ends(void)
{
    static const char *const sequences[] = {"",         "\xc3", "\xe2\x82", "\xf0\x9f\x98",
                                            "\xed\xa0", "\xff"};

    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        for (size_t ascii = 0; ascii <= 40; ascii++) {
            size_t size = ascii + strlen(sequences[i]);
            char *text = exact_room(size);

            memset(text, 'x', ascii);
            memcpy(text + ascii, sequences[i], size - ascii);
            CHECK_WITH(sequences[i], pyon_utf8_valid(text, size) == ascii);
            free(text);
        }
}

/* An ill-formed byte at each place of a text of each length. The text before it may be wide. */
static void test_places(void)
{
    for (size_t length = 1; length <= 40; length++)
        for (size_t place = 0; place < length; place++) {
            char *text = exact_room(length);

            memset(text, 'x', length);
            text[place] = '\x80';
            CHECK(pyon_utf8_valid(text, length) == place);
            if (place >= 2)
                memcpy(text, "\xc3\xa9", 2);
            CHECK(pyon_utf8_valid(text, length) == place);
            text[place] = 'x';
            CHECK(pyon_utf8_valid(text, length) == length);
            free(text);
        }
}

/* Random text before the end of a page, half of it with a wrong byte: one sequence at a time. */
static void test_random(void)
{
    const int rounds = check_rounds(100000);
    char *end = edge_of(4096);

    for (int i = 0; i < rounds; i++) {
        size_t length = edge_random() % 100, valid = 0, step;
        char *text = end - length, *p = text;

        while (p < end) {
            uint32_t c = edge_random() % 4 ? 'x' : edge_random() & 0xffff;

            p = pyon_utf8_put(p, end - p < PYON_UTF8_MAX ? 'y' : c);
        }
        if (length > 0 && i % 2)
            text[edge_random() % length] = (char)edge_random();
        do {
            step = valid < length ? table_length((unsigned char *)text + valid, length - valid) : 0;
            valid += step;
        } while (step > 0);
        CHECK(pyon_utf8_valid(text, length) == valid);
    }
}

int main(void)
{
    test_random();
    test_code_points();
    test_sequences();
    test_ends();
    test_places();
    return check_report();
}
