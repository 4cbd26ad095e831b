# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random operations on a database beside a dict (tests/slow/database.py has more of them)."""

import operations
import pytest


@pytest.mark.parametrize("seed", range(5))
def test_random_operations(path, seed):
    operations.run(path, seed, 2000)
