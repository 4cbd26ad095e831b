# SPDX-License-Identifier: LGPL-3.0-or-later
"""The commands for files of one value a line: ``python -m fastpyon check`` and ``convert``.

``check`` takes files of one value, too.
"""

import contextlib
import os
import sys

from fastpyon import pyon, pyon_v1, stream

_DIALECTS = {"v1": pyon_v1, "v2": pyon}
_SHOWN_ERRORS = 20  # of a file


def add_to(commands):
    """Adds the commands to the subparsers of a command line."""
    check = commands.add_parser(
        "check",
        help="read files and report errors",
        description="Reads files of one value, or of one value a line. Exits with 1 if there is an error in one.",
    )
    check.add_argument("--dialect", choices=_DIALECTS, default="v2", help="of the files (default: v2)")
    check.add_argument("files", metavar="FILE", nargs="+")
    check.set_defaults(function=_check)
    convert = commands.add_parser(
        "convert",
        help="write a file of one value a line in the other dialect",
        description="Reads a file of one value a line and writes one in another dialect, which takes "
        "the place of TARGET when all has been read.",
    )
    convert.add_argument("--from", dest="source_dialect", choices=_DIALECTS, default="v1")
    convert.add_argument("--to", dest="target_dialect", choices=_DIALECTS, default="v2")
    convert.add_argument("source", metavar="SOURCE")
    convert.add_argument("target", metavar="TARGET")
    convert.set_defaults(function=_convert)


@contextlib.contextmanager
def _progress(path):
    """Gives the function that load_lines() calls to report progress.

    It shows a bar. If stderr is no terminal, or tqdm is not installed, there is None.
    """
    try:
        if not (sys.stderr and sys.stderr.isatty()):
            raise ImportError
        from tqdm import tqdm
    except ImportError:
        yield None
        return
    with tqdm(desc=path, unit="B", unit_scale=True, unit_divisor=1024, leave=False) as bar:

        def show(done, total):
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _counted(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _complain(path, error, before=""):
    text = str(error)
    print(before + (text if repr(path) in text else f"{path}: {text}"), file=sys.stderr)


def _has_lines(path, dialect):
    """Is the first line of a file a value? Then the file has lines: no value of several lines begins with such a line.

    A pipe cannot be read twice, and counts as one with lines.
    """
    if not os.path.isfile(path):
        return True
    try:
        next(stream.load_lines(path, dialect), None)
    except OSError:
        raise
    except Exception:  # a constructor may raise anything
        return False
    return True


def _check_lines(path, dialect):
    """Returns the numbers of values and of errors. Only the first errors are printed."""
    values = errors = 0

    def complain(error):
        nonlocal errors
        errors += 1
        if errors <= _SHOWN_ERRORS:
            _complain(path, error)

    with _progress(path) as progress:
        for _ in stream.load_lines(path, dialect, progress=progress, on_error=complain):
            values += 1
    if errors > _SHOWN_ERRORS:
        _complain(path, f"{_counted(errors - _SHOWN_ERRORS, 'more error')}")
    return values, errors


def _check_file(path, dialect):
    """Returns the number of errors."""
    try:
        if _has_lines(path, dialect):
            values, errors = _check_lines(path, dialect)
        else:
            try:
                dialect.load_file(path)
                values, errors = 1, 0
            except Exception as error:
                _complain(path, error, "read as one value: ")
                values, errors = _check_lines(path, dialect)
    except OSError as error:
        _complain(path, error)
        values, errors = 0, 1
    print(f"{path}: {_counted(values, 'value')}, {_counted(errors, 'error')}")
    return errors


def _check(options):
    dialect = _DIALECTS[options.dialect]
    return 1 if sum(_check_file(path, dialect) for path in options.files) else 0


def _convert(options):
    try:
        with _progress(options.source) as progress:
            source = _DIALECTS[options.source_dialect]
            values = stream.load_lines(options.source, source, progress=progress)
            stream.store_lines(options.target, values, _DIALECTS[options.target_dialect])
    except Exception as error:  # a constructor may raise anything
        _complain(options.source, error)
        return 1
    return 0
