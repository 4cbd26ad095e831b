/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* See printable.h. */
#include "print/printable.h"

bool printable(unsigned long c)
{
    if (c < 0xa0)
        return c >= ' ' && c < 0x7f;
    return c != 0x61c && c != 0x200e && c != 0x200f && (c < 0x2028 || c > 0x202e) &&
           (c < 0x2066 || c > 0x2069) && (c < 0xd800 || c > 0xdfff) && c <= 0x10ffff;
}

size_t printable_size(const char *text, size_t size)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned long c = length == 1 ? first : first & (0x7fu >> length);

    if ((first >= 0x80 && first < 0xc2) || first >= 0xf5 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((unsigned char)text[i] & 0x3f);
    }
    return c >= least[length] && printable(c) ? length : 0;
}

size_t printable_put(FILE *stream, const char *text, size_t size)
{
    size_t count = 0, length;

    for (size_t i = 0; i < size; i += length) {
        length = printable_size(text + i, size - i);
        if (length > 0) {
            fwrite(text + i, length, 1, stream);
            count++;
        } else {
            fprintf(stream, "\\x%02x", (unsigned char)text[i]);
            length = 1;
            count += 4;
        }
    }
    return count;
}
