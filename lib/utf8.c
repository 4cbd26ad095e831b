/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading UTF-8: utf8.h says which text is accepted. */
#include "utf8.h"

#include "vector.h"

const char *pyon_utf8_next(const char *p, const char *end, uint32_t *code_point)
{
    unsigned char first = (unsigned char)*p++;
    uint32_t c, least;
    int more;

    if (first < 0x80) {
        *code_point = first;
        return p;
    }
    if (first >= 0xc2 && first < 0xe0) {
        c = first & 0x1f;
        more = 1;
        least = 0x80;
    } else if (first >= 0xe0 && first < 0xf0) {
        c = first & 0x0f;
        more = 2;
        least = 0x800;
    } else if (first >= 0xf0 && first < 0xf5) {
        c = first & 0x07;
        more = 3;
        least = 0x10000;
    } else {
        return NULL;
    }
    if (end - p < more)
        return NULL;
    for (; more > 0; more--, p++) {
        if (((unsigned char)*p & 0xc0) != 0x80)
            return NULL;
        c = c << 6 | ((unsigned char)*p & 0x3f);
    }
    if (c < least || c > 0x10ffff)
        return NULL;
    *code_point = c;
    return p;
}

size_t pyon_utf8_valid(const char *text, size_t length)
{
    const char *p = text, *end = text + length;
    uint32_t c;

    while (p < end) {
        const char *next;

        if (!(*p & 0x80) && end - p >= VECTOR_SIZE) {
            uint64_t wide = vector_mask(vector_tops(vector_load(p)));

            p += wide ? mask_first(wide) : VECTOR_SIZE;
            continue;
        }
        next = pyon_utf8_next(p, end, &c);
        if (!next)
            break;
        p = next;
    }
    return (size_t)(p - text);
}
