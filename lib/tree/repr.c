/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Strings as repr() writes them: see repr.h. */
#include "tree/repr.h"

#include "utf8.h"

#define ESCAPE 10 /* bytes of the longest escape, \U0001f600 */
#define RUN 1024  /* characters per reservation */

static char *put_hex(char *p, char letter, uint32_t c, unsigned digits)
{
    static const char hex[] = "0123456789abcdef";

    *p++ = '\\';
    *p++ = letter;
    for (unsigned i = digits; i-- > 0;)
        *p++ = hex[c >> 4 * i & 15];
    return p;
}

static char *put_short(char *p, char c)
{
    *p++ = '\\';
    *p++ = c;
    return p;
}

static char *put(char *p, uint32_t c, char quote)
{
    if (c == (unsigned char)quote || c == '\\')
        return put_short(p, (char)c);
    if (c == '\n')
        return put_short(p, 'n');
    if (c == '\r')
        return put_short(p, 'r');
    if (c == '\t')
        return put_short(p, 't');
    if (c >= ' ' && c <= '~') {
        *p++ = (char)c;
        return p;
    }
    if (c <= 0xff)
        return put_hex(p, 'x', c, 2);
    return c <= 0xffff ? put_hex(p, 'u', c, 4) : put_hex(p, 'U', c, 8);
}

/* Double quotes only if the text has single ones and no double ones. */
static char choose_quote(const char *utf8, size_t length)
{
    if (length == 0 || !memchr(utf8, '\'', length))
        return '\'';
    return memchr(utf8, '"', length) ? '\'' : '"';
}

int pyon_write_repr(struct pyon_writer *writer, const char *utf8, size_t length)
{
    const char *end = utf8 + length, quote = choose_quote(utf8, length);
    char buffer[RUN * ESCAPE];

    if (pyon_write_raw(writer, &quote, 1) < 0)
        return -1;
    while (utf8 < end) {
        char *p = buffer;

        while (utf8 < end && (size_t)(p - buffer) <= sizeof buffer - ESCAPE) {
            uint32_t c;

            utf8 = pyon_utf8_next(utf8, end, &c);
            if (!utf8) {
                writer->out->code = PYON_ERROR_UTF8;
                return -1;
            }
            p = put(p, c, quote);
        }
        if (pyon_write_raw(writer, buffer, (size_t)(p - buffer)) < 0)
            return -1;
    }
    return pyon_write_raw(writer, &quote, 1);
}
