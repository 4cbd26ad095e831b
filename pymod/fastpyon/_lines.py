# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files of one value a line: the functions load_lines() and store_lines() of stream.py."""

from fastpyon import _core, _files, pyon
from fastpyon._stream_base import DecodeError, Decoder, pieces_of, version_of

_READ = 1 << 18  # bytes of a file at once


def load_lines(path, dialect=pyon, *, progress=None, on_error=None, **limits):
    """Iterate over the values in a file that has one in each line.

    ``progress(done, total)`` is called now and then with numbers of bytes. An error in a line is raised. If there is
    a function ``on_error(exception)``, it gets the error instead, and the next line is read. ``limits`` are the
    keyword arguments of Decoder. Errors of the system are OSErrors with the name of the file.
    """
    decoder = Decoder(dialect, lines=True, **limits)
    name = _files.name_in_messages(path)
    done, ended = -1, False
    with _core.open_file(path) as file:
        total = file.size
        while True:
            if progress and decoder.offset != done:
                done = decoder.offset
                progress(done, total)
            try:
                yield from decoder  # all values that are ready, without a step in Python for each
                if ended:
                    return
                ended = decoder.read_from(file.fileno(), _READ, name) == 0
                if ended:
                    decoder.close()
            except Exception as error:
                # Signal handlers raise exceptions, too, and so may the caller: they are not the decoder's.
                if error is not decoder.failure:
                    raise
                _name_line(error, path)
                if on_error is None:
                    raise
                on_error(error)
                decoder.skip_line()


def _name_line(error, path):
    """Makes the exception of a line say which file it is about."""
    if isinstance(error, DecodeError):
        _files.add_name(error, path)
    else:
        _files.note_name(error, path)


def _reporting(values, progress):
    """The same values. When one is asked for, the one before it has been written."""
    total = len(values) if hasattr(values, "__len__") else None
    for count, x in enumerate(values, 1):
        yield x
        progress(count, total)


def _write_lines(file, values, dialect, progress):
    """Writes values to a File of _core. After an exception, the File keeps whole lines or nothing."""
    make_pieces, version = pieces_of(dialect), version_of(dialect)
    values = iter(_reporting(values, progress) if progress else values)
    while rest := _core.write_plain_lines(file, values, version):
        for piece in make_pieces(*rest, newline=True):
            file.write(piece)


def store_lines(path, values, dialect=pyon, *, append=False, backup=False, progress=None):
    """Write values into a file, one a line.

    ``values`` is an iterable. As store_file() does, this replaces the file as a whole by one that only its owner may
    read, and leaves it alone if anything fails; with ``backup``, the old one stays as FILE~.

    With ``append``, the values are written after the content of the file. If an exception is raised, the lines of the
    values before it stay, as far as there is room on the disk, and nothing comes after them. Nobody else should
    append meanwhile.

    ``progress(done, total)`` is called with numbers of values; the total is None if it is unknown.
    """

    def write(file):
        _write_lines(file, values, dialect, progress)

    if not append:
        _core.replace_file(path, write, "~" if backup else None)
    elif backup:
        raise ValueError("nothing is replaced: no backup with append")
    else:
        _core.append_file(path, write)


# Programs find them there.
load_lines.__module__ = store_lines.__module__ = "fastpyon.stream"
