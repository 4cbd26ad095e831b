# SPDX-License-Identifier: LGPL-3.0-or-later
"""What commands say and return when something is wrong, as the command ``pyon`` does (see docs/command.md)."""

import os
import sys

from fastpyon.database.errors import LockedError

FINDING, TROUBLE = 1, 2  # exit statuses


class Finding(Exception):
    """The data is not as it should be: exit status 1."""


class Trouble(Exception):
    """The command cannot be done: exit status 2."""


def tell(verb, message, group="db"):
    """Prints a message of a command on standard error."""
    print(f"fastpyon {group} {verb}: {message}", file=sys.stderr)


def say(message):
    """Prints a result on standard output, also with names of files that are no text."""
    print(message.encode(errors="backslashreplace").decode())


def status_of(function, options, group="db"):
    """Calls a function of a command. Returns its exit status, or that of its exception, which is printed."""
    try:
        return function(options)
    except BrokenPipeError:  # no error: see fastpyon.__main__
        raise
    except (Trouble, LockedError, OSError, MemoryError) as error:
        tell(options.verb, text_of(error), group)
        return TROUBLE
    except Exception as error:  # of a text that cannot be read: a constructor may raise any
        tell(options.verb, text_of(error), group)
        return FINDING


def count(number, noun):
    """Returns a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def text_of(error):
    """Returns the message of an exception, with the file and the place as far as they are known."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if isinstance(error, LockedError):
        return f"{error}. Ask that process (artiq_client set-dataset), or wait for it (--wait)"
    text = str(error) or type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        text = f"{text.partition(' (')[0]}: line {error.lineno} column {error.offset} in {error.filename!r}"
    return "; ".join([text, *getattr(error, "__notes__", ())])
