# SPDX-License-Identifier: LGPL-3.0-or-later
"""Windows."""

import _winapi
import errno
import msvcrt
import os
import signal
import subprocess
import sys
import threading

PROGRAM = "pyon.exe"
SCRIPTS = "Scripts"

_SHARED = 7  # FILE_SHARE_READ, _WRITE and _DELETE
_OPEN_EXISTING = 3
_ATTRIBUTE_NORMAL = 0x80
# A lock of Windows keeps others from reading, so the byte that is locked lies after the content of any file.
_LOCKED_BYTE = 0x7FFFFFFE

_reading = threading.Lock()  # from the place of a file to the bytes there


def enlarge_pipe(descriptor, size):
    """Nothing: who makes a pipe says how much it holds."""


# ---- Files -------------------------------------------------------------------------------------


def opener(path, flags):
    """Opens a file that exists, so that others can replace it meanwhile: Python's own files do not allow that."""
    access = _winapi.GENERIC_READ
    if flags & os.O_RDWR:
        access |= _winapi.GENERIC_WRITE
    name = os.fsdecode(path)
    try:
        handle = _winapi.CreateFile(name, access, _SHARED, 0, _OPEN_EXISTING, _ATTRIBUTE_NORMAL, 0)
    except OSError as error:
        error.filename = name
        raise
    try:
        return msvcrt.open_osfhandle(handle, flags)
    except BaseException:
        _winapi.CloseHandle(handle)
        raise


def read_at(descriptor, size, offset):
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)


def read_into(descriptor, buffer, offset):
    with _reading:
        data = read_at(descriptor, len(buffer), offset)
    buffer[: len(data)] = data
    return len(data)


def write_at(descriptor, data, offset):
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.write(descriptor, data)


sync = os.fsync  # FlushFileBuffers


def lock(descriptor):
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError as error:
        if error.errno in (errno.EBADF, errno.EINVAL):  # else EACCES; in wine, none
            raise
        return False
    return True


def unlock(descriptor):
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)


# ---- Processes ---------------------------------------------------------------------------------


def at_fork(function):
    """Nothing: there is no fork."""


def become(program, arguments):
    """Runs a program, and ends this process as it does: a process cannot be replaced.

    Ctrl+C goes to both processes, and the program decides what it does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(subprocess.call(arguments, executable=program))


def has_screen():
    return True
