/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64: the vectors of RFC 4648; every length through a codec written here by the book; and
 * that decoding accepts exactly what encoding makes, at every place of a text.
 */
#include "check.h"
#include "exact.h"

#include "pyon.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- By the book ------------------------------------------------------------------------- */

static unsigned bit_at(const unsigned char *data, size_t size, size_t bit)
{
    return bit / 8 < size ? data[bit / 8] >> (7 - bit % 8) & 1 : 0;
}

static void book_encode(char *text, const unsigned char *data, size_t size)
{
    size_t length = (size + 2) / 3 * 4;

    for (size_t i = 0; i < length; i++) {
        unsigned value = 0;

        for (size_t j = 0; j < 6; j++)
            value = value << 1 | bit_at(data, size, 6 * i + j);
        text[i] = 6 * i < 8 * size ? alphabet[value] : '=';
    }
}

static void fill(unsigned char *data, size_t size, unsigned seed)
{
    uint32_t state = seed * 2654435761u + 1;

    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        data[i] = (unsigned char)(state >> 24);
    }
}

/* ---- Calls on memory of the exact size --------------------------------------------------- */

/* Decodes `length` characters: the size of the data, or -1; `data` has room for all. */
static long decode(unsigned char *data, const char *text, size_t length)
{
    char *copy = exact_copy(text, length), *room;
    size_t size;
    long result = -1;

    if (pyon_base64_decoded_size(copy, length, &size) == 0) {
        room = exact_room(size);
        if (pyon_base64_decode(room, copy, length) == 0) {
            memcpy(data, room, size);
            result = (long)size;
        }
        free(room);
    }
    free(copy);
    return result;
}

static bool refuses(const char *text, size_t length)
{
    unsigned char data[1000];

    return decode(data, text, length) < 0;
}

/* Encodes, compares, decodes. */
static void check_round_trip(const unsigned char *data, size_t size)
{
    size_t length = pyon_base64_encoded_size(size);
    char *source = exact_copy(data, size), *text = exact_room(length);
    char expected[1000];
    unsigned char back[1000];

    CHECK(length == (size + 2) / 3 * 4);
    pyon_base64_encode(text, source, size);
    book_encode(expected, data, size);
    CHECK(memcmp(text, expected, length) == 0);
    CHECK(decode(back, text, length) == (long)size);
    CHECK(memcmp(back, data, size) == 0);
    free(text);
    free(source);
}

/* ---- Tests ------------------------------------------------------------------------------- */

static void test_vectors(void)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const char *data = vectors[i][0], *expected = vectors[i][1];
        char text[16] = "";
        unsigned char back[16];

        pyon_base64_encode(text, data, strlen(data));
        CHECK_WITH(data, strcmp(text, expected) == 0);
        CHECK_WITH(data, decode(back, expected, strlen(expected)) == (long)strlen(data));
        CHECK_WITH(data, memcmp(back, data, strlen(data)) == 0);
    }
}

static void test_lengths(void)
{
    unsigned char data[600];

    for (size_t size = 0; size <= 600; size++)
        for (unsigned seed = 0; seed < 3; seed++) {
            fill(data, size, seed);
            check_round_trip(data, size);
        }
    for (int value = 0; value < 0x100; value++) {
        memset(data, value, 64);
        for (size_t size = 60; size < 64; size++)
            check_round_trip(data, size);
    }
}

/* Every quantum of three bytes has one text, and the other way round. */
static void test_quanta(void)
{
    unsigned long wrong = 0;

    for (uint32_t i = 0; i < 1 << 24; i += 7) {
        unsigned char data[3] = {(unsigned char)(i >> 16), (unsigned char)(i >> 8),
                                 (unsigned char)i};
        unsigned char back[3];
        char text[4];

        pyon_base64_encode(text, data, 3);
        wrong += text[0] != alphabet[i >> 18] || text[1] != alphabet[i >> 12 & 63] ||
                 text[2] != alphabet[i >> 6 & 63] || text[3] != alphabet[i & 63];
        wrong += pyon_base64_decode(back, text, 4) < 0 || memcmp(back, data, 3) != 0;
    }
    CHECK(wrong == 0);
}

/* A foreign byte at each place of texts with and without padding. */
static void test_foreign(void)
{
    unsigned char data[300];
    char text[404];

    fill(data, sizeof data, 1);
    for (size_t size = 1; size <= 300; size = size < 13 ? size + 1 : size * 2 - 1) {
        size_t length = pyon_base64_encoded_size(size);

        for (size_t place = 0; place < length; place++)
            for (int c = 0; c < 0x100; c++) {
                pyon_base64_encode(text, data, size);
                if ((c && strchr(alphabet, c)) || text[place] == c)
                    continue;
                text[place] = (char)c;
                if (c == '=' && place >= length - 2)
                    continue; /* more or less padding: another test */
                CHECK(refuses(text, length));
            }
    }
}

/* "=" anywhere but at the end; three; in the middle; alone. */
static void test_padding(void)
{
    static const char *const texts[] = {
        "=",        "==",       "===",      "====",     "A===",     "=AAA",     "A=AA",
        "AA=A",     "A=A=",     "=A==",     "==A=",     "===A",     "==AA",     "AAAA====",
        "AAAA=AAA", "AA==AAAA", "AA==AA==", "AAA=AAA=", "AAAAA===", "AAAA==A=", "AAAA=A==",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_WITH(texts[i], refuses(texts[i], strlen(texts[i])));
    for (size_t length = 0; length <= 300; length++) {
        char text[301];

        memset(text, 'A', sizeof text);
        CHECK(refuses(text, length) == (length % 4 != 0));
    }
}

/* Of the last character before padding, four or two bits must be zero. */
static void test_unused_bits(void)
{
    for (size_t i = 0; i < 64; i++) {
        char one[] = "AAAAA?==", two[] = "AAAAAA?=";

        one[5] = two[6] = alphabet[i];
        CHECK_WITH(one, refuses(one, 8) == (i % 16 != 0));
        CHECK_WITH(two, refuses(two, 8) == (i % 4 != 0));
    }
}

static void test_sizes(void)
{
    size_t most = SIZE_MAX / 4 * 3, size = 1; /* the texts of as many bytes still have a length */

    CHECK(pyon_base64_encoded_size(0) == 0);
    CHECK(pyon_base64_encoded_size(most) == SIZE_MAX / 4 * 4);
    CHECK(pyon_base64_encoded_size(most + 1) == SIZE_MAX);
    CHECK(pyon_base64_encoded_size(SIZE_MAX) == SIZE_MAX);
    CHECK(pyon_base64_encoded_size(SIZE_MAX - 1) == SIZE_MAX);
    CHECK(pyon_base64_decoded_size("", 0, &size) == 0 && size == 0);
    CHECK(pyon_base64_decoded_size("AAAA", 4, &size) == 0 && size == 3);
    CHECK(pyon_base64_decoded_size("AAA=", 4, &size) == 0 && size == 2);
    CHECK(pyon_base64_decoded_size("AA==", 4, &size) == 0 && size == 1);
    CHECK(pyon_base64_decode(&size, "AAA", 3) < 0);
    CHECK(pyon_base64_decode(&size, "AAA=A", 5) < 0);
}

int main(void)
{
    test_vectors();
    test_lengths();
    test_quanta();
    test_foreign();
    test_padding();
    test_unused_bits();
    test_sizes();
    return check_report();
}
