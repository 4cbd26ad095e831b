# SPDX-License-Identifier: LGPL-3.0-or-later
"""Compaction: the data becomes the new snapshot while the caller goes on to change it (see docs/database.md).

A few keys are encoded with the lock, for a fraction of a millisecond. A large value is encoded without it, in pieces,
and once more with it if it was changed meanwhile.
"""

import contextlib
import gc
import heapq
import itertools
import threading
import time
from operator import itemgetter

from fastpyon import _core
from fastpyon.database import files, journal, mods, snapshot
from fastpyon.database.errors import EditedError, logger
from fastpyon.database.mods import MISSING

_WORK = 0.0005  # seconds with the lock, or without a pause for other threads
_PAUSE = 0.0001  # seconds: then a thread that waits gets the interpreter
_SMALL = 1 << 15  # bytes of a text that is made at once
_RUN = 1 << 12  # keys that are sorted at once
_MANY = 1 << 13  # keys of a database whose objects take the collector long
_NONE = object()  # in the place of the iterator of a value that cannot be stored


class _Breath:
    """Pauses after each span of work, so that other threads need not wait for their turn."""

    def __init__(self):
        self._end = 0.0

    def over(self):
        return time.monotonic() >= self._end

    def take(self):
        time.sleep(_PAUSE)
        self._end = time.monotonic() + _WORK


class Compaction:
    """One compaction of a database.

    ``write(texts)`` writes what has gathered and the given texts into the journal.
    """

    def __init__(self, path, store, write):
        self._path, self._store, self._write = path, store, write
        self._breath = _Breath()
        self._left_out = {}  # keys whose value cannot be stored, and the text that the disk has, or None
        self._written = []  # the keys that the snapshot has
        self.identity = None
        self.carried = None  # texts for the new journal

    def run(self, mode):
        """Replaces the snapshot."""
        try:
            files.replace(self._path, self._write_snapshot, mode)
        finally:
            with self._store.lock:
                self._store.end_compaction()

    def _write_snapshot(self, file):
        store = self._store
        layout = snapshot.Layout(file)
        before = store.old_keys
        old = self._sorted_list(before)
        with store.lock:
            coming = store.begin_compaction(old)
            coming.left_out = frozenset(store.errors)
        self._left_out = dict.fromkeys(coming.left_out) | self._stored(coming.left_out)
        both = heapq.merge(old, *self._chains(coming.new)) if coming.new else old
        ordered = map(itemgetter(0), itertools.groupby(both))  # each key once
        while self._add_some(layout, ordered):
            self._breath.take()
        self.identity = layout.end()
        self._write(self._finish)
        del ordered, both
        self._forget(old)
        self._forget(before)

    def _forget(self, keys):
        """Empties a list by and by: to free a million keys at once takes long."""
        while keys:
            del keys[-_RUN:]
            self._breath.take()

    def _sorted_list(self, keys):
        """Returns a sorted list."""
        chains = self._chains(keys)
        if len(chains) == 1:
            return chains[0]
        ordered = []
        merged = heapq.merge(*chains)
        while some := list(itertools.islice(merged, _RUN)):
            ordered += some
            self._breath.take()
        del merged
        for chain in chains:
            self._forget(chain)
        return ordered

    def _chains(self, keys):
        """Returns sorted lists with all keys: one, if they are sorted."""
        chains = []
        rest = iter(keys)
        while run := sorted(itertools.islice(rest, _RUN)):
            if chains and chains[-1][-1] <= run[0]:
                chains[-1] += run
            else:
                chains.append(run)
            self._breath.take()
        return chains

    def _finish(self):
        """Returns the texts of all changes so far, and of the line that ends them: with the lock."""
        texts = self._store.take()
        self.carried = self._store.end_compaction(self._written)
        return [*texts, journal.compacted(self.identity, self.carried)]

    def _add_some(self, layout, keys):
        """Adds keys for a short time. Returns whether there may be more."""
        store = self._store
        texts = []  # written without the lock, since the disk may have to wait
        begun, key = None, MISSING
        with store.lock:
            store.settle()
            while not begun and not (texts and self._breath.over()):
                key = next(keys, MISSING)
                if key is MISSING:
                    break
                if key in self._left_out:
                    text = self._left_out[key]
                else:
                    text, begun = self._begin(key)
                if text is not None:
                    texts.append((key, text))
        for small, text in texts:
            self._add(layout, small, [text])
        if begun:
            self._add_large(layout, key, begun)
        return key is not MISSING

    def _begin(self, key):
        """Returns the text of a small value or None, and for any other value an iterator that has begun, or None."""
        store = self._store
        value = store.view.get(key, MISSING)
        if value is MISSING:
            store.has_come(key)
            return None, None
        try:
            if key not in store.errors:
                mods.check_key(key)
                pieces = _core.pieces_v2(value)
                first = next(pieces)
                if len(first) < _SMALL:
                    text = b"".join([first, *pieces])
                    store.has_come(key)
                    return text, None
                store.begin_to_encode(key)
                return None, itertools.chain([first], pieces)
        except Exception as error:
            store.leave_out(key, error)
        return None, _NONE

    def _add_large(self, layout, key, begun):
        """Adds a key whose value is large, or cannot be stored."""
        store = self._store
        pieces = None if begun is _NONE else self._rest(begun)
        with store.lock:
            if key not in store.errors and (pieces is None or store.was_disturbed()):
                pieces = self._at_once(key)
            failed = key in store.errors
            store.has_come(key)
        if failed:
            store.tell()
            pieces = list(self._stored([key]).values())
        if pieces:
            self._add(layout, key, pieces)

    def _add(self, layout, key, pieces):
        layout.add(key, pieces)
        self._written.append(key)

    def _rest(self, begun):
        """Returns all pieces, or None if they could not be made."""
        pieces = []
        try:
            for piece in begun:
                pieces.append(piece)
                if self._breath.over():
                    self._breath.take()
        except Exception:  # perhaps since the value was changed
            return None
        return pieces

    def _at_once(self, key):
        """Returns the text of a value, as a list, while nobody can change it."""
        value = self._store.view.get(key, MISSING)
        try:
            return [] if value is MISSING else [mods.encoded(value)]
        except Exception as error:
            self._store.leave_out(key, error)
            return []

    def _stored(self, keys):
        """Returns {key: text} of the values that the disk has for keys whose own ones cannot be stored."""
        if not keys:
            return {}
        self._write(self._store.take)
        return _on_empty_stack(self._encode_stored, keys)

    def _encode_stored(self, keys):
        data, _, _, content = load(self._path)
        content.close()
        return {key: _core.encode_bytes_v2(data[key]) for key in keys if key in data}


def _on_empty_stack(function, *arguments):
    """Returns the result of a function. It can encode as much nesting as any caller could."""
    found = []

    def call():
        try:
            found.append((function(*arguments), None))
        except BaseException as error:
            found.append((None, error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    result, error = found[0]
    if error is not None:
        raise error
    return result


def load(path):
    """Returns the data that the files have, the Identity and the signature of the snapshot, and the journal's Content.

    For the process that writes, or may not care for another that does.
    """
    with _collector_at_rest():
        content = journal.Content(path)
        try:
            data, identity, signature = snapshot.read(path)
            content.replay(data, identity, path)
            content.forget()
        except BaseException:
            content.close()
            raise
    _make_old(data)
    return data, identity, signature, content


@contextlib.contextmanager
def _collector_at_rest():
    """Keeps the garbage collector from looking at the many objects that are made, of which nothing is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _make_old(data):
    """Makes the objects of a large database old: the collector looks at them when it looks at all of the process."""
    if len(data) >= _MANY and gc.isenabled() and not gc.get_freeze_count():  # else this would melt what is frozen
        gc.freeze()
        gc.unfreeze()


def check_snapshot(path, identity, signature):
    """Raises EditedError if the snapshot is not the one that was read or written. Returns its signature."""
    status = files.look(path)
    now = status and files.signature(status)
    if now is None and signature is not None:
        logger.warning("%r was removed while this process writes the database: it is written anew", path)
    if now is None or now == signature:
        return now
    try:
        found = snapshot.read(path)[1:]
    except Exception:
        found = None, None
    if found[0] != identity:
        raise EditedError(f"{path!r} was changed while this process writes the database: it is not replaced")
    return found[1]
