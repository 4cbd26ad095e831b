# SPDX-License-Identifier: LGPL-3.0-or-later
"""The core of a database that is written: changes come in from the caller's threads, batches go out to the flusher.

The data belongs to the caller: a Store sees it through a view with ``keys()`` and ``get(key, default)``. So one copy
of the data serves whatever class stands in front of it.

A signal handler may raise between any two steps of a change. ``_unsure`` has the keys whose change has begun and not
ended. Nobody knows how far it came, so the next one that has the lock writes the whole value of such a key.
"""

import os
import threading
from bisect import bisect_left
from collections import deque

from fastpyon.database import mods
from fastpyon.database.errors import DatabaseError, NotStored, logger
from fastpyon.database.mods import MISSING
from fastpyon.database.pending import Pending


class Coming:
    """The keys that a compaction encodes, in their order: ``old`` (a sorted list) and ``new`` (a set).

    ``passed`` is the last one that has been encoded, None at first. ``left_out`` are those whose values cannot be
    stored: the snapshot keeps what the disk has, so changes of them are carried.
    """

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.passed = None
        self.left_out = frozenset()

    def __contains__(self, key):
        """Is a key yet to be encoded?"""
        if (self.passed is not None and key <= self.passed) or key in self.left_out:
            return False
        return key in self.new or self._is_old(key)

    def _is_old(self, key):
        at = bisect_left(self.old, key)
        return at < len(self.old) and self.old[at] == key

    @property
    def share(self):
        """How much has been done, from 0 to 1, for any thread: the list may be emptied meanwhile."""
        count = len(self.old)
        return min(1.0, bisect_left(self.old, self.passed or "") / count) if count else 0.0


class Store:
    """Gathers the changes of ``view`` for a Flusher, which it tells when there is the first of a batch.

    ``errors`` is {key: exception} for the keys of which the disk has an older value. ``on_error`` is called with
    exceptions, outside the lock; it may be None.
    """

    def __init__(self, view, on_error):
        self.view = view
        self.lock = threading.RLock()
        self.errors = {}
        self.raises_trouble = True  # are errors of the disk raised at the next call?
        self.wake = None  # is called, with the lock, after a change
        self._on_error = on_error
        self._pending = Pending()
        self._unsure = set()
        self._to_tell = deque()
        self._trouble = None  # an error of the disk that the next call raises
        self._pid = os.getpid()
        # A compaction encodes the keys of the last snapshot and those that were set since. It begins at once, however
        # many there are, and needs no copy of the keys of the data, which may change meanwhile.
        self._old_keys = list(view.keys())
        self._new_keys = set()
        self.coming = None  # the Coming of a compaction that runs
        self._encoded = MISSING  # the key that it encodes now without the lock
        self._disturbed = False  # has that one been changed meanwhile?
        self._carried = Pending()  # the changes of keys that are not coming

    # ---- For the callers ----

    @property
    def is_ours(self):
        """Is this the process that has opened the database, and not one that it has made by fork?"""
        return os.getpid() == self._pid

    def check_process(self):
        if not self.is_ours:
            raise DatabaseError(f"the database belongs to process {self._pid}: this one was made by fork")

    def check(self):
        """Raises what keeps this process from making a change now."""
        self.check_process()
        error = self._trouble
        if error is not None:  # of two threads, each raises it
            self._trouble = None
            raise error

    def change(self, key, mod, perform):
        """Makes a change of a key: notes its normal mod, and calls ``perform()``.

        After an exception of that, or without a mod (None), the whole value is noted.
        """
        self.check()
        with self.lock:
            self.settle()
            text = self._text(key, mod)
            self._unsure.add(key)
            self.wake()
            perform()
            if text is None or key not in self._unsure:  # a signal handler has changed the key in between
                self._add_all_of(key)
            else:
                self._add(key, text, mods.is_whole(mod))
            self._unsure.discard(key)
        if self._to_tell:
            self.tell()

    def _text(self, key, mod):
        """Returns the text of a mod, or None if the whole value must be tried."""
        if mod is None or key in self.errors:
            return None
        try:
            if mods.is_whole(mod):
                return mods.text_of(mod)
            return mods.text_inside(mod, self.view.get(key, MISSING))
        except Exception:
            return None

    def touch(self, key):
        """Notes that the value of a key may have changed. It is encoded when it is written."""
        self.check()
        with self.lock:
            self._unsure.add(key)
            self.wake()

    # ---- With the lock ----

    def settle(self):
        """Notes the whole values of the keys whose change was interrupted."""
        while self._unsure:
            for key in list(self._unsure):
                self._add_all_of(key)
                self._unsure.discard(key)

    def _add_all_of(self, key):
        try:
            value = self.view.get(key, MISSING)
            if value is MISSING and not mods.is_key(key):  # the disk has no such key either
                self.errors.pop(key, None)
                return
            text = mods.text_of(mods.setting(key, value))
        except Exception as error:
            self.leave_out(key, error)
        else:
            self.errors.pop(key, None)
            self._add(key, text, True)

    def _add(self, key, text, whole):
        self._pending.add(key, text, whole)
        if whole:
            self._new_keys.add(key)
        if self.coming and key not in self.coming:
            self._carried.add(key, text, whole)
        if key == self._encoded:
            self._disturbed = True

    def leave_out(self, key, error):
        """Notes that the value of a key cannot be stored."""
        if key == self._encoded:
            self._disturbed = True
        failure = NotStored(key, error)
        failure.__cause__ = error
        self.errors[key] = failure
        self._to_tell.append(failure)

    def take(self):
        """Returns the texts of all changes that have gathered, and forgets them."""
        self.settle()
        return self._pending.take()

    # ---- For the flusher, without the lock ----

    def tell(self):
        """Logs the exceptions that have gathered, and gives them to the caller's function."""
        while True:
            try:
                error = self._to_tell.popleft()
            except IndexError:
                return
            self.report(error)

    def report(self, error):
        logger.error("%s", error)
        if self._on_error is not None:
            try:
                self._on_error(error)
            except Exception:
                logger.exception("on_error has raised an exception")

    def set_trouble(self, error):
        """Has the next call raise an error of the disk; None for no error."""
        if self.raises_trouble:
            self._trouble = error

    # ---- For a compaction, with the lock ----

    @property
    def old_keys(self):
        """The keys that the last snapshot may have: a list that is not changed."""
        return self._old_keys

    def begin_compaction(self, old_keys):
        """Begins, and returns the Coming of its keys. ``old_keys`` are those of ``old_keys()``, sorted.

        From now on, changes of keys that are not coming are carried into the new journal.
        """
        self.settle()
        self.coming = Coming(old_keys, self._new_keys)
        self._new_keys = set()
        return self.coming

    def end_compaction(self, keys=None):
        """Returns the texts that are carried. ``keys`` is a sorted list of those in the snapshot; None if it failed."""
        if self.coming is None:
            return []
        if keys is None:
            self._new_keys |= self.coming.new
        else:
            self._old_keys = keys
        self.coming = None
        self._encoded = MISSING
        return self._carried.take()

    def has_come(self, key):
        """Says that the snapshot has the key as it is now."""
        self.coming.passed = key
        self._encoded = MISSING

    def begin_to_encode(self, key):
        """Begins to watch a key that is encoded without the lock."""
        self._encoded, self._disturbed = key, False

    def was_disturbed(self):
        """Has the key been changed since?"""
        self.settle()
        return self._disturbed
