# SPDX-License-Identifier: LGPL-3.0-or-later
"""Mistakes that one might make in lib/ and pymod/, for mutate.py: by file, with the tests that should notice."""
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


# ---- Bounds ------------------------------------------------------------------------------------

mutate(
    "lib/write/escape.c", "c/test_escape c/portable_escape",
    ("#define SLACK (3 + VECTOR_SIZE + 12)", "#define SLACK (3 + VECTOR_SIZE)"),
)  # fmt: skip
mutate(
    "lib/write/write_run.c", "c/test_write_run",
    ("separator.length) + LONGEST_PIECE)", "separator.length))"),
)  # fmt: skip
mutate(
    "lib/number/wide.h", "c/test_number_wide",
    ("(1 + MAX_DIGITS + 1 + RUN_LOADED)", "(MAX_DIGITS + 1 + RUN_LOADED)"),
)  # fmt: skip
