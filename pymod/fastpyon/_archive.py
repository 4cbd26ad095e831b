# SPDX-License-Identifier: LGPL-3.0-or-later
"""``python -m fastpyon archive``: archives of results (docs/archive.md)."""

import argparse
import csv
import io
import os
import sys
import time

import numpy

from fastpyon import _output, archive, pyon, table
from fastpyon._db import faults
from fastpyon._db.faults import Finding, Trouble, count, say
from fastpyon._db.progress import Bar

_HELP = "Keeps the results of ARTIQ as lines of PYON, one run a line, which are read much faster than files of HDF5."


def parse(arguments):
    """Returns the options, with the ``function`` that does the command."""
    parser = argparse.ArgumentParser(prog="python -m fastpyon archive", description=_HELP)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    mirror = _add(
        verbs, "mirror", _mirror, "bring an archive up to date with a folder of results",
        "Only files that are new or have changed are read. ARCHIVE is made if it is missing; it is compressed if its "
        "name ends in .zst. Exits with 1 if a file could not be read; the next mirror tries it again.",
    )  # fmt: skip
    mirror.add_argument("results", metavar="RESULTS", help="the folder, such as results/ of artiq_master")
    mirror.add_argument("archive", metavar="ARCHIVE", help="a name such as results.pyonl or results.pyonl.zst")
    mirror.add_argument("--processes", type=int, default=1, metavar="N", help="read HDF5 in N processes")
    mirror.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait for another process that writes")
    unmirror = _add(verbs, "unmirror", _unmirror, "make files of HDF5 of the runs")
    unmirror.add_argument("archive", metavar="ARCHIVE")
    unmirror.add_argument("folder", metavar="FOLDER")
    unmirror.add_argument("--force", action="store_true", help="replace files that are there")
    _add_choice(unmirror)
    listing = _add(verbs, "list", _list, "print rid, start and class of the runs")
    listing.add_argument("archive", metavar="ARCHIVE")
    _add_choice(listing)
    columns = _add(
        verbs, "table", _table, "print the values at paths as a table of CSV, a row for each run",
        "A path is like rid, expid.arguments.x or datasets.fit.freq. Values that are no numbers or strings are written "
        "as PYON. A run that lacks a value has an empty cell.",
    )  # fmt: skip
    columns.add_argument("archive", metavar="ARCHIVE")
    columns.add_argument("paths", metavar="PATH", nargs="+")
    columns.add_argument(
        "-o", "--output", metavar="FILE", help="write into a file that ends in .csv, .parquet or .arrow (by pyarrow)"
    )
    _add_choice(columns)
    get = _add(verbs, "get", _get, "print a run, or the values at paths in it, one a line")
    get.add_argument("archive", metavar="ARCHIVE")
    get.add_argument("rid", metavar="RID", type=int)
    get.add_argument("paths", metavar="PATH", nargs="*")
    get.add_argument("--pretty", action="store_true", help="in several lines")
    return parser.parse_args(arguments)


def _add(verbs, name, function, help, epilog=None):
    parser = verbs.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=epilog)

    def run(options):
        return faults.status_of(lambda options: _run(function, options), options, "archive")

    parser.set_defaults(function=run)
    return parser


def _add_choice(parser):
    parser.add_argument("--class", dest="cls", metavar="NAME", action="append", help="only of this class; may have *")
    parser.add_argument("--after", metavar="TIME", help="only from then on, such as 2026-05 or '2026-05-01 14:30'")
    parser.add_argument("--before", metavar="TIME", help="only before then")
    parser.add_argument("--rid", metavar="RID", type=int, action="append", help="only this one")


def _run(function, options):
    try:
        return function(options)
    except (archive.LockedError, ImportError) as error:
        raise Trouble(str(error)) from error


def _open(options):
    runs = archive.open(options.archive)
    _tell(options, runs.damaged)
    return runs


def _tell(options, errors):
    for error in errors:
        faults.tell(options.verb, f"{options.archive}: {error}", "archive")


def _choose(options):
    try:
        return _open(options).where(cls=options.cls, after=options.after, before=options.before, rid=options.rid)
    except ValueError as error:
        raise Trouble(str(error)) from error


def _mirror(options):
    if options.processes < 1:
        raise Trouble("--processes must be at least 1")
    with Bar(f"{options.archive}") as bar:
        report = archive.mirror(
            options.results, options.archive, processes=options.processes, wait=options.wait,
            progress=lambda done, total: bar.show(done / total),
        )  # fmt: skip
    for name, why in report.unreadable.items():
        faults.tell(options.verb, f"{os.path.join(options.results, name)}: {why}", "archive")
    say(f"{options.archive}: {report.added} added, {report.changed} changed, {report.unchanged} unchanged")
    return faults.FINDING if report.unreadable else 0


def _unmirror(options):
    runs, errors = _choose(options), []
    with Bar(options.folder) as bar:
        written = runs.unmirror(
            options.folder, overwrite=options.force, progress=lambda done, total: bar.show(done / total),
            on_error=errors.append,
        )  # fmt: skip
    _tell(options, errors)
    left = len(runs) - written - len(errors)
    say(f"{options.folder}: {count(written, 'file')}" + (f", {left} were there already" if left else ""))
    return faults.FINDING if errors else 0


def _list(options):
    index = _choose(options).index
    columns = [[_given(index, name, row) for row in range(index.rows)] for name in ("rid", "start_time", "class")]
    for rid, start, name in zip(*columns):
        say(f"{rid} {_moment(start)} {name}")
    return 0


def _given(index, name, row):
    """A value of the index, or a dash if the run has none."""
    return "-" if index.missing(name)[row] else index[name][row]


def _moment(start):
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(start)))
    except (ValueError, OverflowError, OSError):  # none, NaN, or too large
        return "-"


# ---- Values ----


def _text(value, pretty=False):
    """The text of a value of a table: its numbers are those of NumPy."""
    return pyon.encode(value.item() if isinstance(value, numpy.generic) else value, pretty=pretty)


def _cell(value, missing):
    if missing:
        return ""
    return value if isinstance(value, str) else _text(value)


def _write_csv(found, file):
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(found)
    columns = [map(_cell, found[name], found.missing(name)) for name in found]
    writer.writerows(zip(*columns))


def _csv(found):
    data = io.BytesIO()
    file = io.TextIOWrapper(data, encoding="utf-8", errors="backslashreplace", newline="")
    _write_csv(found, file)
    file.flush()
    return data.getvalue()


def _arrow(found, path):
    from pyarrow import feather, parquet

    try:
        arrow = found.to_arrow()
    except TypeError as error:
        raise Finding(str(error)) from error
    data = io.BytesIO()
    (parquet.write_table if path.endswith(".parquet") else feather.write_feather)(arrow, data)
    return data.getvalue()


def _table(options):
    path = options.output
    if path and not path.endswith((".csv", ".parquet", ".arrow")):
        raise Trouble(f"{path}: a table is written into a file that ends in .csv, .parquet or .arrow")
    errors = []
    found = _columns(_choose(options), options.paths, errors)
    _tell(options, errors)
    if not path:
        sys.stdout.reconfigure(errors="backslashreplace")
        _write_csv(found, sys.stdout)
    else:
        _output.write(path, _csv(found) if path.endswith(".csv") else _arrow(found, path))
    empty = [name for name in found if found.rows and found.missing(name).all()]
    for name in empty:
        faults.tell(options.verb, f"no run has {name}", "archive")
    return faults.FINDING if errors or empty else 0


def _columns(runs, paths, errors):
    try:
        return runs.table(*paths, on_error=errors.append)
    except ValueError as error:
        raise Trouble(str(error)) from error


def _get(options):
    runs = _open(options)
    if options.rid not in runs:
        raise Finding(f"{options.archive}: no run {options.rid}")
    run = runs[options.rid]
    if not options.paths:
        say(pyon.encode(run, pretty=options.pretty))
        return 0
    try:
        found = table.read_lines([pyon.encode(run)], options.paths)
    except ValueError as error:
        raise Trouble(str(error)) from error
    missing = [path for path in options.paths if found.missing(path)[0]]
    for path in missing:
        faults.tell(options.verb, f"run {options.rid} has no {path}", "archive")
    for path in options.paths:
        if path not in missing:
            say(_text(found[path][0], options.pretty))
    return faults.FINDING if missing else 0
