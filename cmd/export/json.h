/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values as JSON for other programs. */
#ifndef CMD_JSON_H
#define CMD_JSON_H

#include <pyon_path.h>

/*
 * Writes a match as JSON without blanks: 0, or -1 with the code in the output.
 *   arrays and tuples, sets, slices     arrays
 *   NumPy scalars                       numbers
 *   complex numbers                     [real, imaginary]
 *   fractions                           strings, "1/3"
 *   bytes                               strings of base64
 *   keys that are no strings            their text in version 1
 *   calls of other names                {"name": [arguments]}
 *   NaN and infinities                  null
 */
int json_write(struct pyon_writer *writer, const struct pyon_match *match);

/* The number of an element of an array, or what JSON has for it. */
int json_write_element(struct pyon_writer *writer, const struct pyon_array *array, size_t index);

#endif
