"""The smallest list that still fails."""


def minimise(items, fails, simplest=None, patience=400):
    """Leaves out as many items as can be, and puts `simplest`, a list of one, in the place of others.

    After a number of tries it returns the smallest so far.
    """
    items = list(items)
    size = max(len(items) // 2, 1)
    while size:
        i = 0
        while i < len(items) and patience > 0:
            rest = items[i + size :]
            tries = [items[:i] + rest]
            if simplest:
                tries.append(items[:i] + simplest * len(items[i : i + size]) + rest)
            patience -= len(tries)
            for smaller in tries:
                if smaller != items and fails(smaller):
                    items = smaller
                    break
            else:
                i += size
        size //= 2
    return items
