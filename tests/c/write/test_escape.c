/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escaping, against a definition that is written here. Every code point, in all the forms that a
 * text can have (code points of 1, 2 and 4 bytes, UTF-8); special characters at every place of a
 * text, and near the ends of words of eight bytes and of runs of 512 characters; and the bytes
 * literals of version 1.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/exact.h"

#include "utf8.h"
#include "write/escape.h"

#define RUN 512
#define MOST 1600 /* code points in a text */
#define ROOM (1 << 16)

static const uint32_t samples[] = {'x',    '"',    '\\',   '\n',    0,       0x1f,   0x7f,
                                   0x80,   0xff,   0x100,  0xd800,  0xdfff,  0xffff, 0x10000,
                                   0x20ac, 0x2028, 0xfeff, 0x1f600, 0x10ffff};
#define SAMPLES (sizeof samples / sizeof *samples)

/* ---- By the definition ------------------------------------------------------------------- */

/* Fills `text` and a NUL. Returns its length. */
static size_t book_escape(char *text, uint32_t c)
{
    static const char letters[] = "b\bt\tn\nf\fr\r\"\"\\\\";

    for (const char *pair = letters; *pair; pair += 2)
        if ((uint32_t)(unsigned char)pair[1] == c)
            return (size_t)sprintf(text, "\\%c", pair[0]);
    if (c >= 0x20 && c <= 0x7e)
        return (size_t)sprintf(text, "%c", (int)c);
    if (c <= 0xffff)
        return (size_t)sprintf(text, "\\u%04x", (unsigned)c);
    c -= 0x10000;
    return (size_t)sprintf(text, "\\u%04x\\u%04x", (unsigned)(0xd800 + c / 0x400),
                           (unsigned)(0xdc00 + c % 0x400));
}

/* ---- Every form of a text ---------------------------------------------------------------- */

/* A copy in which a code point has `width` bytes: new. */
static void *narrow(const uint32_t *text, size_t length, unsigned width)
{
    char *copy = exact_room(length * width);

    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)text[i];
        uint16_t unit = (uint16_t)text[i];

        memcpy(copy + i * width,
               width == 1   ? (void *)&byte
               : width == 2 ? (void *)&unit
                            : (void *)&text[i],
               width);
    }
    return copy;
}

/* The same in UTF-8: new. */
static char *encode(const uint32_t *text, size_t length, size_t *size)
{
    char *room = exact_room(length * PYON_UTF8_MAX), *p = room, *copy;

    for (size_t i = 0; i < length; i++)
        p = pyon_utf8_put(p, text[i]);
    *size = (size_t)(p - room);
    copy = exact_copy(room, *size);
    free(room);
    return copy;
}

/* An output without room to spare. There are two. */
static void init_out(struct pyon_out *out, int which)
{
    static char *ends[2];

    if (!ends[which])
        ends[which] = edge_of(ROOM);
    edge_out(out, ends[which]);
}

/* The place after the opening quote; that quote also ends the text. */
static bool is_written(struct pyon_out *out, int status, const char *expected, size_t length,
                       const char *open)
{
    size_t before = strlen(open), written = (size_t)(out->cur - out->start);

    return status == 0 && written == before + length + 1 && memcmp(out->start, open, before) == 0 &&
           memcmp(out->start + before, expected, length) == 0 && out->cur[-1] == open[before - 1];
}

/* The same in parts. */
static int escape_parts(struct pyon_out *out, const void *data, size_t length, unsigned width)
{
    size_t done = 0, before;
    int status;

    do {
        before = done;
        status = pyon_escape_part(out, data, length, width, &done);
    } while (status == 0 && done > before && done < length);
    return done == length ? status : -1;
}

static bool escapes_width(const uint32_t *text, size_t length, unsigned width, const char *expected,
                          size_t expected_length)
{
    struct pyon_out out, parts;
    void *copy = narrow(text, length, width);
    int status, parts_status;
    bool whole_is_right, parts_are_right;

    init_out(&out, 0);
    init_out(&parts, 1);
    status = pyon_escape(&out, copy, length, width);
    parts_status = escape_parts(&parts, copy, length, width);
    free(copy);
    whole_is_right = is_written(&out, status, expected, expected_length, "\"");
    parts_are_right = is_written(&parts, parts_status, expected, expected_length, "\"");
    return whole_is_right && parts_are_right;
}

static bool escapes_utf8(const uint32_t *text, size_t length, const char *expected,
                         size_t expected_length)
{
    struct pyon_out out;
    size_t size;
    char *copy = encode(text, length, &size);
    int status;

    init_out(&out, 0);
    status = pyon_escape_utf8(&out, copy, size);
    free(copy);
    return is_written(&out, status, expected, expected_length, "\"");
}

/* In all widths that can hold the text, and as UTF-8. */
static void check_text(const uint32_t *text, size_t length)
{
    static char expected[MOST * 12 + 1];
    size_t expected_length = 0;
    uint32_t largest = 0;
    char shown[60];

    for (size_t i = 0; i < length; i++) {
        expected_length += book_escape(expected + expected_length, text[i]);
        largest = text[i] > largest ? text[i] : largest;
    }
    snprintf(shown, sizeof shown, "%zu code points up to U+%04lX", length, (unsigned long)largest);
    if (largest <= 0xff)
        CHECK_WITH(shown, escapes_width(text, length, 1, expected, expected_length));
    if (largest <= 0xffff)
        CHECK_WITH(shown, escapes_width(text, length, 2, expected, expected_length));
    CHECK_WITH(shown, escapes_width(text, length, 4, expected, expected_length));
    CHECK_WITH(shown, escapes_utf8(text, length, expected, expected_length));
}

/* ---- Tests ------------------------------------------------------------------------------- */

static void test_code_points(void)
{
    for (uint32_t c = 0; c <= 0xffff; c++)
        check_text(&c, 1);
    for (uint32_t c = 0x10000; c <= 0x10ffff; c += c % 0x400 == 0x3ff ? 1 : 0x3ff)
        check_text(&c, 1);
}

/* All bytes in turn, each before plain ones and after plain ones. */
static void test_bytes(void)
{
    uint32_t text[3] = {'a', 0, 'z'}, all[256];

    for (uint32_t c = 0; c < 0x100; c++) {
        text[1] = all[c] = c;
        check_text(text, 3);
    }
    for (size_t start = 0; start < 0x100; start++)
        check_text(all + start, 0x100 - start);
}

static void fill(uint32_t *text, size_t length, uint32_t c)
{
    for (size_t i = 0; i < length; i++)
        text[i] = c;
}

/* One special character at each place of a short text. */
static void test_places(void)
{
    uint32_t text[40];

    check_text(text, 0);
    for (size_t length = 1; length <= 26; length++)
        for (size_t place = 0; place < length; place++)
            for (size_t i = 0; i < SAMPLES; i++) {
                fill(text, length, ' ');
                text[place] = samples[i];
                check_text(text, length);
            }
}

/* All units of 16 bits side by side, surrogates too, at each place of a step of the kernels. */
static void test_units(void)
{
    const uint32_t step = check_short() ? 61 : 7;
    uint32_t text[61];

    for (uint32_t start = 0; start <= 0xffff; start += step) {
        for (size_t i = 0; i < 61; i++)
            text[i] = (start + (uint32_t)i) & 0xffff;
        check_text(text, 61);
    }
}

/* One other character at each place of a text that is escaped throughout. */
static void test_foreign(void)
{
    static const uint32_t most[] = {0xe9, 0x20ac, 0xd800, 0xffff, 0x1f600};
    const size_t step = check_short() ? 9 : 1;
    uint32_t text[70];

    for (size_t length = 1; length <= 70; length += step)
        for (size_t place = 0; place < length; place++)
            for (size_t i = 0; i < SAMPLES; i++)
                for (size_t j = 0; j < sizeof most / sizeof *most; j++) {
                    fill(text, length, most[j]);
                    text[place] = samples[i];
                    check_text(text, length);
                }
}

/* Near the end of the first, second and third run. */
static void test_runs(void)
{
    static const size_t lengths[] = {511, 512, 513, 519, 520, 521, 1023, 1024, 1025, 1536, 1537};
    static uint32_t text[MOST];

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t j = 0; j < SAMPLES; j++) {
            size_t length = lengths[i];

            fill(text, length, samples[j]); /* the longest escapes */
            check_text(text, length);
            fill(text, length, '~');
            check_text(text, length);
            for (size_t place = length - 10; place < length; place++) {
                text[place] = samples[j];
                check_text(text, length);
                text[place] = '~';
            }
            for (size_t place = 503; place < 520 && place < length; place++) {
                text[place] = samples[j];
                check_text(text, length);
                text[place] = '~';
            }
        }
}

/* Runs of the longest escapes, with a sequence of UTF-8 across the end of the first run, or of the first
   vector, so that none ends where the run does: the room for a run is for all of it. */
static void test_across_runs(void)
{
    static uint32_t text[MOST];

    for (size_t length = RUN; length <= MOST; length += MOST - RUN)
        for (size_t place = 0; place < RUN; place += place == 20 ? RUN - 24 : 1)
            for (size_t i = 0; i < SAMPLES; i++) {
                fill(text, length, 1);
                text[place] = samples[i];
                check_text(text, length);
            }
}

/* Short plain text goes right into room that is there already: if it is enough. */
static void test_short_room(void)
{
    char text[40], expected[40];
    struct pyon_out out;

    memset(text, 'x', sizeof text);
    memset(expected, 'x', sizeof expected);
    for (size_t length = 0; length < sizeof text; length++)
        for (size_t room = 0; room <= length + 4; room++)
            for (int utf8 = 0; utf8 < 2; utf8++) {
                int status;

                init_out(&out, 0);
                out.grow(&out, room);
                status = utf8 ? pyon_escape_utf8(&out, text, length)
                              : pyon_escape(&out, text, length, 1);
                CHECK(is_written(&out, status, expected, length, "\""));
            }
}

/* Invalid UTF-8 at each place near the end of a run. The text before it does not matter. */
static void test_invalid(void)
{
    static const char *const wrong[] = {"\x80", "\xff", "\xc3", "\xe2\x82", "\xc0\xaf"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (size_t place = 0; place < 1030; place += place < 20 || place > 505 ? 1 : 97) {
            size_t length = place + strlen(wrong[i]);
            char *text = exact_room(length);
            struct pyon_out out;

            memset(text, 'x', place);
            memcpy(text + place, wrong[i], length - place);
            init_out(&out, 0);
            CHECK(pyon_escape_utf8(&out, text, length) < 0);
            CHECK(out.code == PYON_ERROR_UTF8);
            free(text);
        }
}

/* ---- Bytes literals ---------------------------------------------------------------------- */

static size_t book_byte(char *text, unsigned char c, char quote)
{
    if (c == (unsigned char)quote || c == '\\')
        return (size_t)sprintf(text, "\\%c", c);
    if (c == '\t' || c == '\n' || c == '\r')
        return (size_t)sprintf(text, "\\%c", c == '\t' ? 't' : c == '\n' ? 'n' : 'r');
    return (size_t)sprintf(text, c < 0x20 || c >= 0x7f ? "\\x%02x" : "%c", c);
}

static void check_bytes(const unsigned char *data, size_t length, char quote)
{
    static char expected[MOST * 4 + 1];
    size_t expected_length = 0;
    char *copy = exact_copy(data, length);
    struct pyon_out out;
    int status;

    for (size_t i = 0; i < length; i++)
        expected_length += book_byte(expected + expected_length, data[i], quote);
    init_out(&out, 0);
    status = pyon_escape_bytes(&out, copy, length, quote, NULL);
    free(copy);
    CHECK(is_written(&out, status, expected, expected_length, quote == '"' ? "b\"" : "b'"));
}

static void test_bytes_literals(void)
{
    unsigned char data[MOST];

    for (const char *quote = "'\""; *quote; quote++) {
        for (size_t i = 0; i < 0x100; i++) {
            memset(data, (int)i, sizeof data);
            for (size_t length = 0; length <= 3; length++)
                check_bytes(data, length, *quote);
            for (size_t length = 510; length <= 514; length++)
                check_bytes(data, length, *quote);
            check_bytes(data, 1025, *quote);
        }
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (unsigned char)(i * 7);
        for (size_t length = 0; length < sizeof data; length += 11)
            check_bytes(data, length, *quote);
    }
}

/* ---- At the end of a page ---------------------------------------------------------------- */

/* In each form, just before the end of a page. */
static void check_edge(const uint32_t *text, size_t length)
{
    static char *end, expected[12 * MOST + 1];
    uint32_t largest = 0;
    struct pyon_out out;
    size_t size = 0;
    char *copy;

    if (!end)
        end = edge_of(ROOM);
    for (size_t i = 0; i < length; i++) {
        size += book_escape(expected + size, text[i]);
        largest = text[i] > largest ? text[i] : largest;
    }
    for (unsigned width = 1; width <= 4; width *= 2) {
        char *place = end - length * width;

        if ((uint64_t)largest >> (8 * width))
            continue;
        copy = narrow(text, length, width);
        memcpy(place, copy, length * width);
        free(copy);
        init_out(&out, 0);
        CHECK(is_written(&out, pyon_escape(&out, place, length, width), expected, size, "\""));
    }
    copy = encode(text, length, &length);
    memcpy(end - length, copy, length);
    free(copy);
    init_out(&out, 0);
    CHECK(is_written(&out, pyon_escape_utf8(&out, end - length, length), expected, size, "\""));
}

static void test_edges(void)
{
    const size_t step = check_short() ? 9 : 1;
    uint32_t text[81];

    for (size_t length = 0; length <= 80; length += step)
        for (size_t place = 0; place < length; place++)
            for (size_t i = 0; i < SAMPLES; i++) {
                fill(text, length, 'x');
                text[place] = samples[i];
                check_edge(text, length);
            }
}

static void test_random(void)
{
    const int rounds = check_rounds(30000);
    static uint32_t text[MOST];

    for (int i = 0; i < rounds; i++) {
        size_t length = edge_random() % (i % 10 == 0 ? MOST : 100);
        uint32_t plain = edge_random() % 8, kinds = 1 + edge_random() % SAMPLES;

        for (size_t j = 0; j < length; j++)
            text[j] = edge_random() % 8 < plain ? 'a' + edge_random() % 26
                                                : samples[edge_random() % kinds];
        check_edge(text, length);
    }
}

int main(void)
{
    test_edges();
    test_random();
    test_code_points();
    test_bytes();
    test_places();
    test_units();
    test_foreign();
    test_runs();
    test_across_runs();
    test_short_room();
    test_invalid();
    test_bytes_literals();
    return check_report();
}
