# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pipes that hold more, for streams and for the swap."""

try:
    import fcntl
except ImportError:  # not Unix
    fcntl = None

# Bytes: asyncio reads the same number at once. More would not be faster, and the system limits the bytes in all pipes
# of a user together.
PIPE = 1 << 18


def enlarge(descriptor):
    """Makes a pipe hold PIPE bytes, if the descriptor is one and the system allows it."""
    try:
        if fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) < PIPE:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE)
    except (AttributeError, OSError):  # not Linux, no pipe, or too many of them
        pass
