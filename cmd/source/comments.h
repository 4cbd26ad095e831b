/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Comments of version 1, which would be lost if a text is rewritten. */
#ifndef CMD_COMMENTS_H
#define CMD_COMMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All is zero at first. */
struct comments {
    char quote;      /* of the string that is open, or 0 */
    unsigned quotes; /* that have come in a row: the string is opening, or a long one is closing */
    bool opening;    /* it is not yet known how many quotes open the string */
    bool is_long;    /* it has three quotes */
    bool escaped;    /* the next character belongs to a backslash */
    bool found;
    uint64_t offset; /* of the comment that was found first; before, of the next byte */
};

/* The next part of a text, which may end anywhere. */
void comments_look(struct comments *comments, const char *text, size_t size);

#endif
