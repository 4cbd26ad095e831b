# SPDX-License-Identifier: LGPL-3.0-or-later
"""The function that fastpyon.start names. Interpreters run it when they start, so it imports nothing without need."""

import os
import sys


def start():
    """Puts fastpyon in the place of sipyco if FASTPYON says so: the same as the line in fastpyon.pth."""
    if sys.flags.ignore_environment or os.environ.get("FASTPYON", "0") in ("", "0"):
        return
    from fastpyon import _swap

    _swap.start()
