/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text for one line. Each function stops where the room ends, so the time does not depend on the size of
   the text. */
#include "print/line.h"

#include "print/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The line ---- */

void line_init(struct line_text *line, size_t room, bool utf8)
{
    size_t capacity = 4 * room + 64; /* a column is at most four bytes */

    *line = (struct line_text){.room = room, .utf8 = utf8};
    line->data = malloc(capacity);
    if (line->data)
        line->data[0] = '\0';
    line->capacity = line->data ? capacity : 0;
}

void line_free(struct line_text *line)
{
    free(line->data);
    line->data = NULL;
}

void line_back(struct line_text *line, const struct line_text *before)
{
    *line = *before;
    if (line->data)
        line->data[line->length] = '\0';
}

static bool put_bytes(struct line_text *line, const char *text, size_t size, size_t width)
{
    if (line->full || width > line->room - line->width || line->length + size >= line->capacity) {
        line->full = true;
        return false;
    }
    memcpy(line->data + line->length, text, size);
    line->length += size;
    line->width += width;
    line->data[line->length] = '\0';
    return true;
}

bool line_put(struct line_text *line, const char *text)
{
    size_t length = strlen(text);

    return put_bytes(line, text, length, length);
}

bool line_putf(struct line_text *line, const char *format, ...)
{
    char text[400];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof text) {
        line->full = true;
        return false;
    }
    return put_bytes(line, text, (size_t)size, (size_t)size);
}

/* ---- Characters ---- */

/* The bytes of the character at `text`, which is UTF-8 that the library has checked. */
static size_t size_of(const char *text)
{
    unsigned char c = (unsigned char)*text;

    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static unsigned long code_point(const char *text, size_t size)
{
    static const unsigned char firsts[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned long c = (unsigned char)text[0] & firsts[size];

    for (size_t i = 1; i < size; i++)
        c = c << 6 | ((unsigned char)text[i] & 0x3f);
    return c;
}

/* Is it shown as it is? Not what has no width. */
static bool is_shown(unsigned long c)
{
    return printable(c) && c != 0xad && (c < 0x300 || c > 0x36f) && (c < 0x200b || c > 0x200f) &&
           (c < 0x2060 || c > 0x206f) && c != 0xfeff && c < 0xe0000;
}

/* Characters of East Asia, and pictures, take two columns. */
static bool is_wide(unsigned long c)
{
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
           (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
           (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

static bool put_escape(struct line_text *line, unsigned long c)
{
    static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr";
    const char *letter = c > 0 && c < 0x20 ? strchr(letters, (int)c) : NULL;

    if (c == '\t' || c == '\n' || c == '\r' || c == '\b' || c == '\f')
        return letter && line_putf(line, "\\%c", letter[1]);
    return line_putf(line, c > 0xffff ? "\\U%08lx" : "\\u%04lx", c);
}

static bool put_character(struct line_text *line, const char *text, size_t size, char quote)
{
    unsigned long c = code_point(text, size);

    if (c == '\\' || (quote && c == (unsigned char)quote))
        return line_putf(line, "\\%c", (int)c);
    if (c >= 0x20 && c < 0x7f)
        return put_bytes(line, text, 1, 1);
    if (line->utf8 && is_shown(c))
        return put_bytes(line, text, size, is_wide(c) ? 2 : 1);
    return put_escape(line, c);
}

static bool put_characters(struct line_text *line, const char *text, size_t length, char quote)
{
    for (size_t i = 0, size; i < length; i += size) {
        size = size_of(text + i);
        if (!put_character(line, text + i, size, quote))
            return false;
    }
    return true;
}

bool line_put_utf8(struct line_text *line, const char *text, size_t length)
{
    return put_characters(line, text, length, '\0');
}

bool line_put_quoted(struct line_text *line, const char *text, size_t length)
{
    return line_put(line, "\"") && put_characters(line, text, length, '"') && line_put(line, "\"");
}

bool line_put_byte_string(struct line_text *line, const char *data, size_t size)
{
    if (!line_put(line, "b\""))
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        bool done = c < 0x20 || c >= 0x7f   ? line_putf(line, "\\x%02x", c)
                    : c == '"' || c == '\\' ? line_putf(line, "\\%c", c)
                                            : line_putf(line, "%c", c);

        if (!done)
            return false;
    }
    return line_put(line, "\"");
}

bool line_put_ascii(struct line_text *line, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!put_bytes(line, text + i, 1, 1))
            return false;
    return true;
}

size_t line_count(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i += size_of(text + i))
        count++;
    return count;
}

/* ---- Cutting ---- */

#define LEAST_CUT 8 /* columns of the value itself */

/* After a value that is cut: its length, if there is room for that. */
static void end_cut(struct line_text *line, size_t room, char *end, size_t size, size_t count,
                    const char *unit)
{
    snprintf(end, size, "... (%zu %s)", count, unit);
    if (strlen(end) + LEAST_CUT > room)
        end[3] = '\0';
    line->room = line->width + room - (strlen(end) < room ? strlen(end) : room);
}

bool line_put_cut(struct line_text *line, line_putter *put, const char *text, size_t length,
                  size_t count, const char *unit)
{
    const struct line_text before = *line;
    char end[64];

    if (put(line, text, length))
        return true;
    if (!before.data)
        return false;
    line_back(line, &before);
    end_cut(line, before.room - before.width, end, sizeof end, count, unit);
    put(line, text, length);
    line->room = before.room;
    line->full = false;
    line_put(line, end);
    return false;
}
