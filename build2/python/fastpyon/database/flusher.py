# SPDX-License-Identifier: LGPL-3.0-or-later
"""The thread that writes: batches into the journal, and at times the whole data into a new snapshot."""

import threading
import time

from fastpyon.database import compaction, files
from fastpyon.database.errors import DatabaseError, logger

_LARGE = 1 << 24  # bytes of a journal that is not compacted
_RETRY = 1.0  # seconds until the next try after an error of the disk


def _seconds(sync):
    return 0.0 if sync == "always" else sync


class Flusher:
    """Writes what a Store gathers.

    A round writes all changes and may compact after that. ``ask`` waits for a round that begins after the call.
    """

    def __init__(self, path, store, log, identity, signature, *, sync, mode, keep_journals):
        self._path, self._store, self._journal = path, store, log
        self._identity, self._signature = identity, signature
        self._period = _seconds(sync)
        self._mode, self._keep_journals = mode, keep_journals
        self._turn = threading.Condition(store.lock)
        self._due = None  # when the next round begins, of time.monotonic()
        self._asked = self._answered = 0  # numbers of rounds
        self._wants_compaction = self._stops = False
        self._results = None, None  # of the last round: errors of the journal and of the compaction
        self._texts = []  # that have been taken
        self._failed = None  # the batch that could not be written: it is written first, and as it is
        self._told = None  # the last error of the disk, as text
        self._compact_from = _LARGE
        store.wake = self._note_change
        self._thread = threading.Thread(target=self._run, name=f"fastpyon.database {path}", daemon=True)
        self._thread.start()

    # ---- For the callers ----

    def _note_change(self):
        if self._due is None and self._period is not None:
            self._due = time.monotonic() + self._period
            self._turn.notify_all()

    def ask(self, compact=False):
        """Has a round done, and returns the errors of the journal and of the compaction: None if there are none."""
        if threading.current_thread() is self._thread:
            raise DatabaseError("on_error cannot wait for the thread that calls it")
        with self._turn:
            self._asked += 1
            ticket = self._asked
            self._wants_compaction |= compact
            self._turn.notify_all()
            while self._answered < ticket:
                self._turn.wait()
            return self._results

    def set_sync(self, sync):
        """Changes the time after which changes are written."""
        with self._turn:
            self._period = _seconds(sync)
            self._note_change()

    def stop(self):
        """Ends the thread."""
        with self._turn:
            self._stops = True
            self._turn.notify_all()
        self._thread.join()
        self._journal.close()

    @property
    def has_changes(self):
        """Does the journal have changes?"""
        return self._journal.has_changes

    # ---- In the thread ----

    def _run(self):
        while True:
            with self._turn:
                while not (self._stops or self._asked > self._answered or self._is_due()):
                    self._turn.wait(self._seconds_left())
                if self._stops:
                    return
                ticket, self._due = self._asked, None
                compact, self._wants_compaction = self._wants_compaction, False
            try:
                results = self._round(compact)
            except BaseException as error:  # a SystemExit of on_error, for instance: nothing ends this thread
                results = error, None
            with self._turn:
                self._results = results
                was_asked, self._answered = ticket > self._answered, ticket
                if results[0] is not None:
                    self._due = time.monotonic() + _RETRY
                self._store.set_trouble(None if was_asked else results[0])
                self._turn.notify_all()

    def _seconds_left(self):
        """Returns the seconds until the next round, at most those that can be waited for; None if there is none."""
        if self._due is None:
            return None
        return min(max(0.0, self._due - time.monotonic()), threading.TIMEOUT_MAX)

    def _is_due(self):
        return self._due is not None and time.monotonic() >= self._due

    def _round(self, compact):
        """Returns the errors of the journal and of the compaction."""
        failure = refused = None
        try:
            is_lost = self._journal.is_lost()
            self._write(self._store.take)
            is_lost |= self._journal.is_lost()
        except Exception as error:
            failure = error
            self._tell_once(error)
        else:
            self._told = None
            if is_lost:
                logger.warning("%r: another program has changed the journal, so all is written anew", self._path)
            if compact or is_lost or self._is_large():
                refused = self._compact()
            failure = refused if is_lost else None
        self._store.tell()
        return failure, refused

    def _tell_once(self, error):
        """Reports an error of the disk, if the last try has not had the same."""
        if str(error) != self._told:
            self._told = str(error)
            self._store.report(error)

    def _write(self, take):
        """Writes what could not be written, and then the texts that ``take()`` returns with the lock."""
        self._write_taken()
        with self._store.lock:
            self._texts = take()
        self._write_taken()

    def _write_taken(self):
        if not self._failed and self._texts:
            self._failed = self._journal.batch(self._texts)
        self._texts = []
        if self._failed:
            self._journal.append(self._failed)
            self._failed = None

    def _is_large(self):
        snapshot = self._identity.size if self._identity else 0
        return (self._journal.size or 0) > max(self._compact_from, snapshot)

    def _compact(self):
        """Returns the error, or None."""
        try:
            self._signature = compaction.check_snapshot(self._path, self._identity, self._signature)
            work = compaction.Compaction(self._path, self._store, self._write)
            work.run(self._mode)
            self._identity = work.identity
            self._signature = files.signature(files.look(self._path))
            if self._keep_journals:
                self._journal.keep()
            self._journal.renew(work.identity, work.carried)
            self._compact_from = _LARGE
        except Exception as error:
            self._compact_from = max(_LARGE, 2 * (self._journal.size or 0))
            self._store.report(error)
            return error
        logger.info("%r was compacted: %d bytes", self._path, work.identity.size)
        return None
