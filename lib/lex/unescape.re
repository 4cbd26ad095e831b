/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escapes of the two dialects. C code between the vectors of plain text reads the escapes that all
 * kinds of strings share, and \uXXXX. re2c reads the others, in one small block for each kind of
 * string. A block starts after the backslash and reads one escape. It cannot run past the end of
 * the body: there stands the quote, and no escape of more than one character contains a quote.
 */
#include "lex/unescape.h"

#include "lex/scan.h"
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
#define NOTHING UINT32_MAX /* an escape of no character: a line end; or no digits */
#define LONGEST_PAIR 12    /* bytes of \uXXXX\uXXXX */
#define LONGEST_NAME 256   /* of a character; Unicode has none of 100 */

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

/* Python warns of unknown escapes, and of three octal digits that make no byte. */
static int take_doubtful(struct pyon_unescaper *unescaper, const unsigned char *p, size_t length)
{
    if (unescaper->string & PYON_STRING_KNOWN)
        return fail(unescaper, PYON_ERROR_ESCAPE, p);
    return (int)length;
}

/* ---- One escape, by all rules ---- */

/* Each fills the character of the escape at `p`, a backslash, and returns the length of the escape,
   or FAILED. */

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
    /* Python's json wants a character after the digits, and blames the escape if the text ends
       there. */
    if (cursor == (const unsigned char *)unescaper->limit)
        return fail(unescaper, PYON_ERROR_UNICODE_ESCAPE, cursor - 5);
end:
    return (int)(cursor - p);
}

/* Asks the builder for the character \N{name}. The length of an escape is an int, so the length of
   the name is bounded here. */
static int find_named(struct pyon_unescaper *unescaper, const unsigned char *name,
                      const unsigned char *end, uint32_t *c)
{
    const struct pyon_builder *builder = unescaper->builder;
    int found = 1;

    if (builder->character && end - name <= LONGEST_NAME)
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
        octal{1,3} {
            *c = read_digits(start, cursor, 8);
            if (*c > 0xff)
                return take_doubtful(unescaper, p, (size_t)(cursor - p));
            goto end;
        }
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
        *               { *c = '\\'; return take_doubtful(unescaper, p, 1); }
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
        octal{1,3} {
            uint32_t value = read_digits(start, cursor, 8);

            *c = value & 0xff;
            if (value > 0xff)
                return take_doubtful(unescaper, p, (size_t)(cursor - p));
            goto end;
        }
        "x" hex{2}      { *c = read_digits(start + 1, cursor, 16); goto end; }
        "x"             { return fail(unescaper, PYON_ERROR_HEX_ESCAPE, p); }
        *               { *c = '\\'; return take_doubtful(unescaper, p, 1); }
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

/* The character of an escape that all kinds of strings share, by the letter after the backslash; or
   0. */
static inline uint32_t short_escape(char letter)
{
    static const char characters[0x100] = {
        ['"'] = '"',  ['\\'] = '\\', ['b'] = '\b', ['f'] = '\f',
        ['n'] = '\n', ['r'] = '\r',  ['t'] = '\t',
    };

    return (unsigned char)characters[(unsigned char)letter];
}

/* The value of four hexadecimal digits; NOTHING if one is another character. */
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

/* ---- The body ---- */

/* The place of reading. It is not in struct pyon_unescaper, because other functions have the
   address of that: so the compiler can keep it in registers. */
struct place {
    const char *p;
    char *out;
    uint32_t all; /* the code points so far, or-ed */
};

/* The code below is compiled for each width, which is a constant in it. */
#define FOR_EACH_WIDTH static inline __attribute__((always_inline))

/* Reads \uXXXX, or two of them that are a pair, at `p`. Returns the length; 0 if it needs a closer
   look. */
FOR_EACH_WIDTH int read_unit(const char *p, const char *limit, unsigned string, uint32_t *c)
{
    uint32_t low;

    if (limit - p <= LONGEST_PAIR || string & PYON_STRING_BYTES)
        return 0;
    *c = read_hex(p + 2);
    if (*c == NOTHING)
        return 0;
    if ((*c & 0xfc00) != 0xd800 || !(string & PYON_STRING_JSON) || p[6] != '\\' || p[7] != 'u')
        return 6;
    low = read_hex(p + 8);
    if (low == NOTHING || (low & 0xfc00) != 0xdc00)
        return 6;
    *c = join_surrogates(*c, low);
    return LONGEST_PAIR;
}

/* Reads any other character at `p`: fills it and returns its length, or FAILED. */
static __attribute__((noinline)) int read_other(struct pyon_unescaper *unescaper, const char *p,
                                                uint32_t *c)
{
    const unsigned string = unescaper->string;

    *c = (unsigned char)*p;
    if (*p == '\\' && !(string & PYON_STRING_RAW))
        return read_escape(unescaper, p, c);
    if (*p == '\r' && !(string & PYON_STRING_JSON)) {
        *c = '\n';
        return (int)scan_line_end(p);
    }
    if (*c >= 0x80) {
        const char *next = pyon_utf8_next(p, unescaper->end, c);

        /* An unterminated string may have invalid UTF-8: it is read for the errors of its escapes,
           and its value is dropped. */
        return next ? (int)(next - p) : 1;
    }
    return 1;
}

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

/* Takes the character or escape that is there. Returns as pyon_unescape does. */
FOR_EACH_WIDTH int take_character(struct pyon_unescaper *unescaper, struct place *place,
                                  const char *limit, unsigned string, unsigned width)
{
    const char *p = place->p;
    uint32_t c = 0;
    int length = 0;

    if (PYON_LIKELY(*p == '\\' && !(string & PYON_STRING_RAW))) {
        c = short_escape(p[1]);
        if (PYON_LIKELY(c))
            length = 2;
        else if (p[1] == 'u')
            length = read_unit(p, limit, string, &c);
    }
    if (PYON_UNLIKELY(length == 0)) {
        uint32_t other;

        length = read_other(unescaper, p, &other);
        if (length < 0)
            return FAILED;
        c = other;
    }
    if (PYON_LIKELY(c != NOTHING)) {
        if (width < 4 && c >> (8 * width % 32))
            return c > 0xffff ? 4 : 2;
        place->all |= c;
        store(place->out, c, width);
        place->out += width;
    }
    place->p += length;
    return 0;
}

/* Does an escape \uXXXX begin at `p`, which fits the width and is no surrogate? */
FOR_EACH_WIDTH bool begins_unit(const char *p, unsigned width)
{
    if (p[0] != '\\' || p[1] != 'u')
        return false;
    return width == 1 ? p[2] == '0' && p[3] == '0' : width == 2 && ((p[2] | 0x20) != 'd' || p[3] < '8');
}

/* Takes such escapes at the place, and characters between them, if the processor can take several at
   once. */
static inline void take_units(struct pyon_unescaper *unescaper, struct place *place)
{
#if PYON_X86
    if (pyon_cpu < PYON_CPU_SSSE3 || unescaper->string & (PYON_STRING_RAW | PYON_STRING_BYTES))
        return;
    unescaper->p = place->p;
    unescaper->out = place->out;
    pyon_unescape_units_ssse3(unescaper);
    place->p = unescaper->p;
    place->out = unescaper->out;
#else
    (void)unescaper, (void)place;
#endif
}

/* Takes `size` bytes of the body, at most a vector. Two vectors can be read at the place. */
FOR_EACH_WIDTH int take_vector(struct pyon_unescaper *unescaper, struct place *place, size_t size,
                               const char *limit, unsigned string, unsigned width)
{
    const struct vector first = vector_splat(string & PYON_STRING_RAW ? '\r' : '\\');
    const struct vector second = vector_splat(string & PYON_STRING_JSON ? '\\' : '\r');
    const char *start = place->p;
    struct vector x = vector_load(start);
    uint64_t special = vector_mask(vector_or(
        vector_or(vector_equal(x, first), vector_equal(x, second)), vector_tops(x)));

    while (special && mask_first(special) < size) {
        const char *next = start + mask_first(special);
        int status;

        if (next > place->p) {
            store_vector(place->out, vector_load(place->p), width);
            place->out += (size_t)(next - place->p) * width;
            place->p = next;
        }
        if (begins_unit(next, width) && special & (special - 1)) /* and there are more */
            take_units(unescaper, place);
        status = place->p > next ? 0 : take_character(unescaper, place, limit, string, width);
        if (status)
            return status;
        if (place->p >= start + size)
            return 0;
        special = mask_from(special, (size_t)(place->p - start));
    }
    store_vector(place->out, vector_load(place->p), width);
    place->out += (size_t)(start + size - place->p) * width;
    place->p = start + size;
    return 0;
}

FOR_EACH_WIDTH int unescape(struct pyon_unescaper *unescaper, unsigned width)
{
    const char *const end = unescaper->end, *const limit = unescaper->limit;
    const unsigned string = unescaper->string;
    struct place place = {unescaper->p, unescaper->out, 0};
    int status = 0;

    while (place.p < end && status == 0) {
        size_t size = end - place.p < VECTOR_SIZE ? (size_t)(end - place.p) : VECTOR_SIZE;

        if (limit - place.p >= 2 * VECTOR_SIZE)
            status = take_vector(unescaper, &place, size, limit, string, width);
        else
            status = take_character(unescaper, &place, limit, string, width);
    }
    PYON_ASSERT(place.p <= limit);
    unescaper->p = place.p;
    unescaper->out = place.out;
    unescaper->wide |= place.all >= 0x80;
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
        PYON_ASSERT(unescaper->width == 4);
        return unescape(unescaper, 4);
    }
}
