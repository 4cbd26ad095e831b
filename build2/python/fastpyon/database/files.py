# SPDX-License-Identifier: LGPL-3.0-or-later
"""What snapshot and journal share: files that are replaced, and the name of a snapshot's content."""

import contextlib
import os
import stat
from collections import namedtuple

from fastpyon import _core
from fastpyon.database.errors import logger

Identity = namedtuple("Identity", "size, crc")  # of a snapshot: bytes, and crc32 (int)


def describe(identity):
    """Returns an Identity as journals have it; None for no file."""
    return identity and {"size": identity.size, "crc": f"{identity.crc:08x}"}


def identify(description):
    """Returns the Identity that a journal describes."""
    return description and Identity(description["size"], int(description["crc"], 16))


def signature(status):
    """Returns a value that differs after a file was replaced or written."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def close(file):
    """Closes a file that was read, or of which all that counts was synced. An error then has nothing to say."""
    with contextlib.suppress(OSError):
        file.close()


def absolute(path):
    """Returns the name of a file that stays right if the process goes into another folder."""
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def look(path):
    """Returns the status of a file, or None if there is none."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def replace(path, write, mode):
    """Replaces a file by what ``write(file)`` writes, as ``store_file`` does. It has the mode of the old one.

    A new one has ``mode``.
    """
    old = look(path)
    if old:
        mode = stat.S_IMODE(old.st_mode)
    _core.replace_file(path, write, None)
    try:
        os.chmod(path, mode)
    except OSError as error:  # the file is there, which is more important
        logger.warning("%r has the mode 0600: %s", path, error)
