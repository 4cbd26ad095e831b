"""The smallest list that still fails."""

import time


def minimise(items, fails, simplest=None, patience=20):
    """Leaves out as many items as can be, and puts `simplest`, a list of one, in the place of others.

    After so many seconds it is content with what it has.
    """
    items, end = list(items), time.monotonic() + patience
    size = max(len(items) // 2, 1)
    while size:
        i = 0
        while i < len(items) and time.monotonic() < end:
            rest = items[i + size :]
            tries = [items[:i] + rest]
            if simplest:
                tries.append(items[:i] + simplest * len(items[i : i + size]) + rest)
            for smaller in tries:
                if smaller != items and fails(smaller):
                    items = smaller
                    break
            else:
                i += size
        size //= 2
    return items
