# SPDX-License-Identifier: LGPL-3.0-or-later
"""The exceptions of an archive. Errors of the disk are OSErrors."""


class ArchiveError(Exception):
    """Base of the exceptions here."""


class DamagedError(ArchiveError):
    """The archive has a part that is no line of a run: the message says where."""


class FrameError(DamagedError):
    """A frame of zstd is damaged. ``is_cut`` if the file ended first."""

    def __init__(self, why, is_cut=False):
        super().__init__(why)
        self.is_cut = is_cut


class LockedError(ArchiveError):
    """Another process writes the archive; ``pid`` is its number, or None if that is not known."""

    def __init__(self, message, pid=None):
        super().__init__(message)
        self.pid = pid
