# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files that are replaced whole or not at all."""

import contextlib
import io
import os
import shutil
import stat
import tempfile

from fastpyon import _core


def _sync_directory(directory):
    """Makes a rename in ``directory`` outlast a loss of power, where the system can.

    The file has been stored by now, so what fails here is no failure of the whole.
    """
    with contextlib.suppress(OSError, AttributeError):  # no O_DIRECTORY on Windows
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _keep(filename, backup):
    """Gives ``filename`` the second name ``backup``, which must be free; a symlink is kept as one."""
    try:
        os.link(filename, backup, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # no hard links there
        try:
            shutil.copy2(filename, backup, follow_symlinks=False)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(backup)
            raise


def _write(file, text):
    """Writes a str to an unbuffered binary file in UTF-8, with the line ends of the system."""
    if os.linesep != "\n":
        text = text.replace("\n", os.linesep)
    if text.isascii():
        _core.write_text(file.write, text)
        return
    with memoryview(text.encode("utf-8")) as data:
        written = 0
        while written < len(data):
            written += file.write(data[written:])


def replace(filename, write, backup=None):
    """Puts what ``write(file)`` writes into an unbuffered binary file in the place of a file.

    It goes into a new file in the same directory, which takes the place of ``filename``
    once it is on the disk. After an exception ``filename`` is what it was, and nothing new is
    beside it, unless a signal comes when all is done. As in the reference, the mode is 0600, a
    symlink is replaced and not followed, and what is wrong with the directory is raised before
    what is wrong with the value.
    With ``backup``, the old file stays under that name.
    """
    directory = os.path.abspath(os.path.dirname(filename))
    file = tempfile.NamedTemporaryFile("wb", buffering=0, dir=directory, delete=False)
    made = [file.name]
    try:
        with file:
            write(file)
            os.fsync(file.fileno())
        if backup is not None:
            _keep(filename, backup)
            made.append(backup)
        os.replace(file.name, filename)
    except BaseException:
        if os.path.lexists(file.name):  # else it has been renamed, and a signal came behind that
            for name in made:
                with contextlib.suppress(OSError):
                    os.unlink(name)
        raise
    _sync_directory(directory)


def store(filename, make_texts, backup=None):
    """Replaces a file by the strs that ``make_texts()`` returns, in UTF-8."""

    def write(file):
        for text in make_texts():
            _write(file, text)

    replace(filename, write, backup)


def _read_plain(file):
    """The text of an unbuffered file if it is a regular one of ASCII without CR, else None."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        return None
    start = file.tell()
    text = _core.read_text(file.readinto, max(status.st_size - start, 0))
    if text is None or file.read(1):  # it has grown
        file.seek(start)
        return None
    return text


def load(filename):
    """The text of a file in UTF-8, with all line ends as LF."""
    with open(filename, "rb", buffering=0) as file:
        text = _read_plain(file)
        if text is None:
            with io.TextIOWrapper(io.BufferedReader(file), encoding="utf-8") as reader:
                text = reader.read()
    return text
