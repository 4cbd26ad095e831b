# SPDX-License-Identifier: LGPL-3.0-or-later
"""The journal: a file with the changes since the snapshot."""

import contextlib
import datetime
import io
import os

from fastpyon import _core, _system
from fastpyon.database import files, lines, mods
from fastpyon.database.errors import DamagedError, EditedError, logger

VERSION = 1
NAMES_SNAPSHOT = "journal", "compact"  # actions


def name_of(path):
    """Returns the name of the journal of a database."""
    return f"{path}.journal"


def _now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def header(identity):
    """Returns the text of the first line of a journal for a snapshot."""
    return _core.encode_bytes_v2(
        {"action": "journal", "version": VERSION, "snapshot": files.describe(identity), "time": _now()}
    )


def ended(texts):
    """Returns the texts of changes, and the one that ends a batch of them; nothing for no changes."""
    return [*texts, _core.encode_bytes_v2({"action": "flush", "time": _now()})] if texts else []


def compacted(identity, changes):
    """Returns the text that says that all is in a snapshot, except changes (texts)."""
    return b'{"action":"compact","snapshot":%b,"changes":[%b]}' % (
        _core.encode_bytes_v2(files.describe(identity)),
        b",".join(changes),
    )


class Content:
    """All that a journal says, or that there is none (``file`` is None).

    ``count`` is the number of its lines that count, ``changes`` that of the changes, and ``torn`` (bytes) is what comes
    after the last batch.
    """

    def __init__(self, path):
        self.name = name_of(path)
        self.part = lines.Part(b"", self.name)
        self.count = self.changes = 0
        self.torn = b""
        self._places = []  # (index, Identity) of the lines that name a snapshot
        self._carries = False  # does one of them have changes?
        try:
            self.file = io.FileIO(self.name, opener=_system.opener)
        except FileNotFoundError:
            self.file = None
            return
        try:
            data = self.file.readall()
            self.part = lines.Part(data, self.name)
            self.torn = data[self.part.end :]
            self._look(data)
        except BaseException:
            self.close()
            raise

    def _look(self, data):
        mods = self.part.mods
        first = mods[0] if mods else {}
        if first.get("action") != "journal":
            raise DamagedError(f"line 1 of {self.name!r} does not begin a journal: {data[:80]!r}")
        if first.get("version") != VERSION:
            raise DamagedError(f"line 1 of {self.name!r}: version {first.get('version')!r} of journals is not known")
        actions = self._actions(mods)
        places = [0]
        if actions.count("compact"):
            places += [index for index, action in enumerate(actions) if action == "compact"]
        for index in places:
            self._add_place(index, mods[index])
        self.count = len(mods)
        self.changes = len(mods) - len(places) - actions.count("flush")

    def _actions(self, mods):
        try:
            actions = [mod["action"] for mod in mods]
        except KeyError as error:
            index = next(index for index, mod in enumerate(mods) if "action" not in mod)
            raise self.part.misfit(index, error) from error
        if actions.count("journal") > 1:
            raise self.part.misfit(actions.index("journal", 1), ValueError("this begins a journal"))
        return actions

    def _add_place(self, index, mod):
        try:
            self._places.append((index, files.identify(mod["snapshot"])))
            self._carries |= bool(mod.get("changes"))
        except Exception as error:
            raise self.part.misfit(index, error) from error

    @property
    def has_changes(self):
        return self.changes > 0 or self._carries

    def forget(self):
        """Frees what the lines say, which takes much more memory than their text."""
        self.part.mods = ()

    def begins_at(self, identity):
        """Returns the index of the last line that names a snapshot, or None."""
        return next((index for index, named in reversed(self._places) if named == identity), None)

    def close(self):
        if self.file:
            files.close(self.file)

    def replay(self, data, identity, path):
        """Applies the changes to the data of the snapshot with that Identity."""
        begin = self.begins_at(identity)
        if begin is not None:
            _replay_carried(data, self.part, begin)
            replay(data, self.part, begin + 1)
        elif self.has_changes:
            raise EditedError(
                f"{path!r} was changed, and there are changes in {self.name!r} that belong to another snapshot: "
                f"{files.describe(self._places[-1][1])}. Move the journal away to use the snapshot as it is, or put "
                "back that one."
            )


def replay(data, part, begin=0):
    """Applies the mods of a part from that index on to data."""
    index = begin
    try:
        for index, mod in enumerate(part.mods[begin:], begin):
            action = mod["action"]
            if action == "setitem" and not mod["path"] and type(mod["key"]) is str:
                data[mod["key"]] = mod["value"]
            elif action == "compact":
                files.identify(mod["snapshot"])
            elif action != "flush":
                mods.replay(data, mod)
    except Exception as error:
        raise part.misfit(index, error) from error


def _replay_carried(data, part, index):
    """Applies the changes that came in the course of a compaction."""
    try:
        for mod in part.mods[index].get("changes", ()):
            mods.replay(data, mod)
    except Exception as error:
        raise part.misfit(index, error) from error


def keep_aside(name, content):
    """Puts bytes into a file of its own, and returns its name, with a number at the end if there is such a file."""
    base, number = name, 0
    while os.path.lexists(name):
        number += 1
        name = f"{base}-{number}"
    _core.replace_file(name, lambda file: file.write(content), None)
    return name


def _keep_torn(path, torn):
    name = keep_aside(f"{path}.torn", torn)
    logger.warning("%d bytes at the end of the journal of %r are no whole batch: see %r", len(torn), path, name)


class Journal:
    """The journal of a database, for the one that writes it. All methods but the first are for one thread."""

    def __init__(self, path, content, identity, mode):
        """``content`` is a Content. A journal that is not for this snapshot has no changes, and is replaced."""
        self._path, self._mode = path, mode
        self._name = name_of(path)
        self._file = None
        self._identity = identity
        self.size = None  # bytes; None if a new journal must be made first
        self._reach = 0  # bytes: the file has not more, also after an error
        self._crc = 0  # the checksum of the last line
        self.has_changes = content.has_changes
        if content.torn:
            _keep_torn(path, content.torn)
        if content.begins_at(identity) is not None:
            self.size = self._reach = content.part.end
            self._crc = content.part.crc
            self._open()
            if content.torn:
                os.ftruncate(self._file.fileno(), self.size)
                _system.sync(self._file.fileno())

    def _open(self):
        self._file = io.FileIO(self._name, "r+", opener=_system.opener)

    def batch(self, texts):
        """Returns a batch for ``append``; it must be the next one."""
        if self.size is None:
            self.renew(self._identity, [])
        return lines.frame(ended(texts), self._crc)

    def append(self, batch):
        """Writes a batch and has it synced.

        After an error the next call must have the same batch: it writes it at the same place, since after an error of
        fdatasync the system may have forgotten it.
        """
        data, crc = batch
        if self._file is None:
            self._open()
        descriptor, rest, end = self._file.fileno(), memoryview(data), self.size
        self._reach = end + len(data)
        while rest:
            count = _system.write_at(descriptor, rest, end)
            rest, end = rest[count:], end + count
        _system.sync(descriptor)
        self.size, self._crc = end, crc
        self.has_changes = True

    def is_lost(self):
        """Has another program removed or replaced the file, or written into it?"""
        if self._file is None:
            return False
        mine, now = os.fstat(self._file.fileno()), files.look(self._name)
        return now is None or not os.path.samestat(mine, now) or not self.size <= now.st_size <= self._reach

    def renew(self, identity, changes):
        """Makes a new journal for a snapshot, with changes (texts)."""
        content, crc = lines.frame([header(identity), *ended(changes)], 0)
        self.close()  # Windows does not always replace a file that is open
        try:
            files.replace(self._name, lambda file: file.write(content), self._mode)
        except BaseException:
            with contextlib.suppress(OSError):  # else the next change opens it
                self._open()
            raise
        self._identity, self._crc = identity, crc
        self.size = self._reach = len(content)
        self.has_changes = bool(changes)

    def keep(self):
        """Gives the journal another name, with the time of its first line, under which it stays."""
        if self.is_lost():
            return
        with io.FileIO(self._name, opener=_system.opener) as file:
            first = lines.Part(file.read(4096).split(b"\n")[0] + b"\n", self._name).mods[0]
        name = f"{self._path}.{first['time'].replace(':', '')}.journal"
        try:
            os.link(self._name, name)
        except FileExistsError:  # an earlier compaction has not come further
            if not os.path.samefile(self._name, name):
                raise

    def close(self):
        if self._file is not None:
            files.close(self._file)
        self._file = None
