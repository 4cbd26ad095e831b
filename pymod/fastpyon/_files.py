# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files that are replaced whole or not at all, and errors that say which file they are about.

A new file has no name while it is written (O_TMPFILE), so nothing of it is left if the process
ends. Once it is on the disk it gets a name beside the old one, since only a name can take the
place of another, and is renamed. A process that is killed between these two calls leaves a whole
file under a name that the next one knows, and removes: it is locked as long as its maker lives.
Where files must have names (NFS, other systems than Linux) it has one from the beginning, and where
it can be given none (no /proc, no links) it is copied into one that has.
"""

import contextlib
import errno
import fcntl
import functools
import io
import json
import os
import shutil
import stat
import tempfile

from fastpyon import _core


def _sync(descriptor):
    """Puts a file on the disk, unless the file system cannot do that."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _sync_directory(directory):
    """Makes a new name in ``directory`` outlast a loss of power, where the system can.

    The file has been stored by now, so what fails here is no failure of the whole.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write(file, data):
    """Writes all of a bytes-like object to an unbuffered file."""
    with memoryview(data) as data:
        written = 0
        while written < len(data):
            count = file.write(data[written:])
            if not count:
                raise OSError("a file takes no more bytes")
            written += count


# ---- Names -------------------------------------------------------------------------------------


def _beside(filename):
    """The name that a new file has for a moment, of a length that is allowed."""
    directory, name = os.path.split(os.fsdecode(filename))
    return os.path.join(directory, f".{name[:50]}.fastpyon")


def _exists(name):
    """Is there anything? What cannot be told is raised."""
    try:
        os.lstat(name)
    except FileNotFoundError:
        return False
    return True


def _is(descriptor, name):
    """Is it the open file that has this name?"""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(name))
    except OSError:
        return False


def _remove(names):
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _remove_abandoned(name):
    """Removes what is left of a process that was killed, if it is: nobody has it locked."""
    with contextlib.suppress(OSError):
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(descriptor, name):
                os.unlink(name)
        finally:
            os.close(descriptor)


def _create(directory):
    """A new file: its descriptor, and a list of its name, or of none."""
    if hasattr(os, "O_TMPFILE"):
        with contextlib.suppress(OSError):  # what is wrong with the directory is so below, too
            return os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o600), []
    descriptor, name = tempfile.mkstemp(dir=directory)
    return descriptor, [name]


def _give_name(descriptor, filename, names):
    """Gives a file a name beside ``filename``, which is in the list ``names`` even before."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    name = _beside(filename)
    while True:
        _remove_abandoned(name)
        names[:] = [name]
        try:
            # With a directory, whichever, Python lets the system follow the link in /proc.
            os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=descriptor)
            return
        except FileExistsError:  # somebody else is storing the file
            name = f"{_beside(filename)}-{os.urandom(4).hex()}"


def _copy_to_name(descriptor, directory, names):
    """Makes the descriptor that of a copy which has a name."""
    with open(os.dup(descriptor), "rb", buffering=0) as source:
        new, name = tempfile.mkstemp(dir=directory)
        names[:] = [name]
        os.dup2(new, descriptor, inheritable=False)
        os.close(new)
        source.seek(0)
        while os.sendfile(descriptor, source.fileno(), None, 1 << 30):
            pass
    _sync(descriptor)


# ---- Replacing ---------------------------------------------------------------------------------


def _copy(filename, name):
    """Makes a copy that is on the disk. Whoever has the name already keeps it (FileExistsError)."""
    if os.path.islink(filename):
        os.symlink(os.readlink(filename), name)
    elif not os.path.isfile(filename):
        raise shutil.SpecialFileError(f"{_shown(filename)!r} is not a regular file")
    else:
        with open(filename, "rb") as file, open(name, "xb", opener=functools.partial(os.open, mode=0o600)) as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            _sync(copy.fileno())
        shutil.copystat(filename, name, follow_symlinks=False)


def _double(filename, name):
    """Makes a hard link, or a copy where there are none; a symlink is kept as one."""
    try:
        os.link(filename, name, follow_symlinks=False)
    except (FileExistsError, FileNotFoundError):
        raise
    except (OSError, NotImplementedError):
        _copy(filename, name)


def _keep(filename, backup):
    """Gives ``filename``, if there is one, the second name ``backup``, in the place of what has it."""
    name = _beside(filename) + "~"
    try:
        while _exists(filename):
            # Another process may do the same, or have been killed meanwhile. All begin anew until
            # they have put something in place.
            try:
                _double(filename, name)
                os.replace(name, backup)
                break
            except FileExistsError:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name)
            except FileNotFoundError:
                pass
    finally:
        _remove([name])  # also there if the file had both names before


def replace(filename, write, backup=None):
    """Puts what ``write(file)`` writes into an unbuffered binary file in the place of a file.

    It goes into a new file in the same directory, which takes the place of ``filename``
    once it is on the disk. After an exception ``filename`` is what it was, and nothing new is
    beside it, unless a signal comes when all is done. As in the reference, the mode is 0600, a
    symlink is replaced and not followed, and what is wrong with the directory is raised before
    what is wrong with the value.
    With ``backup``, the old file, if any, takes that name first. There is no moment without a file
    under ``filename``.
    """
    directory = os.path.abspath(os.path.dirname(filename))
    descriptor, names = _create(directory)
    fresh_backup = False
    try:
        with open(descriptor, "wb", buffering=0, closefd=False) as file:
            write(file)
        _sync(descriptor)
        if backup is not None:
            fresh_backup = not _exists(backup)
            _keep(filename, backup)
        if not names:
            try:
                _give_name(descriptor, filename, names)
            except OSError:
                _copy_to_name(descriptor, directory, names)
        os.replace(names[0], filename)
    except BaseException:
        if not _is(descriptor, filename):  # else a signal came when it had been renamed
            _remove([name for name in names if _is(descriptor, name)])
            if fresh_backup:
                _remove([backup])
        raise
    finally:
        with contextlib.suppress(OSError):  # what counts is what fsync said
            os.close(descriptor)
    _sync_directory(directory)


def store(filename, make_texts, backup=None):
    """Replaces a file by the strs that ``make_texts()`` returns, in UTF-8."""

    def write_texts(file):
        for text in make_texts():
            if text.isascii():
                _core.write_text(file.write, text)
            else:
                write(file, text.encode("utf-8"))

    replace(filename, write_texts, backup)


def backup_name(filename, backup):
    """The ``backup`` of replace() for that of store_file(): FILE~, or None."""
    if not backup:
        return None
    filename = os.fspath(filename)
    return filename + (b"~" if isinstance(filename, bytes) else "~")


def append(filename, write):
    """Lets ``write(file)`` go on at the end of a file, which is unbuffered and can be read, too."""
    with open(filename, "a+b", buffering=0) as file:
        write(file)
        _sync(file.fileno())
    _sync_directory(os.path.abspath(os.path.dirname(filename)))


# ---- Reading -----------------------------------------------------------------------------------


def _shown(filename):
    return str(filename) if isinstance(filename, int) else os.fsdecode(filename)


def name_in(error, filename, own=json.JSONDecodeError):
    """Makes an exception say which file it is about: in the message, if it is of the class ``own``.

    Classes that have a place for the name get it there, others a note, from Python 3.11 on: their
    messages may mean something to somebody.
    """
    name = _shown(filename)
    if isinstance(error, SyntaxError):
        error.filename = name
    elif isinstance(error, OSError):
        if error.filename is None:
            error.filename = name
    elif isinstance(error, own):
        error.args = (f"{error.args[0]} in {name!r}",)
    elif hasattr(error, "add_note"):
        error.add_note(f"in {name!r}")


def _place_in(error, filename):
    """The same for what is no UTF-8, with line and column."""
    lines = (error.object[: error.start] + b"?").splitlines()
    column = len(lines[-1].decode("utf-8"))
    error.reason += f": line {len(lines)} column {column} in {_shown(filename)!r}"


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


def _read(filename):
    """The text of a file in UTF-8, with all line ends as LF."""
    with open(filename, "rb", buffering=0) as file:
        text = _read_plain(file)
        if text is None:
            with io.TextIOWrapper(io.BufferedReader(file), encoding="utf-8") as reader:
                text = reader.read()
    return text


def load(filename, decode):
    """What ``decode`` makes of the text of a file."""
    try:
        text = _read(filename)
    except UnicodeDecodeError as error:
        _place_in(error, filename)
        raise
    except OSError as error:
        name_in(error, filename)
        raise
    try:
        return decode(text)
    except Exception as error:
        name_in(error, filename)
        raise
