# SPDX-License-Identifier: LGPL-3.0-or-later
"""The list of mistakes that mutate.py makes; in_library.py and in_extension.py fill it."""
from typing import NamedTuple


class Mutation(NamedTuple):
    file: str
    old: str  # stands once in the file
    new: str
    tests: tuple
    equivalent: str | None  # why nothing can notice it


MUTATIONS = []


def mutate(file, tests, *changes):
    """Changes are (old, new), or (old, new, why that is equivalent)."""
    for old, new, *equivalent in changes:
        MUTATIONS.append(Mutation(file, old, new, tuple(tests.split()), equivalent[0] if equivalent else None))
