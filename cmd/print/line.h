/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text for one line, no wider than there is room for. */
#ifndef CMD_LINE_H
#define CMD_LINE_H

#include "print/printf.h"

#include <stdbool.h>
#include <stddef.h>

/* Text that is put together for one line. */
struct line_text {
    char *data;
    size_t length, capacity;
    size_t width; /* columns so far */
    size_t room;  /* columns that there are */
    bool utf8;    /* may other characters than ASCII be shown? */
    bool full;    /* something did not fit, and is not there */
};

/* line_free() it. Without memory it is as if there were no room. */
void line_init(struct line_text *line, size_t room, bool utf8);
void line_free(struct line_text *line);

/* Takes back what was put after a copy of the line was made. */
void line_back(struct line_text *line, const struct line_text *before);

/* Puts ASCII, if there is room for all of it. */
bool line_put(struct line_text *line, const char *text);
bool line_putf(struct line_text *line, const char *format, ...) CMD_PRINTF(2, 3);

/* These put character by character, as many as there is room for: true if that is all of them. */
typedef bool line_putter(struct line_text *line, const char *text, size_t length);

line_putter line_put_ascii;
line_putter line_put_utf8;        /* characters that cannot be printed are escaped */
line_putter line_put_quoted;      /* the same in quotes */
line_putter line_put_byte_string; /* b"..." */

/* Puts a text. If there is no room for all of it, its beginning, dots and "(COUNT UNIT)"; then returns false. */
bool line_put_cut(struct line_text *line, line_putter *put, const char *text, size_t length,
                  size_t count, const char *unit);

/* The number of characters of UTF-8. */
size_t line_count(const char *text, size_t length);

#endif
