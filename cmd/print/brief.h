/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values for people: on one line, no wider than there is room for. */
#ifndef CMD_BRIEF_H
#define CMD_BRIEF_H

#include <stdbool.h>
#include <stddef.h>

#include <pyon_tree.h>

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

/* Puts ASCII, if there is room for all of it. */
bool line_put(struct line_text *line, const char *text);
bool line_putf(struct line_text *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts a string in quotes, which is cut if it is too long: then its length follows. */
void line_put_string(struct line_text *line, const struct pyon_node *string);

/* Puts UTF-8 without quotes; what is no printable character is escaped. */
bool line_put_utf8(struct line_text *line, const char *text, size_t length);

/* Puts a whole value, as a literal in which NumPy scalars are numbers: false if there is no room. */
bool line_put_value(struct line_text *line, const struct pyon_node *node);

/* A number as people read it, with up to that many digits: "1.5", "3e-07", "nan". */
bool line_put_real(struct line_text *line, double value, int digits);

/* Element number `index` of an array, in C order. */
bool line_put_element(struct line_text *line, const struct pyon_array *array, size_t index);

/* "float", "int32", "list of 3", "float64[3, 4]", ... */
bool line_put_type(struct line_text *line, const struct pyon_node *node);

#endif
