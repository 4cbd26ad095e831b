# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files that are replaced whole or not at all, and errors that say which file they are about.

C does all that touches a file (file.c, file_read.c, newfile.c). Here a signal handler may raise
between any two steps, so no descriptor and no name of a file that is to be removed is ever here.
"""

import copyreg
import json
import os

from fastpyon import _core


def store(filename, make_texts, ending=None):
    """Replaces a file by the strs that ``make_texts()`` returns, in UTF-8.

    With ``ending``, the old file, if any, stays under the name that has this at its end. As in the
    reference, the mode is 0600, a symlink is replaced and not followed, and an error of the
    directory is raised before one of the value.
    """

    def write(file):
        for text in make_texts():
            file.write(text)

    _core.replace_file(filename, write, ending)


# ---- Errors ------------------------------------------------------------------------------------


def shown(filename):
    """The name of a file as it stands in messages."""
    return str(filename) if isinstance(filename, int) else os.fsdecode(filename)


def note_name(error, filename):
    """Says in a note of any exception which file it is about, from Python 3.11 on.

    The message may mean something to the program. That of an OSError, and its place for a name,
    are about another file.
    """
    if hasattr(error, "add_note"):
        error.add_note(f"in {shown(filename)!r}")


def add_name(error, filename):
    """Says it in the message."""
    error.args = (f"{error.args[0]} in {shown(filename)!r}", *error.args[1:])


def _name_syntax(error, filename):
    """Says it where a SyntaxError has a place for it. ``args`` is what a copy is made of."""
    error.filename = shown(filename)
    message, (_, *place) = error.args
    error.args = message, (error.filename, *place)


def _name_unicode(error, filename):
    """Says file, line and column of what is not UTF-8."""
    lines = (error.object[: error.start] + b"?").splitlines()
    column = len(lines[-1].decode("utf-8"))
    error.reason += f": line {len(lines)} column {column} in {shown(filename)!r}"
    error.args = (*error.args[:4], error.reason)


def _reduce_json(error):
    """How a JSONDecodeError is pickled and copied: as json does it, with the whole message.

    json makes the message anew, without the name. A subclass that does not would not be the class
    that programs know; this leaves the class as it is, and no fastpyon is needed to read it.
    """
    function, arguments = error.__reduce__()
    if function(*arguments).args == error.args:
        return function, arguments
    return function, arguments, {**vars(error), "args": error.args}


copyreg.dispatch_table.setdefault(json.JSONDecodeError, _reduce_json)


def _name_in(error, filename, text):
    """Makes an exception of a decoder say which file it is about.

    A constructor may raise the same classes. Those are about other texts, and get a note.
    """
    if type(error) is json.JSONDecodeError and error.doc is text:
        add_name(error, filename)
    elif type(error) is SyntaxError and error.filename == "<string>" and len(error.args) == 2:
        _name_syntax(error, filename)
    else:
        note_name(error, filename)


# ---- Reading -----------------------------------------------------------------------------------


def _read(filename):
    """The text of a file in UTF-8, with all line ends as LF."""
    text = _core.read_file(filename)
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            _name_unicode(error, filename)
            raise
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def load(filename, decode):
    """What ``decode`` makes of the text of a file."""
    text = _read(filename)
    try:
        return decode(text)
    except Exception as error:
        _name_in(error, filename, text)
        raise
