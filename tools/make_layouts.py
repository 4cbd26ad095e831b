#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes lib/number/ftoa_layouts.h, the layouts by which lib/number/ftoa_avx512.c turns digits into text.

    python3 tools/make_layouts.py [lib/number/ftoa_layouts.h]    writes to the file, or to stdout
"""

import sys

POINTS = range(-3, 17)
DIGITS = 17
SIZE = 32

HEADER = """\
/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The layouts of numbers: where each byte of a text comes from. Made by tools/make_layouts.py:
 * change that, not this.
 *
 * There is one for each place of the point from %d to %d, first without a sign, then with one.
 * A byte is (digits >> shift & mask) | fixed, where `digits` are 64 bits with the first digit in
 * the lowest: digits 1 to 16 in the first 16 bytes of a text, 2 to 17 in the others.
 */
#ifndef PYON_FTOA_LAYOUTS_H
#define PYON_FTOA_LAYOUTS_H

#include "base.h"

#define LAYOUT_MIN (%d)
#define LAYOUT_MAX %d
#define LAYOUT_SIGNED %d

/* clang-format off */
"""

FOOTER = """\
/* clang-format on */

#endif
"""


def template(point, sign):
    """Characters, and numbers of digits (from 0)."""
    digits = list(range(DIGITS))
    if point > 0:
        digits.insert(point, ".")
    else:
        digits = ["0", "."] + ["0"] * -point + digits
    digits = ["-"] * sign + digits
    return digits + ["0"] * (SIZE - len(digits))


def shift(place, byte):
    if isinstance(byte, str):
        return 0
    first = 0 if place < 16 else 1
    assert 0 <= byte - first < 16
    return 4 * (byte - first)


def write_lines(file, indent, values):
    """Comma-separated, 16 a line."""
    lines = [", ".join(map(str, values[i : i + 16])) for i in range(0, len(values), 16)]
    file.write((",\n" + indent).join(lines))


def write_table(file, name, rows):
    file.write("_Alignas(64) static const unsigned char %s[%d][%d] = {\n" % (name, len(rows), SIZE))
    for row in rows:
        file.write("    {")
        write_lines(file, "     ", row)
        file.write("},\n")
    file.write("};\n\n")


def write_values(file, name, values):
    file.write("_Alignas(64) static const unsigned char %s = {\n    " % name)
    write_lines(file, "    ", values)
    file.write(",\n};\n")


def write_header(file):
    file.write(HEADER % (POINTS[0], POINTS[-1], POINTS[0], POINTS[-1], len(POINTS)))
    rows = [template(point, sign) for sign in (0, 1) for point in POINTS]
    fixed = [[ord(byte) if isinstance(byte, str) else ord("0") for byte in row] for row in rows]
    masks = [[0 if isinstance(byte, str) else 15 for byte in row] for row in rows]
    shifts = [[shift(place, byte) for place, byte in enumerate(row)] for row in rows]
    write_table(file, "layout_shift", shifts)
    write_table(file, "layout_mask", masks)
    write_table(file, "layout_fixed", fixed)
    file.write("/* Pairs of digits from 0 to 99, four bits each, the first in the lower half. */\n")
    write_values(file, "packed_pairs[128]", [n // 10 + n % 10 * 16 for n in range(100)])
    file.write(FOOTER)


def main(arguments):
    if arguments:
        with open(arguments[0], "w") as file:
            write_header(file)
    else:
        write_header(sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
