# SPDX-License-Identifier: LGPL-3.0-or-later
"""ARTIQ's class DatasetDB over a database of text. It needs sipyco.

The disk has, for each persistent dataset, ``[value, metadata]``. As with LMDB, ``save()`` writes the values that the
changed datasets have then. In a master the task runs: then the thread writes each change within a second.
"""

import asyncio
import os

from sipyco.sync_struct import ModAction, Notifier, process_mod
from sipyco.tools import TaskObject

from fastpyon.database import mods
from fastpyon.database.database import Writer
from fastpyon.database.errors import LockedError, logger
from fastpyon.database.mods import MISSING
from fastpyon.database.reader import Reader
from fastpyon.database.rows import rows_of

_SYNC = 1.0  # seconds until a change is written, if the task runs


class _Persistent:
    """The persistent ones of datasets {key: (persist, value, metadata)}, as a Store sees them."""

    def __init__(self, datasets):
        self._datasets = datasets
        self.stored = set(datasets)  # keys that the disk has, or will have

    def keys(self):
        return self.stored

    def get(self, key, default):
        dataset = self._datasets.get(key, MISSING)
        if dataset is MISSING or not dataset[0]:
            return default
        return [dataset[1], dataset[2]]

    def has(self, key):
        """Is the dataset persistent? Also if it is none, since then the Store says so."""
        dataset = self._datasets.get(key, MISSING)
        try:
            return dataset is not MISSING and bool(dataset[0])
        except Exception:
            return True


class DatasetDB(TaskObject):
    """Takes the place of ``artiq.master.databases.DatasetDB``.

    Where another process writes the database, this one reads it, with a warning, and ``save`` raises LockedError if
    there is something to save. ``keep_journals`` is that of ``Database``.
    """

    def __init__(self, persist_file, autosave_period=30, *, keep_journals=False):
        self.persist_file = persist_file
        self.autosave_period = autosave_period
        self.pending_keys = set()
        self._noted = set()  # those of them that the Store knows
        self._is_running = False  # is the task?
        path = os.fsdecode(persist_file)
        self._writer = self._locked = None
        try:
            self._writer = Writer(path, False)
            data = self._writer.data
        except LockedError as error:
            logger.warning("%s. Changes made here will not be saved.", error)
            self._locked = error
            reader = Reader(path)
            data = reader.data
            reader.close()
        try:
            rows, as_ours = rows_of(data, path)
        except BaseException:
            if self._writer:
                self._writer.abandon()
            raise
        datasets = {key: (True, *row) for key, row in rows.items()}
        self.data = Notifier(datasets)
        self._view = _Persistent(datasets)
        if self._writer:
            self._writer.start(self._view, sync=None, keep_journals=keep_journals, on_error=None, at_exit=False)
            self._store = self._writer.store
            self._store.raises_trouble = False
            if not as_ours:
                self._touch(datasets)

    def close_db(self):
        """Gives the file back. As with LMDB, changes that have not been saved are lost."""
        if self._writer is None:
            return
        if self._noted or self.pending_keys:
            self._writer.abandon()
        else:
            self._writer.close()

    # ---- Saving ----

    def save(self):
        """Waits until all changes so far are on the disk."""
        if self._writer is None:
            if self.pending_keys:
                raise self._locked
            return
        self._note_others()
        self._writer.flush()
        self._noted.clear()
        self.pending_keys.clear()

    def _note_others(self):
        """Notes the keys that others have put into ``pending_keys``."""
        self._touch(self.pending_keys - self._noted)

    def _touch(self, keys):
        self._store.check_process()
        for key in keys:
            with self._store.lock:
                if self._view.has(key) or key in self._view.stored:
                    self._store.touch(key)
                    self._note_place(key)

    async def _do(self):
        if self._writer is None:
            await asyncio.get_running_loop().create_future()
        self._writer.set_sync(min(_SYNC, self.autosave_period))
        self._is_running = True
        try:
            self._note_others()
            while True:
                await asyncio.sleep(self.autosave_period)
                self._note_others()
                self._noted.clear()  # the thread writes them, and goes on until it can
                self.pending_keys.clear()
        finally:
            self._is_running = False
            self._writer.set_sync(None)
            self.save()

    # ---- Datasets ----

    def get(self, key):
        return self.data.raw_view[key][1]

    def get_metadata(self, key):
        return self.data.raw_view[key][2]

    def update(self, mod):
        if mod["path"]:
            key = mod["path"][0]
        else:
            assert mod["action"] in (ModAction.setitem.value, ModAction.delitem.value)
            key = mod["key"]
        self.pending_keys.add(key)
        self._change(key, self._stored_mod(mod), lambda: process_mod(self.data, mod))

    def _stored_mod(self, mod):
        """Returns the mod for [value, metadata]; None if the dataset is to be stored as a whole, or the mod is none."""
        path = mod["path"]
        if len(path) < 2 or type(path[1]) is not int or path[1] not in (1, 2):
            return None
        try:
            return mods.normal({**mod, "path": [path[0], path[1] - 1, *path[2:]]})
        except Exception:  # process_mod raises its own
            return None

    def set(self, key, value, persist=None, metadata=None):
        old = self.data.raw_view.get(key)
        if persist is None:
            persist = False if old is None else old[0]
        if metadata is None:
            metadata = {} if old is None else old[2]
        self._change(key, None, lambda: self.data.__setitem__(key, (persist, value, metadata)))
        self.pending_keys.add(key)

    def delete(self, key):
        self._change(key, None, lambda: self.data.__delitem__(key))
        self.pending_keys.add(key)

    def _change(self, key, mod, perform):
        if not self._is_running:  # ``save`` looks at the values
            return perform()
        self._store.check_process()
        with self._store.lock:
            if mod is not None and key in self._view.stored:
                self._store.change(key, mod, perform)
            else:
                self._change_as_a_whole(key, perform)
        self._noted.add(key)

    def _change_as_a_whole(self, key, perform):
        try:
            perform()
        finally:
            if self._view.has(key) or key in self._view.stored:
                self._store.change(key, None, lambda: None)
                self._note_place(key)

    def _note_place(self, key):
        if self._view.has(key):
            self._view.stored.add(key)
        else:
            self._view.stored.discard(key)
