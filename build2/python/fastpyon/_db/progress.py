# SPDX-License-Identifier: LGPL-3.0-or-later
"""A bar on the terminal for what takes long."""

import sys
import time

_WAIT = 0.5  # seconds: what is done before then needs no bar
_PERIOD = 0.1  # seconds between two bars
_WIDTH = 30  # characters


class Bar:
    """Shows how much is done, if standard error is a terminal. It goes at the end of a ``with``."""

    def __init__(self, what):
        self._what = what
        self._due = time.monotonic() + _WAIT if sys.stderr and sys.stderr.isatty() else float("inf")
        self._shown = False

    def show(self, share):
        """``share`` is what is done, from 0 to 1."""
        now = time.monotonic()
        if now < self._due:
            return
        full = round(share * _WIDTH)
        print(f"\r{self._what} [{'#' * full:{_WIDTH}}] {share:4.0%}", end="\x1b[K", file=sys.stderr, flush=True)
        self._due, self._shown = now + _PERIOD, True

    def over(self, items, count):
        """Iterates over items, and shows the share of them that is done."""
        for done, item in enumerate(items):
            self.show(done / count)
            yield item

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
