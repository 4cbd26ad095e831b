# SPDX-License-Identifier: LGPL-3.0-or-later
"""The class Database."""

import atexit
import os
from collections.abc import MutableMapping

from fastpyon.database import compaction, files, mods
from fastpyon.database.errors import DatabaseError
from fastpyon.database.flusher import Flusher
from fastpyon.database.journal import Journal
from fastpyon.database.locks import Lock
from fastpyon.database.reader import Reader
from fastpyon.database.store import Store


def check_sync(sync):
    """Raises ValueError if this is no time for ``sync``."""
    if sync not in ("always", None) and not (isinstance(sync, (int, float)) and sync >= 0):
        raise ValueError(f'sync is "always", None or a number of seconds, not {sync!r}')


def _check_type(key):
    if not isinstance(key, str):
        raise TypeError(f"a key is a str, not {type(key).__name__}")


class Writer:
    """What keeps data on the disk: the lock, the files and the thread."""

    def __init__(self, path, wait):
        """Takes the lock, and reads the files: ``data`` is a dict."""
        self.path = path = files.absolute(path)
        self._lock = Lock(f"{path}.lock", wait)
        self._flusher, self._stopped = None, False
        self.store = None
        try:
            self.data, self._identity, self._signature, self._content = compaction.load(path)
            self._content.close()
        except BaseException:
            self._lock.release()
            raise

    def start(self, view, *, sync, keep_journals, on_error, at_exit=True):
        """Begins to write what is changed in ``view`` (see Store), at first ``data``.

        With ``at_exit``, changes are written when the process ends.
        """
        mode = self._lock.mode
        self.store = Store(view, on_error)
        try:
            log = Journal(self.path, self._content, self._identity, mode)
            self._flusher = Flusher(
                self.path, self.store, log, self._identity, self._signature,
                sync=sync, mode=mode, keep_journals=keep_journals,
            )  # fmt: skip
            del self._content, self.data
            if at_exit:
                atexit.register(self._end_of_process)
        except BaseException:
            self._stop()
            raise

    def flush(self):
        self._check_process()
        error, _ = self._flusher.ask()
        if error is not None:
            raise error

    def compact(self):
        self._check_process()
        for error in self._flusher.ask(compact=True):
            if error is not None:
                raise error

    @property
    def compacted(self):
        """How much of a compaction has been done, from 0 to 1."""
        coming = self.store.coming
        return coming.share if coming else 0.0

    def close(self, compact=True):
        """Writes all changes, compacts if there are any, and gives the lock back. It may be called again."""
        if self._stopped:
            self._stop()  # a signal handler may have raised an exception in the course of it
        if self._stopped or not self.store.is_ours:
            return
        self.flush()
        if compact and self._flusher.has_changes:
            self._flusher.ask(compact=True)  # an error is logged: the journal has all
            self.flush()
        self._stop()

    def abandon(self):
        """Gives the lock back. Changes that have not been written are lost."""
        if self.store is None or self.store.is_ours:
            self._stop()

    def _stop(self):
        """Ends the thread and gives the lock back. It may be called again."""
        self._stopped = True
        if self._flusher:
            self._flusher.stop()
        atexit.unregister(self._end_of_process)
        self._lock.release()

    def set_sync(self, sync):
        """Changes the time after which changes are written."""
        self._flusher.set_sync(sync)

    def _check_process(self):
        self.store.check_process()
        if self._stopped:
            raise DatabaseError("the database is closed")

    def _end_of_process(self):
        try:
            if self.store.is_ours:
                self.flush()
        except Exception as error:
            self.store.report(error)


class Database(MutableMapping):
    """A dict that stays on the disk. Keys are strs, values are all that PYON version 2 has.

    - ``path`` (str, bytes or path-like): the name of the snapshot. The other files lie beside it; none needs to be
      there.
    - ``sync``: when changes are written: that many seconds after the first one at the latest, "always" for at once, or
      None for ``flush`` and ``close`` only.
    - ``keep_journals`` (bool): keeps the journals when they are compacted.
    - ``wait`` (bool, or seconds): waits for another process that writes.
    - ``readonly`` (bool): nothing is written, and no lock is needed; ``refresh`` reads what others write.
    - ``on_error``: is called with each error of the disk (OSError) and each NotStored, from any thread.

    Raises LockedError if another process writes, DamagedError or EditedError if the files cannot be read without a
    loss, an error of ``pyon.load_file`` for the snapshot, OSError, and ValueError for ``sync``.
    """

    def __init__(self, path, *, sync=1.0, keep_journals=False, wait=False, readonly=False, on_error=None):
        check_sync(sync)
        self.path = os.fsdecode(path)
        self._writer = self._reader = None
        if readonly:
            self._reader = Reader(self.path)
            self._data = self._reader.data
        else:
            self._writer = Writer(self.path, wait)
            self._data = self._writer.data
            self._writer.start(self._data, sync=sync, keep_journals=keep_journals, on_error=on_error)

    # ---- The dict ----

    def __getitem__(self, key):
        return self._data[key]

    def __iter__(self):
        return iter(self._data)

    def __len__(self):
        return len(self._data)

    def __contains__(self, key):
        return key in self._data

    def __repr__(self):
        return f"<{type(self).__name__} {self.path!r}: {len(self._data)} keys>"

    def __setitem__(self, key, value):
        _check_type(key)
        self._change({"action": "setitem", "path": [], "key": key, "value": value})

    def __delitem__(self, key):
        self._change({"action": "delitem", "path": [], "key": key})

    def apply(self, mod):
        """Makes a change as sipyco's sync_struct describes it: ``{"action": "append", "path": [KEY], "x": VALUE}``.

        Its exceptions are those of the change (KeyError, IndexError, ...), ValueError if there is no such action, and
        TypeError if the key is no str. Then nothing is changed.
        """
        if getattr(mod["action"], "value", mod["action"]) == "init":
            struct = dict(mod["struct"])
            for key in struct:
                _check_type(key)
            for key in [key for key in self._data if key not in struct]:
                del self[key]
            self.update(struct)
            return
        mod = mods.normal(mod)
        _check_type(mods.key_of(mod))
        self._change(mod)

    def _change(self, mod):
        self._need_writer().store.change(mods.key_of(mod), mod, lambda: mods.perform(self._data, mod))

    # ---- The files ----

    def _need_writer(self):
        if self._writer is None:
            raise DatabaseError("the database is closed" if self._reader is None else "the database is only read")
        return self._writer

    @property
    def errors(self):
        """{key: NotStored}, a copy, for the keys of which the disk has an older value, or none."""
        return dict(self._need_writer().store.errors) if self._writer else {}

    def refresh(self):
        """Reads what has been written since, with ``readonly``. Returns whether there was anything (bool).

        Raises what opening raises. Until the next call, which reads all anew, the data may be a part of the changes.
        """
        if self._reader is None:
            raise DatabaseError("only a database with readonly=True follows another")
        return self._reader.refresh()

    def flush(self):
        """Waits until all changes so far are on the disk. Raises the error of the disk (OSError) if they are not."""
        self._need_writer().flush()

    def compact(self):
        """Writes a new snapshot, and waits for that. Raises OSError, or EditedError if others have changed the file."""
        self._need_writer().compact()

    @property
    def compacted(self):
        """How much of a compaction that goes on has been done, from 0 to 1: another thread may show it."""
        return self._need_writer().compacted

    def close(self):
        """Writes all changes, compacts if there are any, and gives the lock back. A second call does nothing.

        Raises the error of the disk (OSError) if changes could not be written; then the database is still open.
        """
        if self._writer is not None:
            self._writer.close()
        if self._reader is not None:
            self._reader.close()
        self._writer = self._reader = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
