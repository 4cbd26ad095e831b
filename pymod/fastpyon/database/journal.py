# SPDX-License-Identifier: LGPL-3.0-or-later
"""The journal: a file with the changes since the snapshot."""

import datetime
import io
import os

from fastpyon import _core
from fastpyon.database import files, lines, mods
from fastpyon.database.errors import DamagedError, EditedError, logger

VERSION = 1


def name_of(path):
    """Returns the name of the journal of a database."""
    return f"{path}.journal"


def _now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def header(identity):
    """Returns the first line of a journal for a snapshot."""
    return lines.frame(
        _core.encode_bytes_v2(
            {"action": "journal", "version": VERSION, "snapshot": files.describe(identity), "time": _now()}
        )
    )


def batch(texts):
    """Returns the lines of changes, with the one that ends them; nothing for no changes."""
    if not texts:
        return b""
    end = _core.encode_bytes_v2({"action": "flush", "time": _now()})
    return b"".join(map(lines.frame, [*texts, end]))


def compacted(identity, changes):
    """Returns the text that says that all is in a snapshot, except changes (texts)."""
    return b'{"action":"compact","snapshot":%b,"changes":[%b]}' % (
        _core.encode_bytes_v2(files.describe(identity)),
        b",".join(changes),
    )


class Content:
    """All that a journal says, or that there is none (``file`` is None)."""

    def __init__(self, path):
        self.name = name_of(path)
        self._mods = []  # (number, mod)
        self.end = 0  # bytes that count
        try:
            self.file = io.FileIO(self.name)
        except FileNotFoundError:
            self.file = None
            return
        try:
            self._data = self.file.readall()
            self._mods, self.end = lines.read(self._data, self.name)
            self._check_header()
        except BaseException:
            self.file.close()
            raise

    def _check_header(self):
        first = self._mods[0][1] if self._mods else None
        if not isinstance(first, dict) or first.get("action") != "journal":
            raise DamagedError(f"line 1 of {self.name!r} does not begin a journal: {self._data[:80]!r}")
        if first.get("version") != VERSION:
            raise DamagedError(f"line 1 of {self.name!r}: version {first.get('version')!r} of journals is not known")

    @property
    def lines(self):
        """The number of lines that count."""
        return len(self._mods)

    @property
    def torn(self):
        """What comes after them (bytes)."""
        return self._data[self.end :] if self.file else b""

    @property
    def has_changes(self):
        return any(mod["action"] not in ("journal", "flush", "compact") or mod.get("changes") for _, mod in self._mods)

    def begins_at(self, identity):
        """Returns the index of the last line that names a snapshot, or None."""
        for index in range(len(self._mods) - 1, -1, -1):
            mod = self._mods[index][1]
            if mod["action"] in ("journal", "compact") and files.identify(mod["snapshot"]) == identity:
                return index
        return None

    def replay(self, data, identity, path):
        """Applies the changes to the data of the snapshot with that Identity."""
        self._check_actions()
        begin = self.begins_at(identity)
        if begin is not None:
            replay(data, self._mods[begin : begin + 1], self.name, carried=True)
            replay(data, self._mods[begin + 1 :], self.name)
        elif self.has_changes:
            last = [mod["snapshot"] for _, mod in self._mods if mod["action"] in ("journal", "compact")]
            raise EditedError(
                f"{path!r} was changed, and there are changes in {self.name!r} that belong to another snapshot: "
                f"{last[-1]}. Move the journal away to use the snapshot as it is, or put back that one."
            )

    def _check_actions(self):
        for number, mod in self._mods:
            if not isinstance(mod, dict) or not isinstance(mod.get("action"), str):
                raise DamagedError(f"line {number} of {self.name!r} is no change: {str(mod)[:80]}")


def replay(data, numbered, name, carried=False):
    """Applies mods [(number, mod)] to data; with ``carried``, the changes that come with a compaction."""
    apply = mods.replay
    number = mod = None
    try:
        for number, mod in numbered:
            action = mod["action"]
            if action == "compact" or action == "journal":
                for change in carried and mod.get("changes") or ():
                    apply(data, change)
            elif action != "flush":
                apply(data, mod)
    except Exception as error:
        raise lines.misfit(name, number, mod, error) from error


def keep_torn(path, torn):
    """Puts a torn end of a journal into a file of its own."""
    name, number = f"{path}.torn", 0
    while os.path.lexists(name):
        number += 1
        name = f"{path}.torn-{number}"
    _core.replace_file(name, lambda file: file.write(torn), None)
    logger.warning("%d bytes at the end of the journal of %r are no whole batch: they are in %r", len(torn), path, name)


class Journal:
    """The journal of a database, for the one that writes it. All methods but the first are for one thread."""

    def __init__(self, path, content, identity, mode):
        """``content`` is a Content. A journal that is not for this snapshot has no changes, and is replaced."""
        self._path, self._mode = path, mode
        self._name = name_of(path)
        self._file = None
        self._identity = identity
        self.size = None  # bytes; None if a new journal must be made first
        self.has_changes = content.has_changes
        if content.torn:
            keep_torn(path, content.torn)
        if content.begins_at(identity) is not None:
            if content.torn:
                self._open(content.end)
                os.ftruncate(self._file.fileno(), content.end)
                os.fdatasync(self._file.fileno())
            self.size = content.end

    def _open(self, size):
        self._file = io.FileIO(self._name, "r+")
        self.size = size

    def append(self, data):
        """Writes batches (bytes) and has them synced.

        After an error the next call must have the same data, with more after it or not: it writes them at the same
        place, since after an error of fdatasync the system may have forgotten them.
        """
        if self.size is None:
            self.renew(self._identity, b"")
        if self._file is None:
            self._open(self.size)
        descriptor, rest, end = self._file.fileno(), memoryview(data), self.size
        while rest:
            count = os.pwrite(descriptor, rest, end)
            rest, end = rest[count:], end + count
        os.fdatasync(descriptor)
        self.size = end
        self.has_changes = True

    def renew(self, identity, changes):
        """Makes a new journal for a snapshot, with changes (lines as bytes)."""
        content = header(identity) + changes
        files.replace(self._name, lambda file: file.write(content), self._mode)
        self.close()
        self._identity, self.size, self.has_changes = identity, len(content), bool(changes)

    def keep(self):
        """Gives the journal another name, with the time of its first line, under which it stays."""
        with io.FileIO(self._name) as file:
            (_, first), *_ = lines.read(file.read(4096).split(b"\n")[0] + b"\n", self._name)[0]
        name = f"{self._path}.{first['time'].replace(':', '')}.journal"
        try:
            os.link(self._name, name)
        except FileExistsError:  # an earlier compaction has not come further
            if not os.path.samefile(self._name, name):
                raise

    def close(self):
        if self._file is not None:
            self._file.close()
        self._file = None
