# SPDX-License-Identifier: LGPL-3.0-or-later
"""``db compact``."""

import os
import threading

from fastpyon._db.entries import open_for_changes
from fastpyon._db.faults import count, say
from fastpyon._db.progress import Bar

_PERIOD = 0.1  # seconds between two looks


def with_bar(what, writer):
    """Compacts a Database or a Writer, and shows the progress."""
    errors = []

    def work():
        try:
            writer.compact()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    with Bar(what) as bar:
        thread.start()
        while thread.is_alive():
            bar.show(writer.compacted)
            thread.join(_PERIOD)
    if errors:
        raise errors[0]


def compact(options):
    with open_for_changes(options) as db:
        with_bar(f"compact {options.file}", db)
        keys = count(len(db), "key")
    say(f"{options.file}: {keys}, {count(os.path.getsize(options.file), 'byte')}")
    return 0
