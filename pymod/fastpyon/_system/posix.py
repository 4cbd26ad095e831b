# SPDX-License-Identifier: LGPL-3.0-or-later
"""Linux, macOS and other systems with POSIX."""

import errno
import fcntl
import os
import sys

PROGRAM = "pyon"  # the file of the command
SCRIPTS = "bin"  # the folder of programs, below the one that has Python


def enlarge_pipe(descriptor, size):
    """Makes a pipe hold so many bytes, if the descriptor is one and the system allows it."""
    try:
        if fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ) < size:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, size)
    except (AttributeError, OSError):  # not Linux, no pipe, or too many of them
        pass


# ---- Files -------------------------------------------------------------------------------------


opener = None  # of io.FileIO: files can be replaced while they are open


def read_at(descriptor, size, offset):
    """Returns up to so many bytes."""
    return os.pread(descriptor, size, offset)


def read_into(descriptor, buffer, offset):
    """Reads into a buffer, in any thread and process. Returns the number of bytes."""
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset)
    data = os.pread(descriptor, len(buffer), offset)
    buffer[: len(data)] = data
    return len(data)


def write_at(descriptor, data, offset):
    """Returns the number of bytes that have been written."""
    return os.pwrite(descriptor, data, offset)


def _sync_whole(descriptor):
    """On macOS, fsync() leaves the data in the memory of the disk."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    except OSError:  # the file system cannot do it
        os.fsync(descriptor)


# Puts the content of a file on the disk.
sync = _sync_whole if hasattr(fcntl, "F_FULLFSYNC") else os.fdatasync


def lock(descriptor):
    """Locks a file for this process. Returns False if another one has locked it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        return False
    return True


def unlock(descriptor):
    """Gives the lock back, also if a process made by fork has the file."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


# ---- Processes ---------------------------------------------------------------------------------


def at_fork(function):
    """Has a function called in each process that is made by fork."""
    os.register_at_fork(after_in_child=function)


def become(program, arguments):
    """Replaces this process by a program. ``arguments`` begins with its name."""
    os.execv(program, arguments)


def has_screen():
    """Is there a screen for windows?"""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
