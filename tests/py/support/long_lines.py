# SPDX-License-Identifier: LGPL-3.0-or-later
"""The size of lines that are long for the swap."""

LONG = 3 << 20  # more than LONG_LINE of gather.c, and no multiple of the bytes that are read at once
