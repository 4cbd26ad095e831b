/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The end of a string body, found by vectors. Near the limit it is found byte by byte, so that no
 * load passes the limit. Each function returns the place where the body ends: the closing quote, or
 * a byte that cannot be in it (the limit included). It adds to `flags` the properties that it saw
 * before that place.
 *
 * The vector loop stops one byte early, so a backslash in a vector is always followed by another
 * byte of text.
 *
 * A vector is loaded once, however many escapes are in it. An example of eight bytes, a\"b"c\n:
 *
 *     text         a  \  "  b  "  c  \  n
 *     backslashes     x              x
 *     escapes         x              x         backslashes that are not shielded themselves
 *     quotes             x     x
 *     shielded           x              x      the bytes after escapes
 *     ends                     x               quotes that are not shielded
 *
 * If the last byte of a vector is an escape, its shield is carried to the next vector. (Compare
 * G. Langdale and D. Lemire, "Parsing gigabytes of JSON per second", 2019, 3.1.1. Backslashes in a
 * row are rare here, so a loop goes through them one by one.)
 */
#ifndef PYON_SCAN_H
#define PYON_SCAN_H

#include "cpu.h"
#include "lex/lexer.h"
#include "vector.h"

/* After this number of plain bytes in a row, a body is taken for a long one. */
#define SCAN_LONG 256

#if PYON_X86
/* Skips plain bytes. It may stop up to 64 bytes before the first other byte: a quote, a backslash,
   a control character, or the limit. Sets `wide` if there were bytes above 0x7f. */
PYON_INTERNAL const char *pyon_scan_plain_avx2(const char *p, const char *limit, char quote,
                                               bool *wide);

/* The first quote, backslash or control character from `p` on, or a byte above 0x7f before it. At
   least FIND_BEFORE bytes of text are before `p`, and `limit` is the place of a NUL. */
PYON_INTERNAL const char *pyon_find_special_avx2(const char *p, const char *limit);
#define FIND_BEFORE 31
#endif

/* The same on the best processor; skips nothing on the others, where it would not pay. */
static inline const char *scan_plain(const char *p, const char *limit, char quote, bool *wide)
{
#if PYON_X86
    if (pyon_cpu >= PYON_CPU_AVX2)
        return pyon_scan_plain_avx2(p, limit, quote, wide);
#endif
    (void)limit, (void)quote, (void)wide;
    return p;
}

/* Those of the backslashes in a mask that begin an escape. `shielded` has the first byte if a
   backslash shields it. */
static inline uint64_t scan_escapes(uint64_t backslashes, uint64_t shielded)
{
    uint64_t escapes = 0;

    backslashes &= ~shielded;
    if (PYON_LIKELY(!(backslashes & mask_next(backslashes))))
        return backslashes;
    while (backslashes) {
        uint64_t first = backslashes & (0 - backslashes);

        escapes |= first;
        backslashes &= ~(first | mask_next(first));
    }
    return escapes;
}

/* Version 2: ends at a quote or a control character. */
static inline const char *scan_json_string(const char *p, const char *limit, unsigned *flags)
{
    const struct vector backslash = vector_splat('\\'), quote = vector_splat('"');
    const struct vector control = vector_splat(' ' - 1);
    struct vector plain = vector_splat('\0');
    uint64_t escaped = 0, shielded = 0, wide = 0, ends = 0;
    bool long_wide = false;
    unsigned run = 0; /* vectors in a row that were plain */

    for (; limit - p > VECTOR_SIZE; p += VECTOR_SIZE) {
        struct vector x = vector_load(p);
        struct vector backslashes = vector_equal(x, backslash);
        struct vector others = vector_or(vector_equal(x, quote), vector_at_most(x, control));
        uint64_t special = vector_mask(vector_or(backslashes, others)), escapes, before;

        if (!(special | shielded)) {
            plain = vector_or(plain, x);
            if (++run == SCAN_LONG / VECTOR_SIZE)
                p = scan_plain(p + VECTOR_SIZE, limit, '"', &long_wide) - VECTOR_SIZE;
            continue;
        }
        run = 0;
        escapes = scan_escapes(vector_mask(backslashes), shielded);
        ends = vector_mask(others) & ~(mask_next(escapes) | shielded);
        before = (ends & (0 - ends)) - 1; /* the bytes before the first end; all if there is none */
        escaped |= escapes & before;
        wide |= vector_mask(vector_tops(x)) & before;
        if (ends)
            break;
        shielded = mask_carry(escapes);
    }
    wide |= vector_mask(vector_tops(plain)) | long_wide;
    if (ends) {
        p += mask_first(ends);
    } else {
        p -= shielded != 0; /* back to the backslash */
        for (; (unsigned char)*p >= ' ' && *p != '"'; p++) {
            if (*p == '\\') {
                if (limit - p < 2)
                    break;
                escaped = 1;
                p++;
            }
            wide |= *p & 0x80;
        }
    }
    *flags |= (escaped ? PYON_STRING_ESCAPED : 0) | (wide ? PYON_STRING_WIDE : 0);
    return p;
}

/* The length of the line end at `p`; 0 if there is none. */
static inline size_t scan_line_end(const char *p)
{
    if (p[0] == '\r')
        return p[1] == '\n' ? 2 : 1;
    return p[0] == '\n';
}

/*
 * The first byte of the mask `ends` that ends a body; NULL if none does. The mask has unshielded
 * quotes and, unless `triple`, line ends. `p` is the start of the vector, `start` of the body.
 */
static inline const char *scan_python_end(const char *start, const char *p, uint64_t ends,
                                          char quote, bool triple)
{
    for (; ends; ends &= ends - 1) {
        const char *end = p + mask_first(ends);

        /* With triple quotes, one or two of them are text. Otherwise a "\n" after a "\r" that did
           not end the body belongs to it: a backslash shields a whole line end. */
        if (triple ? end[1] == quote && end[2] == quote
                   : *end != '\n' || end == start || end[-1] != '\r')
            return end;
    }
    return NULL;
}

/*
 * Version 1. The body ends at `quote`; if `triple`, at three of them; else also at a line end.
 * "\r" and "\r\n" count as "\n", so the value of a body that has them is not the text itself.
 */
static inline const char *scan_python_string(const char *p, const char *limit, char quote,
                                             bool triple, unsigned *flags)
{
    const struct vector backslash = vector_splat('\\'), quotes = vector_splat(quote);
    const struct vector carriage = vector_splat('\r'), line = vector_splat(triple ? quote : '\n');
    /* A raw string keeps the backslash, which shields the quote after it there too. */
    const bool raw = *flags & PYON_STRING_RAW;
    const char *start = p, *end = NULL;
    struct vector plain = vector_splat('\0');
    uint64_t escaped = 0, shielded = 0, wide = 0;
    bool long_wide = false;
    unsigned run = 0;

    for (; limit - p > VECTOR_SIZE; p += VECTOR_SIZE) {
        struct vector x = vector_load(p);
        struct vector backslashes = vector_equal(x, backslash);
        struct vector returns = vector_equal(x, carriage);
        struct vector others = vector_or(vector_equal(x, quotes), vector_equal(x, line));
        uint64_t special = vector_mask(vector_or(vector_or(backslashes, returns), others));
        uint64_t escapes, ends, before = ~(uint64_t)0;

        if (!(special | shielded)) {
            plain = vector_or(plain, x);
            if (++run == SCAN_LONG / VECTOR_SIZE)
                p = scan_plain(p + VECTOR_SIZE, limit, quote, &long_wide) - VECTOR_SIZE;
            continue;
        }
        run = 0;
        escapes = scan_escapes(vector_mask(backslashes), shielded);
        ends = vector_mask(triple ? others : vector_or(others, returns));
        end = scan_python_end(start, p, ends & ~(mask_next(escapes) | shielded), quote, triple);
        if (end)
            before = mask_before(before, (size_t)(end - p));
        escaped |= ((raw ? 0 : escapes) | vector_mask(returns)) & before;
        wide |= vector_mask(vector_tops(x)) & before;
        if (end)
            break;
        shielded = mask_carry(escapes);
    }
    wide |= vector_mask(vector_tops(plain)) | long_wide;
    if (!end) {
        p -= shielded != 0; /* back to the backslash */
        if (!triple && p > start && p[-1] == '\r' && *p == '\n')
            p++; /* the rest of a shielded line end */
        /* Byte by byte: a backslash takes the next byte along, and "\r\n" is one line end. */
        for (end = p; end < limit; end++) {
            if (*end == '\\') {
                escaped |= !raw;
                end++;
            } else if (triple ? *end == quote && end[1] == quote && end[2] == quote
                              : *end == quote || scan_line_end(end)) {
                break;
            }
            wide |= *end & 0x80;
            escaped |= *end == '\r';
            end += scan_line_end(end) > 1;
        }
        if (end > limit) /* a backslash is the last byte */
            end = limit;
    }
    *flags |= (escaped ? PYON_STRING_ESCAPED : 0) | (wide ? PYON_STRING_WIDE : 0);
    return end;
}

#endif
