# SPDX-License-Identifier: LGPL-3.0-or-later
"""Pipes that hold more, for streams and for the swap."""

try:
    import fcntl
except ImportError:  # not Unix
    fcntl = None

# As much as asyncio reads at once. More would not be faster, and what all pipes of a user may hold
# together is limited.
PIPE = 1 << 18


def enlarge(descriptor):
    """Makes a pipe hold so much, if it is one and the system lets us."""
    try:
        if fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) < PIPE:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE)
    except (AttributeError, OSError):  # not Linux, no pipe, or too many of them
        pass
