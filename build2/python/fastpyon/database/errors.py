# SPDX-License-Identifier: LGPL-3.0-or-later
"""The exceptions of a database. Errors of the disk are OSErrors."""

import logging

logger = logging.getLogger("fastpyon.database")


class DatabaseError(Exception):
    """Base of the exceptions here."""


class DamagedError(DatabaseError):
    """A file of the database cannot be read: the message says the line."""


class EditedError(DatabaseError):
    """The snapshot is not the one that the journal belongs to."""


class LockedError(DatabaseError):
    """Another process writes the database; ``pid`` is its number, or None if that is not known."""

    def __init__(self, message, pid=None):
        super().__init__(message)
        self.pid = pid


class NotStored(DatabaseError):
    """The value of ``key`` cannot be stored; ``error`` says why."""

    def __init__(self, key, error):
        super().__init__(key, error)
        self.key, self.error = key, error

    def __str__(self):
        return f"the value of {self.key!r} is not stored: {type(self.error).__name__}: {self.error}"
