# SPDX-License-Identifier: LGPL-3.0-or-later
"""Looks at each line of a journal that cannot be opened, and tries what can be applied."""

import os
from codecs import BOM_UTF8
from zlib import crc32

from fastpyon import pyon
from fastpyon.database import files, journal, lines, mods, snapshot
from fastpyon.database.errors import EditedError


class Line:
    """A line of a journal. ``mod`` is what it says, or None; ``why`` says what is wrong with it, or is None."""

    def __init__(self, number, text):
        self.number, self.text = number, text
        self.mod = self.why = None

    @property
    def action(self):
        return self.mod and self.mod["action"]

    @property
    def is_change(self):
        return self.action not in (None, "flush", *journal.NAMES_SNAPSHOT)

    def refuse(self, why):
        """Says that the line is bad."""
        self.mod, self.why = None, why

    def read(self):
        """Decodes the text, which is as it was written."""
        try:
            self.mod = _known(pyon.decode(self.text), self.number == 1)
        except Exception as error:  # a constructor may raise any
            self.refuse(f"{type(error).__name__}: {error}")


def _known(mod, is_first):
    """Returns a mod of a journal; raises if it is none, or at the wrong place."""
    action = mod["action"]
    if is_first != (action == "journal"):
        raise ValueError("this does not begin a journal" if is_first else "this begins a journal")
    if action == "journal" and mod["version"] != journal.VERSION:
        raise ValueError(f"version {mod['version']!r} of journals is not known")
    if action in journal.NAMES_SNAPSHOT:
        files.identify(mod["snapshot"])
        for change in mod.get("changes", ()):
            mods.normal(change)
    elif action != "flush":
        mods.normal(mod)
    return mod


def _split(data):
    """Returns the Lines of a journal (bytes), without an end that is no whole line.

    An editor or git may have put a mark at the beginning, or other ends of lines.
    """
    if data.startswith(BOM_UTF8):
        data = data[len(BOM_UTF8) :]
    *whole, rest = data.split(b"\n")
    found, crc = [], 0
    for number, line in enumerate(whole, 1):
        made = Line(number, lines.text_of(line))
        stated, computed = lines.checksum(line), crc32(made.text, crc)
        if made.text.endswith(b"\r") and stated == crc32(made.text[:-1], crc):
            made.text, computed = made.text[:-1], stated
            made.read()
            made.why = "it ends with CR LF"
        elif stated == computed:
            made.read()
        elif number < len(whole) and lines.follows(whole[number], computed):
            made.read()
            made.why, stated = "the checksum is wrong, but the text is as it was written", computed
        else:
            made.refuse("the checksum is wrong, or a line before it is missing")
        found.append(made)
        crc = computed if stated is None else stated
    if lines.follows(rest[:-1], crc):
        made = Line(len(whole) + 1, lines.text_of(rest[:-1]))
        made.read()
        made.why = "its end is wrong"
        found.append(made)
    return found


def _change(number, mod):
    """Returns the Line of a change that came in the course of a compaction."""
    line = Line(number, mods.text_of(mod))
    line.mod = mod
    return line


def ended(found):
    """Returns the lines up to the last one that ends a batch, or may have ended one since it is bad."""
    last = max((at for at, line in enumerate(found) if line.action == "flush" or line.why), default=-1)
    return found[: last + 1]


def apply(data, found):
    """Applies the changes of lines to data. Refuses those that do not fit."""
    for line in found:
        if line.is_change:
            try:
                mods.replay(data, line.mod)
            except Exception as error:
                line.refuse(f"it does not fit the data: {type(error).__name__}: {error}")


class Examination:
    """What is wrong with a database whose opening has raised ``error``, DamagedError or EditedError.

    ``lines`` are the Lines of the journal, ``begin`` is the index of the one after which the changes of the snapshot
    begin, or None if no line names it, and ``is_edited`` says whether that is so because the snapshot was edited.
    """

    def __init__(self, path, error):
        self.path, self._error = path, error
        self._carried = {}
        data, self.identity, _ = snapshot.read(path)
        with open(journal.name_of(path), "rb") as file:
            self.content = file.read()
        self.lines = _split(self.content)
        self.places = [
            (at, files.identify(line.mod["snapshot"]))
            for at, line in enumerate(self.lines)
            if line.action in journal.NAMES_SNAPSHOT
        ]
        self.begin = next((at for at, named in reversed(self.places) if named == self.identity), None)
        self.is_edited = self.begin is None
        if not self.is_edited:
            apply(data, self.carried(self.begin) + ended(self.lines)[self.begin + 1 :])

    @property
    def is_damaged(self):
        """Is there more than an edited snapshot?"""
        return not isinstance(self._error, EditedError) or any(line.why for line in self.lines)

    def carried(self, at):
        """Returns Lines with the changes that came in the course of a compaction, which the line ``at`` has."""
        if at not in self._carried:
            changes = self.lines[at].mod.get("changes", ())
            self._carried[at] = [_change(at + 1, mods.normal(change)) for change in changes]
        return self._carried[at]

    def messages(self):
        """Returns what is wrong, with the file and the line."""
        name = journal.name_of(self.path)
        carried = [line for some in self._carried.values() for line in some]
        bad = [line for line in carried + self.lines if line.why]
        found = [f"{name}:{line.number}: {line.why}: {line.text[:80]!r}" for line in bad]
        if isinstance(self._error, EditedError) or (found and self.is_edited):
            found.append(f"{self.path}: no line of {os.path.basename(name)} names the snapshot as it is now")
        return found or [str(self._error)]
