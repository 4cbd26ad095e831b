# SPDX-License-Identifier: LGPL-3.0-or-later
"""Changes of a database, and what is there after it was closed."""

from fastpyon.database import Database


def reopened(path):
    with Database(path) as db:
        return dict(db)


def mod(action, *path, **others):
    return {"action": action, "path": list(path), **others}
