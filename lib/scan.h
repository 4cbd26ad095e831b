/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The end of a string body. Eight bytes a step where nothing of interest is in them, else one;
 * no load passes the limit. Each function returns where the body ends: at the closing quote, or
 * at whatever cannot be in it (the limit included), and adds to `flags` what it saw.
 */
#ifndef PYON_SCAN_H
#define PYON_SCAN_H

#include "lexer.h"

#define SCAN_ONES 0x0101010101010101u
#define SCAN_TOPS 0x8080808080808080u

/* Top bits set where a byte of `x` equals `c`; bytes above the lowest such may be set too. */
static inline uint64_t scan_equal(uint64_t x, char c)
{
    uint64_t difference = x ^ (SCAN_ONES * (unsigned char)c);

    return (difference - SCAN_ONES) & ~difference & SCAN_TOPS;
}

/* Version 2: ends at a quote or a control character. */
static inline const char *scan_json_string(const char *p, const char *limit, unsigned *flags)
{
    uint64_t wide = 0;

    for (;;) {
        unsigned char c;

        while (limit - p >= 8) {
            uint64_t x = load64(p);

            if (scan_equal(x, '"') | scan_equal(x, '\\') | ((x - SCAN_ONES * ' ') & ~x & SCAN_TOPS))
                break;
            wide |= x;
            p += 8;
        }
        /* Less than eight steps reach what was seen above; then eight at a time again. */
        for (c = (unsigned char)*p; c != '"' && c != '\\' && c >= ' '; c = (unsigned char)*++p)
            wide |= (uint64_t)c;
        if (c != '\\' || limit - p < 2)
            break;
        *flags |= PYON_STRING_ESCAPED;
        p += 2;
    }
    if (wide & SCAN_TOPS)
        *flags |= PYON_STRING_WIDE;
    return p;
}

/* The line end at `p`: its length, 0 if there is none. */
static inline size_t scan_line_end(const char *p)
{
    if (p[0] == '\r')
        return p[1] == '\n' ? 2 : 1;
    return p[0] == '\n';
}

/*
 * Version 1: ends at `quote`, at three of them if `triple`, and, unless triple, at a line end.
 * "\r" and "\r\n" count as "\n", so a body that has them is not the text itself.
 */
static inline const char *scan_python_string(const char *p, const char *limit, char quote,
                                             bool triple, unsigned *flags)
{
    uint64_t wide = 0;

    for (;; p++) {
        while (limit - p >= 8) {
            uint64_t x = load64(p);

            if (scan_equal(x, quote) | scan_equal(x, '\\') | scan_equal(x, '\r') |
                scan_equal(x, '\n'))
                break;
            wide |= x;
            p += 8;
        }
        if (p == limit)
            break;
        wide |= (unsigned char)*p;
        if (*p == quote) {
            if (!triple || (p[1] == quote && p[2] == quote))
                break;
        } else if (*p == '\\') {
            size_t line_end = scan_line_end(p + 1);

            /* Raw strings keep the backslash, but it shields the quote behind it there too. */
            if (!(*flags & PYON_STRING_RAW) || p[1] == '\r')
                *flags |= PYON_STRING_ESCAPED;
            if (limit - p < 2)
                return limit;
            wide |= (unsigned char)p[1];
            p += line_end ? line_end : 1;
        } else if (*p == '\r' || *p == '\n') {
            if (!triple)
                break;
            if (*p == '\r')
                *flags |= PYON_STRING_ESCAPED;
        }
    }
    if (wide & SCAN_TOPS)
        *flags |= PYON_STRING_WIDE;
    return p;
}

#endif
