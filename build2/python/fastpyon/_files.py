# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files that are replaced whole or not at all, and errors that say which file they are about.

All functions that touch a file are in C (file.c, file_read.c, newfile_posix.c). In Python, a signal handler may raise
between any two steps, so Python never has a descriptor, or the name of a file that must be removed.
"""

import copyreg
import json
import os

from fastpyon import _core


def store(filename, make_texts, ending=None):
    """Replaces a file by the strs that ``make_texts()`` returns, in UTF-8.

    With ``ending`` (str), the old file, if there is one, stays under its name with this ending. As in the reference,
    the mode is 0600, a symlink is replaced and not followed, and an error of the directory is raised before one of the
    value.
    """

    def write(file):
        for text in make_texts():
            file.write(text)

    _core.replace_file(filename, write, ending)


# ---- Errors ------------------------------------------------------------------------------------


def name_in_messages(filename):
    """Returns the name of a file for messages: str."""
    return str(filename) if isinstance(filename, int) else os.fsdecode(filename)


def note_name(error, filename):
    """Says in a note of any exception which file it is about, from Python 3.11 on.

    The message stays, since programs may look at it. An OSError of a constructor is about another file, so its message
    and its attribute ``filename`` stay, too.
    """
    if hasattr(error, "add_note"):
        error.add_note(f"in {name_in_messages(filename)!r}")


def add_name(error, filename):
    """Says in the message which file an exception is about."""
    error.args = (f"{error.args[0]} in {name_in_messages(filename)!r}", *error.args[1:])


def _name_syntax(error, filename):
    """Says the file in the attribute of a SyntaxError, and in ``args``, from which a copy is made."""
    error.filename = name_in_messages(filename)
    message, (_, *place) = error.args
    error.args = message, (error.filename, *place)


def _name_unicode(error, filename):
    """Says file, line and column of the first byte that is not UTF-8."""
    lines = (error.object[: error.start] + b"?").splitlines()
    column = len(lines[-1].decode("utf-8"))
    error.reason += f": line {len(lines)} column {column} in {name_in_messages(filename)!r}"
    error.args = (*error.args[:4], error.reason)


def _reduce_json(error):
    """Tells pickle and copy how to make a JSONDecodeError again: as json does, with the whole message.

    json alone makes the message anew, without the name of the file. The class stays the one that programs know, and
    a process without fastpyon can read the pickle.
    """
    function, arguments = error.__reduce__()
    if function(*arguments).args == error.args:
        return function, arguments
    return function, arguments, {**vars(error), "args": error.args}


copyreg.dispatch_table.setdefault(json.JSONDecodeError, _reduce_json)


def _name_in(error, filename, text):
    """Makes an exception of a decoder say which file it is about.

    A constructor may raise the same classes. Its exceptions are about other texts, and get a note.
    """
    if type(error) is json.JSONDecodeError and error.doc is text:
        add_name(error, filename)
    elif type(error) is SyntaxError and error.filename == "<string>" and len(error.args) == 2:
        _name_syntax(error, filename)
    else:
        note_name(error, filename)


# ---- Reading -----------------------------------------------------------------------------------


def _read(filename):
    """Returns the text of a file in UTF-8, with all line ends as LF."""
    text = _core.read_file(filename)
    if isinstance(text, bytes):
        text = text_of(text, filename).replace("\r\n", "\n").replace("\r", "\n")
    return text


def text_of(content, filename):
    """Returns the text of bytes in UTF-8. If they are not, the error says where in the file."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        _name_unicode(error, filename)
        raise


def decode_text(text, filename, decode):
    """Returns the result of ``decode`` for the text of a file, which its errors name."""
    try:
        return decode(text)
    except Exception as error:
        _name_in(error, filename, text)
        raise


def load(filename, decode):
    """Returns the result of ``decode`` for the text of a file."""
    return decode_text(_read(filename), filename, decode)
