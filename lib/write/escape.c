/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escaping by vectors. A vector of text is stored as it is. Then each special character in it is
 * overwritten by its escape, and the text after it is stored again:
 *
 *     ab"cd      stored as it is
 *     ab\"       the escape over the quote
 *     ab\"cd     the rest again
 *
 * So an escape costs one more store, however close the escapes stand.
 *
 * The text may be of five kinds. The code is written once, and compiled for each kind. Wider code
 * points are narrowed to bytes; those that do not fit become special bytes.
 *
 * Storing the rest again loads it again, and that reads past the vector: two vectors must be
 * readable. So if the last part of a text has a special character, it is first copied to a place
 * where two vectors are readable.
 *
 * Output is reserved run by run: the worst case for the RUN characters of this run, so the inner
 * loops need no checks. One byte is added for each later character, so long plain text grows the
 * output only once.
 */
#include "write/escape.h"

#include "utf8.h"
#include "write/plain.h"

#define RUN 512 /* characters between two reservations */

/* Room beyond that of a run: quotes and prefix; the bytes that the last vector store writes too
   far; and the rest of a UTF-8 sequence that begins in the run, whose escape has up to 12 bytes. */
#define SLACK (3 + VECTOR_SIZE + 12)

/* The three widths of Python's strings, the UTF-8 of other hosts, and bytes. */
enum kind { LATIN_1, UCS_2, UCS_4, UTF_8, BYTES };

struct text {
    const void *data;
    size_t length;
    char quote;
};

/* The code below is compiled for each kind, which is a constant in it. */
#define FOR_EACH_KIND static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

/* The most bytes that one character may become: \xNN, \uXXXX, or two \uXXXX. (A character of UTF-8
   that becomes two has at least two bytes.) */
FOR_EACH_KIND size_t longest(enum kind kind)
{
    return kind == BYTES ? 4 : kind == UCS_4 ? 12 : 6;
}

/* ---- One character ---- */

/* The letter after the backslash; 0 for characters that have none. */
static inline char short_escape(uint32_t c)
{
    static const char letters[0x80] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\t'] = 't',
        ['\n'] = 'n', ['\f'] = 'f',  ['\r'] = 'r',
    };

    return c < sizeof letters ? letters[c] : 0;
}

/*
 * The hexadecimal digits of one or two units of 16 bits, each in the low half of 32. For 0x12ab:
 *
 *     nibbles   1  2  a  b       a byte each, the first one lowest
 *     letters   0  0  1  1       (nibble + 6) >> 4
 *     digits   '1''2''a''b'      nibble + '0', and for letters + 'a' - '0' - 10
 */
static inline uint64_t hex_digits(uint64_t units)
{
    const uint64_t ones = 0x0101010101010101u, low = 0x0000000f0000000fu;
    uint64_t nibbles =
        (units >> 12 & low) | (units & low << 8) | (units & low << 4) << 12 | (units & low) << 24;
    uint64_t letters = (nibbles + 6 * ones) >> 4 & ones;
    uint64_t digits = nibbles + '0' * ones + letters * ('a' - '0' - 10);

    /* The first byte must be the lowest in each half; the caller takes the halves one by one. */
    if (!PYON_LITTLE_ENDIAN)
        digits = __builtin_bswap64(digits << 32 | digits >> 32);
    return digits;
}

static inline void put_digits(char *p, uint32_t digits)
{
    memcpy(p, "\\u", 2);
    memcpy(p + 2, &digits, sizeof digits);
}

static inline char *put_unit(char *p, uint32_t unit)
{
    put_digits(p, (uint32_t)hex_digits(unit));
    return p + 6;
}

static inline char *put_units(char *p, uint32_t first, uint32_t second)
{
    uint64_t digits = hex_digits(first | (uint64_t)second << 32);

    put_digits(p, (uint32_t)digits);
    put_digits(p + 6, (uint32_t)(digits >> 32));
    return p + 12;
}

/* Writes the escape of a code point that is special in a string. */
static inline char *put_escaped(char *p, uint32_t c)
{
    char letter = short_escape(c);

    if (letter) {
        p[0] = '\\';
        p[1] = letter;
        return p + 2;
    }
    if (c >= 0x10000)
        return put_units(p, 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
    return put_unit(p, c);
}

/* Writes the escape of a byte that is special in a bytes literal. */
static inline char *put_byte(char *p, unsigned char c, char quote)
{
    static const char hex_digits[] = "0123456789abcdef";

    *p++ = '\\';
    if (c == (unsigned char)quote || c == '\\') {
        *p++ = (char)c;
    } else if (c == '\t' || c == '\n' || c == '\r') {
        *p++ = short_escape(c);
    } else {
        *p++ = 'x';
        *p++ = hex_digits[c >> 4];
        *p++ = hex_digits[c & 15];
    }
    return p;
}

/* The character at `i`; for UTF-8 and bytes, the byte. */
FOR_EACH_KIND uint32_t character(const struct text *text, size_t i, enum kind kind)
{
    if (kind == UCS_2)
        return ((const uint16_t *)text->data)[i];
    if (kind == UCS_4)
        return ((const uint32_t *)text->data)[i];
    return ((const unsigned char *)text->data)[i];
}

/* Writes the escape of the special character at `i`, and moves `i` after it. NULL if it is not
   UTF-8. */
FOR_EACH_KIND char *put_special(char *p, const struct text *text, size_t *i, enum kind kind)
{
    uint32_t c = character(text, *i, kind);
    const char *first = text->data, *next;

    if (kind == UTF_8 && c >= 0x80) {
        next = pyon_utf8_next(first + *i, first + text->length, &c);
        if (!next)
            return NULL;
        *i = (size_t)(next - first);
    } else {
        ++*i;
    }
    return kind == BYTES ? put_byte(p, (unsigned char)c, text->quote) : put_escaped(p, c);
}

/* ---- Vectors ---- */

FOR_EACH_KIND struct vector load(const struct text *text, size_t i, enum kind kind)
{
    if (kind == UCS_2)
        return vector_narrow2((const uint16_t *)text->data + i);
    if (kind == UCS_4)
        return vector_narrow4((const uint32_t *)text->data + i);
    return vector_load((const char *)text->data + i);
}

/* Does a vector of code points of two bytes contain no ASCII? */
static inline bool is_foreign(const struct text *text, size_t start)
{
    const uint16_t *units = (const uint16_t *)text->data + start;
    unsigned ascii = 0;

    for (int i = 0; i < VECTOR_SIZE; i++)
        ascii |= units[i] < 0x80;
    return !ascii;
}

/* Escapes all of such a vector, two code points at a time. */
static inline char *put_foreign(char *p, const struct text *text, size_t start)
{
    const uint16_t *units = (const uint16_t *)text->data + start;

    for (int i = 0; i < VECTOR_SIZE; i += 2)
        p = put_units(p, units[i], units[i + 1]);
    return p;
}

/*
 * Escapes `size` characters from `i` on, at most a vector; two vectors can be read there. Moves `i`
 * after them, or after the UTF-8 sequence that the last one is a part of.
 */
FOR_EACH_KIND char *escape_vector(char *p, const struct text *text, size_t *i, size_t size,
                                  enum kind kind)
{
    size_t start = *i, at = 0; /* the text from start + at on goes to `p` */
    struct vector x = load(text, start, kind);
    uint64_t special = vector_mask(find_special(x, text->quote));

    PYON_ASSERT(size <= VECTOR_SIZE);
    if (size < VECTOR_SIZE)
        special = mask_before(special, size);
    vector_store(p, x);
    if (kind == UCS_2 && special == vector_mask(vector_splat('\xff')) && is_foreign(text, start)) {
        *i = start + VECTOR_SIZE;
        return put_foreign(p, text, start);
    }
    while (special) {
        size_t first = mask_first(special), next = start + first;

        p = put_special(p + (first - at), text, &next, kind);
        if (!p)
            return NULL;
        at = next - start;
        if (at >= size)
            break;
        /* Only a UTF-8 sequence has more than one special byte. */
        special = kind == UTF_8 ? mask_from(special, at) : special & (special - 1);
        if (!special || mask_first(special) > at)
            vector_store(p, load(text, next, kind));
    }
    if (at < size) {
        p += size - at;
        at = size;
    }
    *i = start + at;
    return p;
}

/* Vectors whose only special characters are quotes and backslashes, up to `length`. Returns the number
   of bytes taken. */
static inline size_t escape_quotes(char **p, const struct text *text, size_t i, size_t length)
{
#if PYON_X86
    if (PYON_LIKELY(pyon_cpu >= PYON_CPU_SSSE3))
        return pyon_escape_quotes_ssse3(p, (const unsigned char *)text->data + i, length);
#endif
    (void)p, (void)text, (void)i, (void)length;
    return 0;
}

/* ---- The rest ---- */

/* Escapes the rest, fewer than two vectors. Wider code points are taken one by one. */
FOR_EACH_KIND char *escape_rest(char *p, const struct text *text, size_t i, enum kind kind)
{
    unsigned char copy[PLAIN_SIZE + VECTOR_SIZE] = {0};
    const struct text rest = {copy, text->length - i, text->quote};
    const unsigned char *data = text->data;

    PYON_ASSERT(i <= text->length && rest.length < PLAIN_SIZE);
    if (kind == UCS_2 || kind == UCS_4) {
        while (i < text->length) {
            uint32_t c = character(text, i, kind);

            if (is_plain(c, text->quote)) {
                *p++ = (char)c;
                i++;
            } else {
                p = put_special(p, text, &i, kind);
            }
        }
        return p;
    }
    if (rest.length == 0)
        return p;
    if (copy_plain(p, data + i, rest.length, text->quote))
        return p + rest.length;
    memcpy(copy, data + i, rest.length);
    i = kind == LATIN_1 ? escape_quotes(&p, &rest, 0, rest.length) : 0;
    while (p && i < rest.length) {
        size_t left = rest.length - i;

        p = escape_vector(p, &rest, &i, left < VECTOR_SIZE ? left : VECTOR_SIZE, kind);
    }
    return p;
}

/* ---- The whole ---- */

/* Writes the next run: from `i` on, the place up to which all is written. */
FOR_EACH_KIND int escape_run(struct pyon_out *out, const struct text *text, size_t *i, bool whole,
                             enum kind kind)
{
    size_t left = text->length - *i;
    size_t run = left < RUN + 2 * PLAIN_SIZE ? left : RUN; /* the last run includes the rest */
    char *p;

    PYON_ASSERT(*i <= text->length);
    if (reserve(out, run * longest(kind) + (whole ? left - run : 0) + SLACK) < 0)
        return -1;
    p = out->cur;
    if (*i == 0) {
        if (kind == BYTES)
            *p++ = 'b';
        *p++ = text->quote;
    }
    for (size_t stop = *i + run;
         p && *i + VECTOR_SIZE <= stop && text->length - *i >= PLAIN_SIZE;) {
        size_t taken = kind == LATIN_1 ? escape_quotes(&p, text, *i, stop - *i) : 0;

        *i += taken;
        if (taken == 0)
            p = escape_vector(p, text, i, VECTOR_SIZE, kind);
    }
    if (p && text->length - *i < PLAIN_SIZE) {
        p = escape_rest(p, text, *i, kind);
        *i = text->length;
        if (p)
            *p++ = text->quote;
    }
    if (!p) {
        out->code = PYON_ERROR_UTF8;
        return -1;
    }
    PYON_ASSERT((size_t)(p - out->cur) <= run * longest(kind) + SLACK - VECTOR_SIZE);
    set_end(out, p);
    return 0;
}

/* Writes from `done` on: a run, and adds it to `done`; or, if that is NULL, all of the text. */
FOR_EACH_KIND int escape(struct pyon_out *out, const void *data, size_t length, char quote,
                         size_t *done, enum kind kind)
{
    const struct text text = {data, length, quote};
    size_t i = done ? *done : 0;

    do {
        if (escape_run(out, &text, &i, !done, kind) < 0)
            return -1;
    } while (!done && i < length);
    if (done)
        *done = i;
    return 0;
}

/*
 * Plain text of bytes that is not long, if the output has room for it already: most strings are like
 * this. A function of its own, so that nothing is set up for other text.
 */
static inline bool escape_short(struct pyon_out *out, const void *data, size_t length)
{
    char *p = out->cur;

    if (length > PLAIN_TEXT || (size_t)(out->end - p) < length + 2)
        return false;
    if (!(length < PLAIN_SIZE ? copy_plain(p + 1, data, length, '"')
                              : copy_plain_text(p + 1, data, length, '"')))
        return false;
    p[0] = '"';
    p[length + 1] = '"';
    set_end(out, p + length + 2);
    return true;
}

static NOINLINE int escape_latin_1(struct pyon_out *out, const void *data, size_t length,
                                   size_t *done)
{
    return escape(out, data, length, '"', done, LATIN_1);
}

static NOINLINE int escape_ucs_2(struct pyon_out *out, const void *data, size_t length,
                                 size_t *done)
{
    return escape(out, data, length, '"', done, UCS_2);
}

static NOINLINE int escape_ucs_4(struct pyon_out *out, const void *data, size_t length,
                                 size_t *done)
{
    return escape(out, data, length, '"', done, UCS_4);
}

static NOINLINE int escape_utf_8(struct pyon_out *out, const void *data, size_t length)
{
    return escape(out, data, length, '"', NULL, UTF_8);
}

int pyon_escape_part(struct pyon_out *out, const void *data, size_t length, unsigned width,
                     size_t *done)
{
    PYON_ASSERT(width == 1 || width == 2 || width == 4);
    if (width == 1)
        return escape_latin_1(out, data, length, done);
    return width == 2 ? escape_ucs_2(out, data, length, done)
                      : escape_ucs_4(out, data, length, done);
}

int pyon_escape(struct pyon_out *out, const void *data, size_t length, unsigned width)
{
    if (PYON_LIKELY(width == 1) && escape_short(out, data, length))
        return 0;
    return pyon_escape_part(out, data, length, width, NULL);
}

int pyon_escape_utf8(struct pyon_out *out, const char *text, size_t length)
{
    if (escape_short(out, text, length))
        return 0;
    return escape_utf_8(out, text, length);
}

int pyon_escape_bytes(struct pyon_out *out, const void *data, size_t length, char quote,
                      size_t *done)
{
    return escape(out, data, length, quote, done, BYTES);
}
