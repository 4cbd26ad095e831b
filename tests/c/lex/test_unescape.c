/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escapes to code points: lib/lex/unescape.h against a definition that is written here, one
 * character at a time. Every piece, an escape or a character, stands at every place of bodies of
 * every length up to some vectors; and there are random bodies of all kinds of strings. The text
 * ends with a page, the output with its block.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/exact.h"

#include "lex/unescape.h"
#include "utf8.h"

#define LONG 80
#define MOST 2000 /* bytes in a body */

/* ---- By the definition ------------------------------------------------------------------- */

struct book {
    uint32_t text[MOST];
    size_t length;
    enum pyon_error_code code;
    size_t where; /* the place in the body */
};

/* The number of digits of a base, up to `most`. Fills their value. */
static int digits(const char *p, int most, uint32_t base, uint32_t *value)
{
    static const char all[] = "0123456789abcdefABCDEF";
    int count = 0;

    for (*value = 0; count < most; count++) {
        const char *digit = p[count] ? strchr(all, p[count]) : NULL;
        uint32_t number = digit ? (uint32_t)(digit - all) : base;

        number -= number >= 16 && digit ? 6 : 0;
        if (number >= base)
            break;
        *value = *value * base + number;
    }
    return count;
}

static void put(struct book *book, uint32_t c)
{
    book->text[book->length++] = c;
}

static size_t fail(struct book *book, enum pyon_error_code code, size_t where)
{
    book->code = code;
    book->where = where;
    return 0;
}

/* The character of a letter, from pairs "letter, character"; -1 if there is none. */
static int find(const char *pairs, char letter)
{
    for (; *pairs; pairs += 2)
        if (pairs[0] == letter)
            return pairs[1];
    return -1;
}

/* Both take the escape at text[i], a backslash, and return its length, or 0. */
static size_t book_json(struct book *book, const char *text, size_t i, const char *limit)
{
    const char *p = text + i + 1;
    int c = find("\"\"\\\\//b\bf\fn\nr\rt\t", *p);
    uint32_t top, low;
    size_t length = 6;

    if (c >= 0) {
        put(book, (uint32_t)c);
        return 2;
    }
    if (*p != 'u')
        return fail(book, PYON_ERROR_ESCAPE, i);
    if (digits(p + 1, 4, 16, &top) < 4)
        return fail(book, PYON_ERROR_UNICODE_ESCAPE, i + 1);
    if (top >= 0xd800 && top < 0xdc00 && p[5] == '\\' && p[6] == 'u' &&
        digits(p + 7, 4, 16, &low) == 4 && low >= 0xdc00 && low < 0xe000) {
        top = 0x10000 + (top - 0xd800) * 0x400 + (low - 0xdc00);
        length = 12;
    }
    if (text + i + length == limit)
        return fail(book, PYON_ERROR_UNICODE_ESCAPE, i + length - 5);
    put(book, top);
    return length;
}

static size_t line_end(const char *p)
{
    return p[0] == '\r' && p[1] == '\n' ? 2 : p[0] == '\r' || p[0] == '\n';
}

static size_t book_python(struct book *book, const char *text, size_t i, bool bytes)
{
    const char *p = text + i + 1;
    int c = find("\"\"\\\\''a\ab\bf\fn\nr\rt\tv\v", *p);
    int wanted = *p == 'x' ? 2 : bytes ? 0 : *p == 'u' ? 4 : *p == 'U' ? 8 : 0;
    uint32_t value;

    if (c >= 0) {
        put(book, (uint32_t)c);
        return 2;
    }
    if (line_end(p))
        return 1 + line_end(p);
    if (digits(p, 1, 8, &value) == 1) {
        int count = digits(p, 3, 8, &value);

        put(book, bytes ? value & 0xff : value);
        return 1 + (size_t)count;
    }
    if (wanted) {
        if (digits(p + 1, wanted, 16, &value) < wanted || value > 0x10ffff)
            return fail(book, PYON_ERROR_HEX_ESCAPE, i);
        put(book, value);
        return 2 + (size_t)wanted;
    }
    if (*p == 'N' && !bytes) {
        if (strncmp(p, "N{FACE}", 7) != 0)
            return fail(book, PYON_ERROR_NAME_ESCAPE, strncmp(p, "N{XYZ}", 6) ? i : i + 3);
        put(book, 0x1f600);
        return 8;
    }
    put(book, '\\');
    return 1;
}

static void book_unescape(struct book *book, const char *text, size_t length, const char *limit,
                          unsigned string)
{
    size_t step = 0;

    book->length = 0;
    book->code = PYON_OK;
    for (size_t i = 0; i < length && book->code == PYON_OK; i += step) {
        if (text[i] == '\\' && !(string & PYON_STRING_RAW)) {
            if (string & PYON_STRING_JSON)
                step = book_json(book, text, i, limit);
            else
                step = book_python(book, text, i, string & PYON_STRING_BYTES);
        } else if (text[i] == '\r' && !(string & PYON_STRING_JSON)) {
            put(book, '\n');
            step = line_end(text + i);
        } else {
            uint32_t c;
            const char *next = pyon_utf8_next(text + i, text + length, &c);

            put(book, next ? c : (unsigned char)text[i]);
            step = next ? (size_t)(next - text) - i : 1;
        }
    }
}

/* ---- Comparing --------------------------------------------------------------------------- */

static int character(void *self, const char *name, size_t length, uint32_t *code_point)
{
    (void)self;
    if (length != 4 || memcmp(name, "FACE", 4) != 0)
        return 1;
    *code_point = 0x1f600;
    return 0;
}

static const struct pyon_builder builder = {.character = character};

static uint32_t code_point(const char *data, size_t i, unsigned width)
{
    uint16_t unit;
    uint32_t c;

    if (width == 1)
        return (unsigned char)data[i];
    if (width == 2) {
        memcpy(&unit, data + 2 * i, sizeof unit);
        return unit;
    }
    memcpy(&c, data + 4 * i, sizeof c);
    return c;
}

/* Reads all, each width into a block that just suffices. Returns the last block: new. Fills
   `count`. */
static char *read_all(struct pyon_unescaper *unescaper, size_t *count, int *status)
{
    char *block = NULL;
    unsigned width = 1;

    *count = 0;
    do {
        size_t left = (size_t)(unescaper->end - unescaper->p);
        char *wider = exact_room((*count + left + PYON_UNESCAPE_SLACK) * width);

        for (size_t i = 0; i < *count; i++) {
            uint32_t c = code_point(block, i, unescaper->width);
            uint16_t unit = (uint16_t)c;

            memcpy(wider + i * width, width == 2 ? (void *)&unit : (void *)&c, width);
        }
        free(block);
        block = wider;
        unescaper->width = width;
        unescaper->out = block + *count * width;
        *status = pyon_unescape(unescaper);
        *count = (size_t)(unescaper->out - block) / width;
        width = (unsigned)*status;
    } while (*status > 0);
    return block;
}

static bool is_text(const struct book *book, const char *block, size_t count,
                    const struct pyon_unescaper *unescaper)
{
    uint32_t most = 0;

    if (count != book->length)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (code_point(block, i, unescaper->width) != book->text[i])
            return false;
        most = book->text[i] > most ? book->text[i] : most;
    }
    return unescaper->wide == (most >= 0x80) && unescaper->width == (most > 0xffff ? 4
                                                                     : most > 0xff ? 2
                                                                                   : 1);
}

/* The body ends with the text, or before a quote and some more text. */
static void check_body(const char *body, size_t length, unsigned string, size_t behind)
{
    static const char other[] = "\", \"\\u20ac\\u00e9\xff\\u1234\\";
    static struct book book;
    static char *edge;
    struct pyon_unescaper unescaper = {.builder = &builder, .string = string};
    char *text, *block, shown[100];
    size_t count;
    int status;

    if (!edge)
        edge = edge_of(2 * MOST);
    text = edge - 1 - behind - length;
    memcpy(text, body, length);
    for (size_t i = 0; i < behind; i++)
        text[length + i] = other[i % (sizeof other - 1)];
    edge[-1] = '\0';
    unescaper.p = text;
    unescaper.end = text + length;
    unescaper.limit = edge - 1;
    book_unescape(&book, text, length, unescaper.limit, string);
    block = read_all(&unescaper, &count, &status);
    snprintf(shown, sizeof shown, "%u: %.*s", string, (int)length, body);
    if (book.code == PYON_OK)
        CHECK_WITH(shown, status == 0 && is_text(&book, block, count, &unescaper));
    else
        CHECK_WITH(shown, status < 0 && unescaper.code == book.code &&
                              unescaper.where == text + book.where);
    free(block);
}

/* ---- Tests ------------------------------------------------------------------------------- */

static const unsigned kinds[] = {PYON_STRING_JSON, 0, PYON_STRING_BYTES, PYON_STRING_RAW,
                                 PYON_STRING_JSON | PYON_STRING_RAW};
#define KINDS (sizeof kinds / sizeof *kinds)

static const char *const pieces[] = {
    "a", "bcdefgh", "0123456789abcdefghijklmnopq", "\\\"", "\\\\", "\\n", "\\/", "\\t", "\\u0041",
    "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\x41", "\\xff", "\\101",
    "\\777", "\\0", "\\U0001f600", "\\N{FACE}", "\\\n", "\\\r\n", "\r\n", "\r", "\\'", "\\a", "\\q",
    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\xa0\xbd", "\\\\\\\"", "\\\xc3\xa9",
    /* These are wrong in some kind of string. */
    "\\u12", "\\u12G4", "\\x4", "\\U00110000", "\\U1", "\\N", "\\N{XYZ}", "\\ud83d\\u12",
    "\\ud83d\\ud83d"};
#define PIECES (sizeof pieces / sizeof *pieces)
#define WRONG 9 /* the number of these */

/* A bytes literal must not have bytes above 0x7f. */
static bool may_have(unsigned string, const char *piece)
{
    while (string & PYON_STRING_BYTES && *piece)
        if (*piece++ & 0x80)
            return false;
    return true;
}

static void test_places(void)
{
    static const size_t behind[] = {0, 1, 40};
    char body[LONG + 40];

    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < PIECES; i++)
            for (size_t length = 0; may_have(kinds[kind], pieces[i]) && length <= LONG; length++)
                for (size_t place = 0; place <= length; place++) {
                    size_t size = strlen(pieces[i]);

                    memset(body, 'x', sizeof body);
                    memcpy(body + place, pieces[i], size);
                    check_body(body, length + size, kinds[kind], behind[(place + length) % 3]);
                }
}

static void test_random(void)
{
    const int rounds = check_rounds(200000);

    for (int i = 0; i < rounds; i++) {
        char body[MOST / 2 + 40];
        unsigned string = kinds[edge_random() % KINDS];
        size_t length = 0, most = edge_random() % (i % 100 == 0 ? MOST / 2 : 100);
        size_t all = edge_random() % 4 ? PIECES - WRONG : PIECES;
        uint32_t chosen = edge_random(); /* few kinds of pieces in each body */

        while (length < most) {
            size_t piece = edge_random() % all;

            if ((piece > 2 && !(chosen >> piece % 31 & 1)) || !may_have(string, pieces[piece]))
                continue;
            memcpy(body + length, pieces[piece], strlen(pieces[piece]));
            length += strlen(pieces[piece]);
        }
        check_body(body, length, string, edge_random() % 50);
    }
}

/* Text beyond ASCII, of which several characters may be taken at once: mostly escapes of four digits, and
   now and then something else or something wrong. */
static void test_dense(void)
{
    static const char *const units[] = {
        "a", "b", "\\u0041", "\\u007f", "\\u0080", "\\u00ff", "\\u0100", "\\u20aC", "\\uABCD",
        "\\uffff", "\\ud7ff", "\\ue000",
        /* rare */
        "\\n", "\xc3\xa9", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\\\", "\r", "\\000d",
        "\\\\u0041", "\\u\\u0041", "\\u004", "\\u00g1", "\\u0\x11\x12\x13", "\\u00/1", "\\u00:1",
        "\\u00@1", "\\u00`1", "\\u00\xc3\xa9"};
    const size_t common = 12, all = sizeof units / sizeof *units;
    const int rounds = check_rounds(100000);

    for (int i = 0; i < rounds; i++) {
        char body[700];
        size_t length = 0, most = edge_random() % (i % 8 == 0 ? 600 : 150);
        size_t few = 2 + edge_random() % (common - 1); /* few kinds keep the width small */
        unsigned rare = i % 2 ? 40 : ~0u;

        while (length < most) {
            const char *unit =
                units[edge_random() % rare == 0 ? edge_random() % all : edge_random() % few];

            memcpy(body + length, unit, strlen(unit));
            length += strlen(unit);
        }
        check_body(body, length, i % 3 ? PYON_STRING_JSON : 0, edge_random() % 150);
    }
}

static int any_character(void *self, const char *name, size_t length, uint32_t *code_point)
{
    (void)self, (void)name;
    *code_point = (uint32_t)length;
    return 0;
}

/* The builder is asked for names of at most 256 characters. */
static void test_longest_name(void)
{
    static const struct pyon_builder any = {.character = any_character};

    for (size_t length = 255; length <= 257; length++) {
        char body[300] = "\\N{", out[4 * (sizeof body + PYON_UNESCAPE_SLACK)];
        struct pyon_unescaper unescaper = {.builder = &any, .p = body, .width = 4, .out = out};
        int status;

        memset(body + 3, 'A', length);
        body[3 + length] = '}';
        unescaper.end = unescaper.limit = body + 3 + length + 1;
        status = pyon_unescape(&unescaper);
        if (length <= 256)
            CHECK(status == 0 && code_point(out, 0, 4) == length);
        else
            CHECK(status < 0 && unescaper.code == PYON_ERROR_NAME_ESCAPE);
    }
}

int main(void)
{
    test_places();
    test_random();
    test_dense();
    test_longest_name();
    return check_report();
}
