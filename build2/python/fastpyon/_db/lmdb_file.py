# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files of LMDB with datasets, as ARTIQ 8 and later versions have them: a text of PYON for each key.

ARTIQ has written three kinds: values, for some months before version 8; (value, metadata) in PYON version 1, as
version 8 does; and the same in version 2, from version 9 on.
"""

import os
import tempfile

from fastpyon import _either
from fastpyon._db.faults import FINDING, Finding, Trouble, tell, text_of
from fastpyon.database import files

ARTIQS_SIZE = 1 << 30  # bytes: ARTIQ cannot write into a file that is larger
_LONGEST_KEY = 511  # bytes
_PAGE = 1 << 12  # bytes: LMDB has nothing smaller for a large value


def _import():
    try:
        import lmdb
    except ImportError as error:
        raise Trouble(f"LMDB needs py-lmdb, which cannot be imported ({error}): pip install lmdb") from None
    return lmdb


def _open(lmdb, path):
    """Opens a file to read it. LMDB writes into a file beside it, so that a master that writes knows of readers.

    Where that cannot be written, there is no such lock: a copy on a read-only disk, for instance.
    """
    lock = f"{path}-lock"
    has_lock = os.access(lock if os.path.exists(lock) else os.path.dirname(path) or ".", os.W_OK)
    return lmdb.open(path, subdir=False, readonly=True, lock=has_lock)


def read(path, bar):
    """Returns {key: decoded text} of a file, and the exit status: texts that are no PYON are told by their key."""
    lmdb = _import()
    with open(path, "rb"):  # raises what is wrong with it in the words of the system
        pass
    try:
        with _open(lmdb, path) as file, file.begin() as transaction:
            count = transaction.stat()["entries"]
            return _decode(path, bar.over(transaction.cursor(), count))
    except lmdb.Error as error:
        raise Finding(f"{path}: it cannot be read as a file of LMDB: {error}") from None


def _decode(path, rows):
    found, status = {}, 0
    for key, text in rows:
        try:
            found[key.decode()] = _either.decode_one(text.decode())
        except Exception as error:  # a constructor may raise any
            tell("import", f"{path}: {key!r} is left out: {text_of(error)}")
            status = FINDING
    return found, status


def check_keys(keys, tell_of):
    """Returns the keys that LMDB can have, and calls ``tell_of(key, why)`` for the others."""
    good = []
    for key in keys:
        try:
            size = len(key.encode())
        except UnicodeEncodeError:
            tell_of(key, "LMDB cannot have it, since it has no UTF-8")
            continue
        if 0 < size <= _LONGEST_KEY:
            good.append(key)
        else:
            tell_of(key, f"LMDB cannot have a key of {size} bytes")
    return good


def write(path, texts, mode):
    """Replaces a file by one of LMDB with {key: text}. It is made elsewhere, and then stored as by ``store_file``."""
    lmdb = _import()
    size = ARTIQS_SIZE + sum(len(text) + 2 * _PAGE for text in texts.values())
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/data.mdb"
        try:
            with lmdb.open(made, subdir=False, map_size=size, lock=False, sync=False) as file:
                with file.begin(write=True) as transaction:
                    for key, text in texts.items():
                        transaction.put(key.encode(), text)
        except lmdb.Error as error:
            raise Trouble(f"{made}, which is to become {path}: {error}") from None
        with open(made, "rb") as source:
            files.replace(path, lambda file: _copy(source, file), mode)
        if os.path.getsize(made) > ARTIQS_SIZE:
            tell("export", f"{path} is larger than {ARTIQS_SIZE} bytes: ARTIQ can read it, but it cannot save datasets")


def _copy(source, file):
    while data := source.read(1 << 20):
        file.write(data)
