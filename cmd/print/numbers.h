/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Many numbers: an array, or a list of nothing else. Their range, and how they look. */
#ifndef CMD_NUMBERS_H
#define CMD_NUMBERS_H

#include "print/brief.h"

/* One of the two. */
struct numbers {
    const struct pyon_array *array;
    const struct pyon_node *list;
    size_t count;
};

/* Is it an array of real numbers, or a list or tuple of some, and nothing else? At least `least` of them. */
bool numbers_of(struct numbers *numbers, const struct pyon_node *node, size_t least);

/* The n-th as a double. */
double numbers_get(const struct numbers *numbers, size_t n);

/* The n-th, or an element of an array of any kind. Reals have up to that many digits; 0 for all. */
bool numbers_put_one(struct line_text *line, const struct numbers *numbers, size_t n, int digits);

/* "[0.1 0.2 0.3 ... 9.8 9.9]", as many as there is room for; also of an array of any kind. */
void numbers_put(struct line_text *line, const struct numbers *numbers);

/* "min 0.1  max 9.9  mean 5.03" and a sparkline, if there is room for it. */
void numbers_put_summary(struct line_text *line, const struct numbers *numbers);

#endif
