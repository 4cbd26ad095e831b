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
#include "write/escape_table.h"
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

/* Writes the escape of a byte that is special in a bytes literal. */
static inline char *put_byte(char *p, unsigned char c, char quote)
{
    static const char hex_digits[] = "0123456789abcdef";

    *p++ = '\\';
    if (c == (unsigned char)quote || c == '\\') {
        *p++ = (char)c;
    } else if (c == '\t' || c == '\n' || c == '\r') {
        *p++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
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

/* Writes the escape of a code point that is special in a string. Its length is found by branches,
   which the processor guesses: so the text after it need not wait. */
static inline char *put_escaped(char *p, uint32_t c)
{
    if (is_pair(c))
        return put_code_point(p, c);
    if (c >= 0x80) {
        store_word(p, escape_unit(c));
        return p + 6;
    }
    store_word(p, load64_le(&escape_ascii[c]));
    return PYON_LIKELY(escape_ascii[c].length == 2) ? p + 2 : p + 6;
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
    if (kind == BYTES)
        return put_byte(p, (unsigned char)c, text->quote);
    return put_escaped(p, c);
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

/* ---- Characters beyond ASCII ---- */

#if PYON_X86
/* The bytes of a character; for UTF-8, of a part of one. */
FOR_EACH_KIND size_t width_of(enum kind kind)
{
    return kind == UCS_2 ? 2 : kind == UCS_4 ? 4 : 1;
}
#endif

/*
 * Writes `count` characters of a str from `i` on, whatever they are. The kernel reads steps of 16
 * bytes, of 8 in Latin-1: after the last character there are spaces up to the end of its step.
 */
FOR_EACH_KIND char *put_each(char *p, const struct text *text, size_t i, size_t count,
                             enum kind kind)
{
#if PYON_X86
    if (PYON_LIKELY(pyon_cpu >= PYON_CPU_SSSE3))
        return pyon_escape_beyond_ssse3(p, (const char *)text->data + i * width_of(kind), count,
                                        width_of(kind));
#endif
    for (size_t end = i + count; i < end; i++)
        p = kind == UCS_4 ? put_code_point(p, character(text, i, kind))
                          : put_unit(p, character(text, i, kind));
    return p;
}

/* The same for the rest of a text of wider code points, fewer than two vectors. */
FOR_EACH_KIND char *put_wide_rest(char *p, const struct text *text, size_t i, enum kind kind)
{
    const size_t count = text->length - i;
#if PYON_X86
    static const uint16_t spaces_2[8] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
    static const uint32_t spaces_4[4] = {' ', ' ', ' ', ' '};
    const size_t width = width_of(kind);
    char copy[PLAIN_SIZE * 4 + 16];
    const struct text rest = {copy, count, text->quote};

    PYON_ASSERT(count < PLAIN_SIZE);
    if (PYON_LIKELY(pyon_cpu >= PYON_CPU_SSSE3)) {
        memcpy(copy, (const char *)text->data + i * width, count * width);
        memcpy(copy + count * width, kind == UCS_2 ? (const void *)spaces_2 : spaces_4, 16);
        return put_each(p, &rest, 0, count, kind);
    }
#endif
    return put_each(p, text, i, count, kind);
}

/* Are more than three bits of a mask set? */
static inline bool is_dense(uint64_t mask)
{
    mask &= mask - 1;
    mask &= mask - 1;
    return mask & (mask - 1);
}

/* ---- Vectors with some special characters ---- */

/*
 * Escapes a vector of characters from `i` on, or `most` if they are fewer, with spaces after them;
 * two vectors can be read there. Of a str with many special characters, two vectors if `most` allows it. Moves `i` after
 * them, or after the UTF-8 sequence that the last one is a part of.
 */
FOR_EACH_KIND char *escape_vector(char *p, const struct text *text, size_t *i, size_t most,
                                  enum kind kind)
{
    size_t size = most < VECTOR_SIZE ? most : VECTOR_SIZE;
    size_t start = *i, at = 0; /* the text from start + at on goes to `p` */
    struct vector x = load(text, start, kind);
    uint64_t special = vector_mask(find_special(x, text->quote));

    vector_store(p, x);
    if ((kind == LATIN_1 || kind == UCS_2 || kind == UCS_4) && is_dense(special)) {
        if (most >= PLAIN_SIZE)
            size = PLAIN_SIZE;
        *i = start + size;
        return put_each(p, text, start, size, kind);
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

/* The places at which one of two vectors of bytes is beyond ASCII. */
static inline uint64_t tops_of(const unsigned char *data)
{
    return vector_mask(vector_tops(vector_or(vector_load(data), vector_load(data + VECTOR_SIZE))));
}

/* Escapes the rest, fewer than two vectors. Wider code points are taken one by one. */
FOR_EACH_KIND char *escape_rest(char *p, const struct text *text, size_t i, enum kind kind)
{
    unsigned char copy[PLAIN_SIZE + VECTOR_SIZE];
    const struct text rest = {copy, text->length - i, text->quote};
    const unsigned char *data = text->data;

    PYON_ASSERT(i <= text->length && rest.length < PLAIN_SIZE);
    if (rest.length == 0)
        return p;
    if (kind == UCS_2 || kind == UCS_4)
        return put_wide_rest(p, text, i, kind);
    if (copy_plain(p, data + i, rest.length, text->quote))
        return p + rest.length;
    memset(copy, ' ', sizeof copy);
    memcpy(copy, data + i, rest.length);
    if (kind == LATIN_1 && is_dense(tops_of(copy)))
        return put_each(p, &rest, 0, rest.length, kind);
    i = kind == LATIN_1 ? escape_quotes(&p, &rest, 0, rest.length) : 0;
    while (p && i < rest.length)
        p = escape_vector(p, &rest, &i, rest.length - i, kind);
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
            p = escape_vector(p, text, i, stop - *i, kind);
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
