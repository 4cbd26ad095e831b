# SPDX-License-Identifier: LGPL-3.0-or-later
"""The commands for files of one value a line: ``python -m fastpyon check`` and ``convert``."""

import contextlib
import sys

from fastpyon import pyon, pyon_v1, stream

_DIALECTS = {"v1": pyon_v1, "v2": pyon}


def add_to(commands):
    """Adds the commands to the subparsers of a command line."""
    check = commands.add_parser(
        "check",
        help="read files of one value a line and say what is wrong",
        description="Reads files of one value a line. Exits with 1 if there is anything wrong in one.",
    )
    check.add_argument("--dialect", choices=_DIALECTS, default="v2", help="of the files (default: v2)")
    check.add_argument("files", metavar="FILE", nargs="+")
    check.set_defaults(function=lambda arguments: _check(arguments.files, arguments.dialect))
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
    convert.set_defaults(
        function=lambda arguments: _convert(
            arguments.source, arguments.target, arguments.source_dialect, arguments.target_dialect
        )
    )


@contextlib.contextmanager
def _progress(path):
    """What load_lines() reports to: a bar if this is a terminal and tqdm is installed, or None."""
    try:
        if not sys.stderr.isatty():
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


def _check(paths, dialect):
    """The exit status."""
    wrong = 0
    for path in paths:
        errors = []
        count = 0
        try:
            with _progress(path) as progress:
                for _ in stream.load_lines(
                    path, _DIALECTS[dialect], progress=progress, on_error=errors.append
                ):
                    count += 1
        except OSError as error:
            errors.append(error)
        for error in errors:
            print(f"{path}: {error}", file=sys.stderr)
        print(f"{path}: {count} values, {len(errors)} errors")
        wrong += len(errors)
    return 1 if wrong else 0


def _convert(source, target, source_dialect, target_dialect):
    try:
        with _progress(source) as progress:
            values = stream.load_lines(source, _DIALECTS[source_dialect], progress=progress)
            stream.store_lines(target, values, _DIALECTS[target_dialect])
    except (OSError, ValueError, TypeError) as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    return 0
