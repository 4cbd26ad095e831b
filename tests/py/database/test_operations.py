# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random operations on a database beside a dict (tests/slow/database.py has more of them)."""

import operations
import pytest

from systems import replaces_open_files


@replaces_open_files
@pytest.mark.parametrize("seed", range(5))
def test_random_operations(path, seed):
    operations.run(path, seed, 2000)
