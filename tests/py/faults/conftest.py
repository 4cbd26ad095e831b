# SPDX-License-Identifier: LGPL-3.0-or-later
import gc

import pytest


@pytest.fixture(autouse=True, scope="module")
def freeze_garbage_collector():
    """Tests that collect garbage, some hundreds of times, need not look at the objects of all tests before them."""
    gc.collect()
    gc.freeze()
