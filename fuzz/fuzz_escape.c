/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Writing strings and bytes. The input is both: code points of each width, and bytes. The output is
 * compared with that of a simple definition, which takes one character at a time.
 */
#include "pyon_host.h"
#include "support/fuzz.h"
#include "utf8.h"

static char *escape_unit(char *p, uint32_t c)
{
    static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *name = c > 0 && c < 0x80 ? strchr(names, (int)c) : NULL;

    if (name)
        return p + sprintf(p, "\\%c", letters[name - names]);
    return p + sprintf(p, c >= ' ' && c <= '~' ? "%c" : "\\u%04x", (int)c);
}

/* The text ends with its block. */
static char *escape(char *p, const uint32_t *points, size_t count)
{
    *p++ = '"';
    for (size_t i = 0; i < count; i++)
        if (points[i] < 0x10000)
            p = escape_unit(p, points[i]);
        else
            p = escape_unit(escape_unit(p, 0xd7c0 + (points[i] >> 10)),
                            0xdc00 | (points[i] & 0x3ff));
    *p++ = '"';
    return p;
}

/* As Python's repr(). */
static char *represent(char *p, const uint8_t *data, size_t size)
{
    bool single = size > 0 && memchr(data, '\'', size),
         twofold = size > 0 && memchr(data, '"', size);
    char quote = single && !twofold ? '"' : '\'';

    p += sprintf(p, "b%c", quote);
    for (size_t i = 0; i < size; i++) {
        uint8_t c = data[i];

        if (c == (uint8_t)quote || c == '\\')
            p += sprintf(p, "\\%c", c);
        else if (c == '\t' || c == '\n' || c == '\r')
            p += sprintf(p, "\\%c", c == '\t' ? 't' : c == '\n' ? 'n' : 'r');
        else
            p += sprintf(p, c >= ' ' && c <= '~' ? "%c" : "\\x%02x", c);
    }
    *p++ = quote;
    return p;
}

/* Is that the output? */
static void compare(struct pyon_out *out, int status, const char *expected, size_t length)
{
    if (status < 0 || (size_t)(out->cur - out->start) != length ||
        memcmp(out->start, expected, length) != 0) {
        if (out->cur < out->end || out->grow(out, 1) == 0)
            *out->cur = '\0';
        fuzz_fail(out->start, expected);
    }
    pyon_out_free(out);
}

static void check_points(const void *data, unsigned width, const char *expected, size_t length,
                         size_t count)
{
    struct pyon_part part = {0};
    struct pyon_out out;
    struct pyon_writer writer;
    int status;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, false);
    status = pyon_write_code_points(&writer, data, count, width);
    compare(&out, status, expected, length);
    do
        status = pyon_write_code_points_part(&writer, data, count, width, &part);
    while (status == 0 && part.done < count);
    compare(&out, status, expected, length);
}

/* The first code points, in all widths that hold them and as UTF-8. */
static void check_text(const uint32_t *points, size_t count)
{
    uint8_t *narrow = malloc(count + 1);
    uint16_t *medium = malloc(2 * count + 1);
    char *utf8 = malloc(4 * count + 1), *q = utf8, *expected = malloc(12 * count + 3), *end;
    struct pyon_out out;
    struct pyon_writer writer;
    uint32_t most = 0;
    size_t length;
    int status;

    if (!narrow || !medium || !utf8 || !expected)
        abort();
    for (size_t i = 0; i < count; i++) {
        most |= points[i];
        narrow[i] = (uint8_t)points[i];
        medium[i] = (uint16_t)points[i];
        q = pyon_utf8_put(q, points[i]);
    }
    end = escape(expected, points, count);
    length = (size_t)(end - expected);
    *end = '\0';
    check_points(points, 4, expected, length, count);
    if (most < 0x10000)
        check_points(medium, 2, expected, length, count);
    if (most < 0x100)
        check_points(narrow, 1, expected, length, count);
    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v1, true);
    status = pyon_write_string(&writer, utf8, (size_t)(q - utf8));
    compare(&out, status, expected, length);
    free(narrow);
    free(medium);
    free(utf8);
    free(expected);
}

static void check_bytes(const uint8_t *data, size_t size)
{
    char *expected = malloc(4 * size + 4), *end;
    struct pyon_part part = {0};
    struct pyon_out out;
    struct pyon_writer writer;
    int status;

    if (!expected)
        abort();
    end = represent(expected, data, size);
    *end = '\0';
    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v1, false);
    status = pyon_write_bytes(&writer, data, size);
    compare(&out, status, expected, (size_t)(end - expected));
    do
        status = pyon_write_bytes_part(&writer, data, size, &part);
    while (status == 0 && part.done < size);
    compare(&out, status, expected, (size_t)(end - expected));
    free(expected);
}

/* The first byte says how many code points have one byte; the others have four. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t narrow = size > 0 ? data[0] : 0, count = 0;
    uint32_t *points = malloc(4 * size + 4);

    if (!points)
        abort();
    for (size_t i = 1; i < size; count++)
        if (count < narrow || size - i < 4) {
            points[count] = data[i++];
        } else {
            memcpy(&points[count], data + i, 4);
            points[count] %= data[i] % 2 ? 0x110000 : 0x10000;
            i += 4;
        }
    check_text(points, count);
    check_bytes(data, size);
    free(points);
    return 0;
}
