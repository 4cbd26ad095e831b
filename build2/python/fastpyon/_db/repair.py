# SPDX-License-Identifier: LGPL-3.0-or-later
"""``db repair``: a database that cannot be opened gets a new journal, with the changes that the user wants.

The journal is replaced at once, and the old one is kept; the snapshot stays as it is. So a kill leaves the old state or
the new one.
"""

import sys

from fastpyon._db.entries import check_file
from fastpyon._db.faults import FINDING, Finding, count, say
from fastpyon._db.scan import Examination, apply, ended
from fastpyon.database import compaction, files, journal, lines, snapshot
from fastpyon.database.errors import DamagedError, EditedError
from fastpyon.database.locks import Lock

_EDITED = (
    "The snapshot was changed, and the changes of the journal belong to another one. --use-snapshot gives them up, "
    "--use-journal applies them to the snapshot as it is."
)
_NAMELESS = (
    "No line of the journal that can be read names a snapshot. --use-snapshot gives its changes up, --use-journal "
    "applies them to the snapshot as it is."
)


def repair(options):
    check_file(options.file)
    lock = Lock(f"{options.file}.lock", options.wait)
    try:
        return _repair(options, lock.mode)
    finally:
        lock.release()


def _repair(options, mode):
    path = options.file
    try:
        compaction.load(path)[3].close()
    except (DamagedError, EditedError) as error:
        found = Examination(path, error)
    else:
        say(f"{path}: there is nothing to repair")
        return 0
    try:
        carried, kept = _choose(found, options)
    except Finding as advice:
        print(*found.messages(), advice, sep="\n", file=sys.stderr)
        return FINDING
    name = journal.keep_aside(f"{path}.before-repair", found.content)
    _write(found, carried, kept, mode)
    say(f"{path}: {_count(carried + kept)} of the journal kept; the old one is {name}")
    return 0


def _choose(found, options):
    """Returns the Lines with the changes of a compaction, and those after them, that are to be kept.

    Finding if the user must decide first.
    """
    if found.is_edited and options.use_snapshot:
        return [], []
    if found.is_edited:
        carried, rest = _changes_for_edited(found, options)
    else:
        carried, rest = found.carried(found.begin), found.lines[found.begin + 1 :]
    if options.skip:
        return _usable(carried), _usable(ended(rest))
    whole = _before_fault(rest)
    if not options.cut and found.is_damaged:
        raise Finding(
            f"--cut keeps {_count(carried + whole)}, before the first bad line; "
            f"--skip keeps {_count(carried + _usable(ended(rest)))}, all but the bad lines."
        )
    return carried, whole


def _changes_for_edited(found, options):
    """Returns the Lines that are to be applied to a snapshot that was edited. Marks those that do not fit."""
    if not options.use_journal:
        raise Finding(_EDITED if found.places else _NAMELESS)
    if len(found.places) > 1:
        raise Finding(
            f"Line {found.places[-1][0] + 1} of the journal begins a compaction, so nobody can tell which snapshot was "
            "edited, the one before it or the one after it: --use-snapshot is the only way."
        )
    begin = found.places[0][0] if found.places else -1
    carried, rest = found.carried(begin) if found.places else [], found.lines[begin + 1 :]
    apply(snapshot.read(found.path)[0], carried + ended(rest))
    return carried, rest


def _usable(some):
    return [line for line in some if line.mod]


def _before_fault(some):
    """Returns the lines of the batches that are whole before the first bad line."""
    first = next((at for at, line in enumerate(some) if line.why), len(some))
    return ended(some[:first])


def _count(some):
    return count(sum(line.is_change for line in some), "change")


def _write(found, carried, kept, mode):
    """Replaces the journal by one for the snapshot as it is."""
    texts = [line.text for line in kept]
    if kept and kept[-1].action != "flush":
        texts = journal.ended(texts)
    texts = [journal.header(found.identity), *journal.ended([line.text for line in carried]), *texts]
    files.replace(journal.name_of(found.path), lambda file: file.write(lines.frame(texts, 0)[0]), mode)
