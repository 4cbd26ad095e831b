# SPDX-License-Identifier: LGPL-3.0-or-later
"""``db import`` and ``export``: databases from and to the files of ARTIQ."""

import os

from fastpyon import _core, _output
from fastpyon._db import compact, lmdb_file
from fastpyon._db.entries import read
from fastpyon._db.faults import FINDING, Trouble, count, say, tell
from fastpyon._db.progress import Bar
from fastpyon.database import files, journal
from fastpyon.database.database import Writer
from fastpyon.database.errors import DamagedError
from fastpyon.database.rows import rows_of


# ---- Import ------------------------------------------------------------------------------------


def import_old(options):
    _check_name(options.new, ".pyon")
    if not options.force:
        for name in options.new, journal.name_of(options.new):
            _check_absent(name)
    rows, status = _read_old(options)
    failures = _store(options.new, rows)
    say(f"{options.new}: {count(len(rows) - len(failures), 'dataset')} of {options.old}")
    return FINDING if failures else status


def _check_name(path, *endings):
    if not path.endswith(endings):
        raise Trouble(f"{path}: the name does not end in {' or '.join(endings)}")


def _check_absent(path):
    if os.path.lexists(path):
        raise Trouble(f"{path} exists: --force replaces it")


def _read_old(options):
    """Returns {key: [value, metadata]}, and the exit status."""
    _check_name(options.old, ".mdb", ".pyon")
    if options.old.endswith(".pyon"):
        return _rows_of_pyon(options), 0
    with Bar(f"read {options.old}") as bar:
        found, status = lmdb_file.read(options.old, bar)
    if not options.values and all(map(_is_pair, found.values())):
        return {key: list(pair) for key, pair in found.items()}, status
    return {key: [value, {}] for key, value in found.items()}, status


def _is_pair(row):
    """Is this (value, metadata)? LMDB has a tuple, which is no row of ours (see ``rows.is_row``)."""
    return isinstance(row, (tuple, list)) and len(row) == 2 and isinstance(row[1], dict)


def _rows_of_pyon(options):
    data = read(options.old)
    if options.values:
        return {key: [value, {}] for key, value in data.items()}
    try:
        return rows_of(data, options.old)[0]
    except DamagedError as error:
        raise DamagedError(f"{error}. With --values, all are values without metadata") from None


def _store(path, rows):
    """Makes rows the data of a database. Returns the errors of those that cannot be stored.

    As with any compaction, the old data is there until the new one is.
    """
    errors = []
    writer = Writer(path, False)
    data = writer.data
    data.clear()
    data.update(rows)
    writer.start(data, sync=None, keep_journals=False, on_error=errors.append, at_exit=False)
    try:
        compact.with_bar(f"write {path}", writer)
    finally:
        writer.abandon()
    return errors


# ---- Export ------------------------------------------------------------------------------------


def export(options):
    _check_name(options.out, ".mdb", ".pyon")
    if not options.force:
        _check_absent(options.out)
    if os.path.lexists(journal.name_of(options.out)):
        raise Trouble(f"{options.out} is a database with a journal: import replaces its data")
    rows, as_ours = rows_of(read(options.file), options.file)
    texts, left_out = _texts(options, rows, _form(options, as_ours))
    if options.out.endswith(".mdb"):
        lmdb_file.write(options.out, texts, _output.mode())
    else:
        files.replace(options.out, lambda file: _write_pyon(file, texts, options), _output.mode())
    say(f"{options.out}: {count(len(texts), 'dataset')} of {options.file}")
    return FINDING if left_out else 0


def _form(options, as_ours):
    """Returns the function that makes what is written out of a row."""
    is_lmdb = options.out.endswith(".mdb")
    if options.values or not (as_ours or is_lmdb):
        return lambda row: row[0]
    return tuple if is_lmdb else lambda row: row


def _texts(options, rows, form):
    """Returns {key: text}, and the keys that are told to be left out."""
    encode = _encoder(options)
    texts, left_out = {}, []

    def leave_out(key, why):
        left_out.append(key)
        tell("export", f"{options.file}: {key!r} is left out: {why}")

    keys = sorted(rows)
    if options.out.endswith(".mdb"):
        keys = lmdb_file.check_keys(keys, leave_out)
    with Bar(f"encode {options.file}") as bar:
        for key in bar.over(keys, len(keys)):
            try:
                texts[key] = encode(form(rows[key]))
            except Exception as error:  # what version 1 does not have
                leave_out(key, error)
    return texts, left_out


def _encoder(options):
    return _core.encode_bytes_v1 if options.v1 else _core.encode_bytes_v2


def _write_pyon(file, texts, options):
    """Writes a dict with one key a line."""
    encode = _encoder(options)
    separator = b"{\n"
    for key, text in texts.items():
        file.write(b"%b%b: %b" % (separator, encode(key), text))
        separator = b",\n"
    file.write(b"\n}\n" if texts else b"{\n}\n")
