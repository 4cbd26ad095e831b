# SPDX-License-Identifier: LGPL-3.0-or-later
# ruff: noqa: F405
"""What differs between systems, as functions with the same names in ``posix`` and ``windows``."""

import os

__all__ = [
    "PROGRAM",
    "SCRIPTS",
    "at_fork",
    "become",
    "enlarge_pipe",
    "has_screen",
    "lock",
    "opener",
    "read_at",
    "read_into",
    "sync",
    "unlock",
    "write_at",
]

if os.name == "nt":
    from fastpyon._system.windows import *  # noqa: F403
else:
    from fastpyon._system.posix import *  # noqa: F403
