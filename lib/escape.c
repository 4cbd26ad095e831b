/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escaping: runs of plain characters are copied, the rest goes one by one.
 *
 * Room is reserved for runs of a bounded number of characters at a time, each as long as it can
 * get, so that the inner loops store without a check and the output stays close to its content.
 */
#include "escape.h"

#include "utf8.h"

#define RUN 512        /* characters between two reservations */
#define LONGEST 12     /* bytes that one code point may become: a surrogate pair */
#define LONGEST_BYTE 4 /* bytes that one byte may become: \xNN */

static const char hex_digits[16] = "0123456789abcdef";

static inline bool is_plain(uint32_t c)
{
    return c - ' ' < 0x7f - ' ' && c != '"' && c != '\\';
}

/* The letter behind the backslash, or 0 for characters that have none. */
static char short_escape(uint32_t c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    default:
        return 0;
    }
}

static char *put_unit(char *p, uint32_t unit)
{
    *p++ = '\\';
    *p++ = 'u';
    *p++ = hex_digits[unit >> 12 & 15];
    *p++ = hex_digits[unit >> 8 & 15];
    *p++ = hex_digits[unit >> 4 & 15];
    *p++ = hex_digits[unit & 15];
    return p;
}

/* One code point; at most LONGEST bytes. */
static inline char *put_escaped(char *p, uint32_t c)
{
    if (PYON_LIKELY(is_plain(c))) {
        *p++ = (char)c;
    } else if (short_escape(c)) {
        *p++ = '\\';
        *p++ = short_escape(c);
    } else if (c < 0x10000) {
        p = put_unit(p, c);
    } else {
        p = put_unit(p, 0xd800 + ((c - 0x10000) >> 10));
        p = put_unit(p, 0xdc00 + ((c - 0x10000) & 0x3ff));
    }
    return p;
}

/* Are all eight bytes plain? Each test leaves the top bit of its bytes set where it holds. */
static inline bool plain8(uint64_t x)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t below_space = x - ones * 0x20;
    uint64_t quote = (x ^ ones * '"') - ones;
    uint64_t backslash = (x ^ ones * '\\') - ones;
    uint64_t rubout = (x ^ ones * 0x7f) - ones;

    /* A borrow can only come from a lower byte that has itself failed: no false "plain". */
    return !((x | below_space | quote | backslash | rubout) & tops);
}

/* Copies the plain bytes at the start, at most `length`; returns how many. */
static inline size_t copy_plain(char *p, const unsigned char *data, size_t length)
{
    size_t i = 0;

    for (; i + 8 <= length; i += 8) {
        uint64_t x = load64(data + i);

        if (!plain8(x))
            break;
        store64(p + i, x);
    }
    for (; i < length && is_plain(data[i]); i++)
        p[i] = (char)data[i];
    return i;
}

static int escape_bytes1(struct pyon_out *out, const unsigned char *data, size_t length)
{
    while (length > 0) {
        size_t run = length < RUN ? length : RUN;
        const unsigned char *stop = data + run;
        char *p;

        if (reserve(out, run * LONGEST) < 0)
            return -1;
        p = out->cur;
        while (data < stop) {
            size_t plain = copy_plain(p, data, (size_t)(stop - data));

            p += plain;
            data += plain;
            for (; data < stop && !is_plain(*data); data++)
                p = put_escaped(p, *data);
        }
        out->cur = p;
        length -= run;
    }
    return 0;
}

static int escape_wide(struct pyon_out *out, const void *data, size_t length, unsigned width)
{
    const uint16_t *units = data;
    const uint32_t *code_points = data;

    for (size_t i = 0; i < length;) {
        size_t stop = length - i < RUN ? length : i + RUN;
        char *p;

        if (reserve(out, (stop - i) * LONGEST) < 0)
            return -1;
        p = out->cur;
        for (; i < stop; i++)
            p = put_escaped(p, width == 2 ? units[i] : code_points[i]);
        out->cur = p;
    }
    return 0;
}

int pyon_escape(struct pyon_out *out, const void *data, size_t length, unsigned width)
{
    if (width == 1)
        return escape_bytes1(out, data, length);
    return escape_wide(out, data, length, width);
}

int pyon_escape_utf8(struct pyon_out *out, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end) {
        if (reserve(out, RUN * LONGEST) < 0)
            return -1;
        for (int i = 0; i < RUN && text < end; i++) {
            uint32_t c;

            text = pyon_utf8_next(text, end, &c);
            if (!text) {
                out->code = PYON_ERROR_UTF8;
                return -1;
            }
            out->cur = put_escaped(out->cur, c);
        }
    }
    return 0;
}

static char *put_byte(char *p, unsigned char c, char quote)
{
    if (c == (unsigned char)quote || c == '\\') {
        *p++ = '\\';
        *p++ = (char)c;
    } else if (c == '\t' || c == '\n' || c == '\r') {
        *p++ = '\\';
        *p++ = short_escape(c);
    } else if (c < ' ' || c >= 0x7f) {
        *p++ = '\\';
        *p++ = 'x';
        *p++ = hex_digits[c >> 4];
        *p++ = hex_digits[c & 15];
    } else {
        *p++ = (char)c;
    }
    return p;
}

int pyon_escape_bytes(struct pyon_out *out, const unsigned char *data, size_t length, char quote)
{
    for (size_t i = 0; i < length;) {
        size_t stop = length - i < RUN ? length : i + RUN;
        char *p;

        if (reserve(out, (stop - i) * LONGEST_BYTE) < 0)
            return -1;
        p = out->cur;
        for (; i < stop; i++)
            p = put_byte(p, data[i], quote);
        out->cur = p;
    }
    return 0;
}
