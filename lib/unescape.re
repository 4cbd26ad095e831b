/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escapes of the two dialects. What every kind of string has, and \uXXXX, is read by hand between
 * vectors of plain text; the others by re2c, in one small block for each kind of string. A block
 * starts behind the backslash and reads one escape; it cannot run past the end of the body,
 * because the quote there is part of no escape of more than one character.
 */
#include "unescape.h"

#include "scan.h"
#include "utf8.h"

/*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:yyfill:enable = 0;

    hex      = [0-9a-fA-F];
    octal    = [0-7];
    line_end = "\r\n" | "\r" | "\n";
    low_half = [dD] [c-fC-F] hex{2};
    top_half = [dD] [89abAB] hex{2};
*/

#define FAILED (-1)
#define NOTHING UINT32_MAX /* stands for no character */
#define LONGEST_PAIR 12    /* bytes of \uXXXX\uXXXX */

static PYON_COLD int fail(struct pyon_unescaper *unescaper, enum pyon_error_code code,
                          const unsigned char *where)
{
    unescaper->code = code;
    unescaper->where = (const char *)where;
    return FAILED;
}

static uint32_t read_digits(const unsigned char *p, const unsigned char *end, unsigned base)
{
    uint32_t value = 0;

    for (; p < end; p++)
        value = value * base + digit_value((char)*p);
    return value;
}

static uint32_t join_surrogates(uint32_t top, uint32_t low)
{
    return 0x10000 + ((top & 0x3ff) << 10 | (low & 0x3ff));
}

/* ---- One escape, by all rules ---- */

/* Each fills the character that the escape at `p`, a backslash, stands for, and returns its
   length, or FAILED. */

static int read_json_escape(struct pyon_unescaper *unescaper, const unsigned char *p, uint32_t *c)
{
    const unsigned char *start = p + 1, *cursor = start, *marker;

    /*!local:re2c
        ["\\/]  { *c = *start; goto end; }
        "b"     { *c = '\b'; goto end; }
        "f"     { *c = '\f'; goto end; }
        "n"     { *c = '\n'; goto end; }
        "r"     { *c = '\r'; goto end; }
        "t"     { *c = '\t'; goto end; }
        "u" top_half "\\u" low_half {
            *c = join_surrogates(read_digits(start + 1, start + 5, 16),
                                 read_digits(start + 7, start + 11, 16));
            goto digits;
        }
        "u" hex{4} { *c = read_digits(start + 1, cursor, 16); goto digits; }
        "u"     { return fail(unescaper, PYON_ERROR_UNICODE_ESCAPE, start); }
        *       { return fail(unescaper, PYON_ERROR_ESCAPE, p); }
    */
digits:
    /* Python's json wants a character behind the digits and blames the escape if the text ends
       with them. */
    if (cursor == (const unsigned char *)unescaper->limit)
        return fail(unescaper, PYON_ERROR_UNICODE_ESCAPE, cursor - 5);
end:
    return (int)(cursor - p);
}

/* The character that \N{name} means, asked of the builder. */
static int find_named(struct pyon_unescaper *unescaper, const unsigned char *name,
                      const unsigned char *end, uint32_t *c)
{
    const struct pyon_builder *builder = unescaper->builder;
    int found = 1;

    if (builder->character)
        found = builder->character(unescaper->self, (const char *)name, (size_t)(end - name), c);
    if (found == 0)
        return 0;
    return fail(unescaper, found < 0 ? PYON_ERROR_HOST : PYON_ERROR_NAME_ESCAPE, name);
}

static int read_str_escape(struct pyon_unescaper *unescaper, const unsigned char *p, uint32_t *c)
{
    const unsigned char *start = p + 1, *cursor = start, *marker;

    /*!local:re2c
        line_end        { *c = NOTHING; goto end; }
        [\\'"]          { *c = *start; goto end; }
        "a"             { *c = '\a'; goto end; }
        "b"             { *c = '\b'; goto end; }
        "f"             { *c = '\f'; goto end; }
        "n"             { *c = '\n'; goto end; }
        "r"             { *c = '\r'; goto end; }
        "t"             { *c = '\t'; goto end; }
        "v"             { *c = '\v'; goto end; }
        octal{1,3}      { *c = read_digits(start, cursor, 8); goto end; }
        "x" hex{2} | "u" hex{4} | "U" hex{8} {
            *c = read_digits(start + 1, cursor, 16);
            if (*c > 0x10ffff)
                return fail(unescaper, PYON_ERROR_HEX_ESCAPE, p);
            goto end;
        }
        "x" | "u" | "U" { return fail(unescaper, PYON_ERROR_HEX_ESCAPE, p); }
        "N{" [A-Za-z0-9 -]+ "}" {
            if (find_named(unescaper, start + 2, cursor - 1, c) < 0)
                return FAILED;
            goto end;
        }
        "N"             { return fail(unescaper, PYON_ERROR_NAME_ESCAPE, p); }
        *               { *c = '\\'; cursor = start; goto end; }
    */
end:
    return (int)(cursor - p);
}

static int read_bytes_escape(struct pyon_unescaper *unescaper, const unsigned char *p, uint32_t *c)
{
    const unsigned char *start = p + 1, *cursor = start, *marker;

    /*!local:re2c
        line_end        { *c = NOTHING; goto end; }
        [\\'"]          { *c = *start; goto end; }
        "a"             { *c = '\a'; goto end; }
        "b"             { *c = '\b'; goto end; }
        "f"             { *c = '\f'; goto end; }
        "n"             { *c = '\n'; goto end; }
        "r"             { *c = '\r'; goto end; }
        "t"             { *c = '\t'; goto end; }
        "v"             { *c = '\v'; goto end; }
        octal{1,3}      { *c = read_digits(start, cursor, 8) & 0xff; goto end; }
        "x" hex{2}      { *c = read_digits(start + 1, cursor, 16); goto end; }
        "x"             { return fail(unescaper, PYON_ERROR_HEX_ESCAPE, p); }
        *               { *c = '\\'; cursor = start; goto end; }
    */
end:
    return (int)(cursor - p);
}

static __attribute__((noinline)) int read_escape(struct pyon_unescaper *unescaper, const char *p,
                                                 uint32_t *c)
{
    const unsigned char *start = (const unsigned char *)p;

    if (unescaper->string & PYON_STRING_JSON)
        return read_json_escape(unescaper, start, c);
    if (unescaper->string & PYON_STRING_BYTES)
        return read_bytes_escape(unescaper, start, c);
    return read_str_escape(unescaper, start, c);
}

/* ---- One escape, by the common rules ---- */

/* The character that a letter behind the backslash stands for in all kinds of strings, or 0. */
static inline uint32_t short_escape(char letter)
{
    static const char characters[0x100] = {
        ['"'] = '"',  ['\\'] = '\\', ['b'] = '\b', ['f'] = '\f',
        ['n'] = '\n', ['r'] = '\r',  ['t'] = '\t',
    };

    return (unsigned char)characters[(unsigned char)letter];
}

/* The value of four hexadecimal digits; NOTHING if they are not that. */
static inline uint32_t read_hex(const char *p)
{
#define DIGIT(value) (0x10 | (value)) /* the bit tells digits from other characters */
    static const unsigned char values[0x100] = {
        ['0'] = DIGIT(0),  ['1'] = DIGIT(1),  ['2'] = DIGIT(2),  ['3'] = DIGIT(3),
        ['4'] = DIGIT(4),  ['5'] = DIGIT(5),  ['6'] = DIGIT(6),  ['7'] = DIGIT(7),
        ['8'] = DIGIT(8),  ['9'] = DIGIT(9),  ['a'] = DIGIT(10), ['b'] = DIGIT(11),
        ['c'] = DIGIT(12), ['d'] = DIGIT(13), ['e'] = DIGIT(14), ['f'] = DIGIT(15),
        ['A'] = DIGIT(10), ['B'] = DIGIT(11), ['C'] = DIGIT(12), ['D'] = DIGIT(13),
        ['E'] = DIGIT(14), ['F'] = DIGIT(15),
    };
#undef DIGIT
    uint32_t a = values[(unsigned char)p[0]], b = values[(unsigned char)p[1]];
    uint32_t c = values[(unsigned char)p[2]], d = values[(unsigned char)p[3]];

    if (PYON_UNLIKELY(!(a & b & c & d)))
        return NOTHING;
    return (a & 15) << 12 | (b & 15) << 8 | (c & 15) << 4 | (d & 15);
}

/* \uXXXX, or two of them, at `p`: the length, or 0 if it needs a closer look. */
static inline int read_unit(const struct pyon_unescaper *unescaper, const char *p, uint32_t *c)
{
    uint32_t low;

    if (unescaper->limit - p <= LONGEST_PAIR || unescaper->string & PYON_STRING_BYTES)
        return 0;
    *c = read_hex(p + 2);
    if (*c == NOTHING)
        return 0;
    if ((*c & 0xfc00) != 0xd800 || !(unescaper->string & PYON_STRING_JSON) || p[6] != '\\' ||
        p[7] != 'u')
        return 6;
    low = read_hex(p + 8);
    if (low == NOTHING || (low & 0xfc00) != 0xdc00)
        return 6;
    *c = join_surrogates(*c, low);
    return LONGEST_PAIR;
}

/* Whatever stands at `p`: fills the character and returns the length, or FAILED. */
static inline int read_character(struct pyon_unescaper *unescaper, const char *p, uint32_t *c)
{
    *c = (unsigned char)*p;
    if (*p == '\\' && !(unescaper->string & PYON_STRING_RAW)) {
        uint32_t character = short_escape(p[1]);
        int length;

        if (PYON_LIKELY(character)) {
            *c = character;
            return 2;
        }
        length = p[1] == 'u' ? read_unit(unescaper, p, c) : 0;
        return PYON_LIKELY(length > 0) ? length : read_escape(unescaper, p, c);
    }
    if (*c >= 0x80) {
        const char *next = pyon_utf8_next(p, unescaper->end, c);

        /* What does not end may be no UTF-8: it is read for the escapes in it, and dropped. */
        return next ? (int)(next - p) : 1;
    }
    if (*p == '\r' && !(unescaper->string & PYON_STRING_JSON)) {
        *c = '\n';
        return (int)scan_line_end(p);
    }
    return 1;
}

/* ---- The body ---- */

/* Copies of the code below for each width, in which it is a constant. */
#define FOR_EACH_WIDTH static inline __attribute__((always_inline))

FOR_EACH_WIDTH void store(char *out, uint32_t c, unsigned width)
{
    uint16_t unit = (uint16_t)c;

    if (width == 1)
        *out = (char)c;
    else if (width == 2)
        memcpy(out, &unit, sizeof unit);
    else
        memcpy(out, &c, sizeof c);
}

FOR_EACH_WIDTH void store_vector(char *out, struct vector x, unsigned width)
{
    if (width == 1)
        vector_store(out, x);
    else if (width == 2)
        vector_widen2(out, x);
    else
        vector_widen4(out, x);
}

/* Takes whatever stands at unescaper->p: as pyon_unescape. */
FOR_EACH_WIDTH int take_character(struct pyon_unescaper *unescaper, const char **p, char **out,
                                  unsigned width)
{
    uint32_t c;
    int length = read_character(unescaper, *p, &c);

    if (length < 0)
        return FAILED;
    if (PYON_LIKELY(c != NOTHING)) {
        if (width < 4 && c >> (8 * width % 32))
            return c > 0xffff ? 4 : 2;
        unescaper->wide |= c >= 0x80;
        store(*out, c, width);
        *out += width;
    }
    *p += length;
    return 0;
}

/* As much as a vector, of which all before `size` belongs to the body; two can be read. */
FOR_EACH_WIDTH int take_vector(struct pyon_unescaper *unescaper, const char **p, char **out,
                               size_t size, unsigned width)
{
    const bool raw = unescaper->string & PYON_STRING_RAW;
    const bool json = unescaper->string & PYON_STRING_JSON;
    const char *start = *p;
    struct vector x = vector_load(start);
    struct vector backslashes = vector_equal(x, vector_splat(raw ? '\r' : '\\'));
    struct vector returns = vector_equal(x, vector_splat(json ? '\\' : '\r'));
    uint64_t special = vector_mask(vector_or(vector_or(backslashes, returns), vector_tops(x)));

    for (;;) {
        size_t at = (size_t)(*p - start);
        size_t next = special ? mask_first(special) : VECTOR_SIZE;
        int status;

        if (next > size)
            next = size;
        if (next > at) {
            store_vector(*out, vector_load(*p), width);
            *out += (next - at) * width;
            *p = start + next;
        }
        if (next == size)
            return 0;
        status = take_character(unescaper, p, out, width);
        if (status)
            return status;
        at = (size_t)(*p - start);
        if (at >= size)
            return 0;
        special = mask_from(special, at);
    }
}

FOR_EACH_WIDTH int unescape(struct pyon_unescaper *unescaper, unsigned width)
{
    const char *p = unescaper->p, *const end = unescaper->end;
    char *out = unescaper->out;
    int status = 0;

    while (p < end && status == 0) {
        size_t size = end - p < VECTOR_SIZE ? (size_t)(end - p) : VECTOR_SIZE;

        if (unescaper->limit - p >= 2 * VECTOR_SIZE)
            status = take_vector(unescaper, &p, &out, size, width);
        else
            status = take_character(unescaper, &p, &out, width);
    }
    unescaper->p = p;
    unescaper->out = out;
    return status;
}

int pyon_unescape(struct pyon_unescaper *unescaper)
{
    switch (unescaper->width) {
    case 1:
        return unescape(unescaper, 1);
    case 2:
        return unescape(unescaper, 2);
    default:
        return unescape(unescaper, 4);
    }
}
