# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pipes that hold more, for streams and for the swap."""

from fastpyon import _system

# Bytes: asyncio reads the same number at once. More would not be faster, and the system limits the bytes in all pipes
# of a user together.
PIPE = 1 << 18


def enlarge(descriptor):
    """Makes a pipe hold PIPE bytes, if the descriptor is one and the system allows it."""
    _system.enlarge_pipe(descriptor, PIPE)
