/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64: the vectors of RFC 4648, and every length, against a codec that is written here by the
 * definition. Decoding accepts exactly the texts that encoding makes, at every place of a text, and
 * tells where a text is wrong.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/exact.h"

#include "pyon.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- By the definition ------------------------------------------------------------------- */

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

/* The value of a character; -1 if it is foreign. */
static int book_value(char c)
{
    const char *place = c ? strchr(alphabet, c) : NULL;

    return place ? (int)(place - alphabet) : -1;
}

/* Reads a text from left to right. Returns the place where it is wrong, or SOUND. */
#define SOUND SIZE_MAX
static size_t book_where(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i += 4) {
        int value = -1;

        for (size_t j = 0; j < 4; j++) {
            size_t at = i + j;
            int before = value;

            if (at == length)
                return length;
            value = book_value(text[at]);
            if (value >= 0)
                continue;
            if (text[at] != '=' || j < 2)
                return at;
            if (before & (j == 2 ? 15 : 3))
                return at - 1;
            if (j == 2 && (at + 1 == length || text[at + 1] != '='))
                return at + 1;
            return i + 4 == length ? SOUND : i + 4;
        }
    }
    return SOUND;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void fill(unsigned char *data, size_t size, unsigned seed)
{
    uint32_t state = seed * 2654435761u + 1;

    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)(next_random(&state) >> 16);
}

/* ---- Calls on memory of the exact size --------------------------------------------------- */

/* Decodes `length` characters. Returns the size of the data, or -1; `data` has room for all. */
static long decode(unsigned char *data, const char *text, size_t length)
{
    char *copy = exact_copy(text, length), *room;
    size_t size;
    size_t expected = book_where(text, length), where = 0;
    long result = -1;

    if (pyon_base64_decoded_size(copy, length, &size) == 0) {
        room = exact_room(size);
        if (pyon_base64_decode(room, copy, length, &where) == 0) {
            memcpy(data, room, size);
            result = (long)size;
        }
        free(room);
    } else {
        CHECK(pyon_base64_decode(NULL, copy, length, &where) < 0);
    }
    CHECK(result >= 0 ? expected == SOUND : where == expected);
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
    static char *source_end, *text_end;
    char *source, *text, expected[1000];
    unsigned char back[1000];

    if (!source_end) {
        source_end = edge_of(1000);
        text_end = edge_of(1000);
    }
    source = memcpy(source_end - size, data, size);
    text = text_end - length;
    CHECK(length == (size + 2) / 3 * 4);
    pyon_base64_encode(text, source, size);
    book_encode(expected, data, size);
    CHECK(memcmp(text, expected, length) == 0);
    CHECK(decode(back, text, length) == (long)size);
    CHECK(memcmp(back, data, size) == 0);
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
    const uint32_t step = check_short() ? 701 : 7;
    unsigned long wrong = 0;

    for (uint32_t i = 0; i < 1 << 24; i += step) {
        unsigned char data[3] = {(unsigned char)(i >> 16), (unsigned char)(i >> 8),
                                 (unsigned char)i};
        unsigned char back[3];
        char text[4];

        pyon_base64_encode(text, data, 3);
        wrong += text[0] != alphabet[i >> 18] || text[1] != alphabet[i >> 12 & 63] ||
                 text[2] != alphabet[i >> 6 & 63] || text[3] != alphabet[i & 63];
        wrong += pyon_base64_decode(back, text, 4, NULL) < 0 || memcmp(back, data, 3) != 0;
    }
    CHECK(wrong == 0);
}

/*
 * Puts every byte at every place of a text of `length` characters, which is sound except for its
 * length. Returns how many answers differ from the definition.
 */
static unsigned long count_wrong(size_t length)
{
    unsigned char data[300];
    char long_text[404], *text, *room = exact_room(length / 4 * 3);
    unsigned long wrong = 0;

    fill(data, sizeof data, (unsigned)length);
    pyon_base64_encode(long_text, data, sizeof data);
    text = exact_copy(long_text, length);
    for (size_t place = 0; place < length; place++) {
        for (int c = 0; c < 0x100; c++) {
            size_t where = SOUND, expected;
            int result;

            text[place] = (char)c;
            result = pyon_base64_decode(room, text, length, &where);
            if (length % 4 == 0 && book_value(text[place]) >= 0)
                expected = SOUND;
            else if (book_value(text[place]) >= 0)
                expected = length;
            else if (c == '=')
                expected = book_where(text, length);
            else
                expected = place;
            wrong += where != expected || result != (expected == SOUND ? 0 : -1);
        }
        text[place] = long_text[place];
    }
    free(text);
    free(room);
    return wrong;
}

static void test_foreign(void)
{
    for (size_t length = 0; length <= 300; length += 4)
        CHECK(count_wrong(length) == 0);
    /* The codecs do not see the other places. */
    for (size_t length = 0; length <= 40; length++)
        CHECK(count_wrong(length) == 0);
}

/* Several foreign characters in texts of many runs, with and without padding: the first counts. */
static void test_first_foreign(void)
{
    enum { SIZE = 20000 };
    unsigned char *data = (unsigned char *)exact_room(SIZE);

    fill(data, SIZE, 1);
    for (size_t size = SIZE - 2; size <= SIZE; size++) {
        size_t length = pyon_base64_encoded_size(size), room_size, where;
        char *text = exact_room(length), *room;

        pyon_base64_encode(text, data, size);
        text[length - 3] = '!';
        CHECK(pyon_base64_decoded_size(text, length, &room_size) == 0 && room_size == size);
        room = exact_room(size);
        for (size_t place = length - 3; place > 97; place -= 97) {
            text[place] = '\n';
            where = 0;
            CHECK(pyon_base64_decode(room, text, length, &where) < 0 && where == place);
        }
        free(room);
        free(text);
    }
    free(data);
}

/* Texts of random data come back. If some of their characters change, the definition decides. */
static void test_random(void)
{
    const int rounds = check_rounds(1000000);
    uint32_t state = 1;
    unsigned long wrong = 0;

    for (int i = 0; i < rounds; i++) {
        unsigned char data[256], back[256];
        char text[344];
        size_t size = next_random(&state) % sizeof data, where = SOUND;
        size_t length = pyon_base64_encoded_size(size);

        for (size_t j = 0; j < size; j++)
            data[j] = (unsigned char)next_random(&state);
        pyon_base64_encode(text, data, size);
        wrong += pyon_base64_decode(back, text, length, &where) < 0 || where != SOUND ||
                 memcmp(back, data, size) != 0;
        if (i % 16 != 0 || length == 0)
            continue;
        for (unsigned j = next_random(&state) % 3; j < 3; j++)
            text[next_random(&state) % length] = "=A/B\xff"[next_random(&state) % 5];
        length -= next_random(&state) % 4 == 0;
        (void)pyon_base64_decode(back, text, length, &where);
        wrong += where != book_where(text, length);
    }
    CHECK(wrong == 0);
}

/* "=" in other places than the end; three of them; in the middle; alone: and the reported place. */
static void test_padding(void)
{
    static const struct {
        const char *text;
        size_t where;
    } texts[] = {
        {"=", 0},        {"==", 0},       {"===", 0},      {"====", 0},     {"A===", 1},
        {"=AAA", 0},     {"A=AA", 1},     {"AA=A", 3},     {"A=A=", 1},     {"=A==", 0},
        {"==A=", 0},     {"===A", 0},     {"==AA", 0},     {"AAAA====", 4}, {"AAAA=AAA", 4},
        {"AA==AAAA", 4}, {"AA==AA==", 4}, {"AAA=AAA=", 4}, {"AAAAA===", 5}, {"AAAA==A=", 4},
        {"AAAA=A==", 4}, {"AAA=A", 4},    {"AA=", 3},      {"AA", 2},       {"AAAAA", 5},
        {"AB==", 1},     {"AB=A", 1},     {"AAB=", 2},     {"AAB=AAAA", 2}, {"AB==AAAA", 1},
        {"AA==\n", 4},   {"AB", 2},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = texts[i].text;
        unsigned char data[6];
        size_t where = SOUND;

        CHECK_WITH(text, refuses(text, strlen(text)));
        CHECK_WITH(text, pyon_base64_decode(data, text, strlen(text), &where) < 0);
        CHECK_WITH(text, where == texts[i].where);
    }
    for (size_t length = 0; length <= 300; length++) {
        char text[301];

        memset(text, 'A', sizeof text);
        CHECK(refuses(text, length) == (length % 4 != 0));
    }
}

/* Four or two bits of the last character before padding must be zero. */
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
    size_t most = SIZE_MAX / 4 * 3, size = 1; /* the largest size whose text has a length */

    CHECK(pyon_base64_encoded_size(0) == 0);
    CHECK(pyon_base64_encoded_size(most) == SIZE_MAX / 4 * 4);
    CHECK(pyon_base64_encoded_size(most + 1) == SIZE_MAX);
    CHECK(pyon_base64_encoded_size(SIZE_MAX) == SIZE_MAX);
    CHECK(pyon_base64_encoded_size(SIZE_MAX - 1) == SIZE_MAX);
    CHECK(pyon_base64_decoded_size("", 0, &size) == 0 && size == 0);
    CHECK(pyon_base64_decoded_size("AAAA", 4, &size) == 0 && size == 3);
    CHECK(pyon_base64_decoded_size("AAA=", 4, &size) == 0 && size == 2);
    CHECK(pyon_base64_decoded_size("AA==", 4, &size) == 0 && size == 1);
    CHECK(pyon_base64_decoded_size("AAA", 3, &size) < 0);
    CHECK(pyon_base64_decode(NULL, "AAA", 3, NULL) < 0);
    CHECK(pyon_base64_decode(NULL, "AAA=A", 5, NULL) < 0);
}

int main(void)
{
    test_vectors();
    test_lengths();
    test_quanta();
    test_foreign();
    test_first_foreign();
    test_random();
    test_padding();
    test_unused_bits();
    test_sizes();
    return check_report();
}
