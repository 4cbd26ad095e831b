# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files that commands write: whole, or not at all."""

import os
import stat

from fastpyon.database import files


def mode():
    """Returns the mode that the umask gives to a new file."""
    mask = os.umask(0o077)  # files that other threads make meanwhile are no one else's
    os.umask(mask)
    return 0o666 & ~mask


def _is_regular(path):
    """Is it a file that may be replaced, or none yet?"""
    status = files.look(path)
    return status is None or stat.S_ISREG(status.st_mode)


def write(path, data):
    """Writes a file, as ``store_file`` does: a full disk leaves the old one. What a link leads to is replaced, and
    not the link; what is no regular file, such as /dev/stdout, is written to."""
    if _is_regular(path):
        target = os.path.realpath(path) if os.path.islink(path) else path
        files.replace(target, lambda file: file.write(data), mode())
    else:
        with open(path, "wb") as file:
            file.write(data)
