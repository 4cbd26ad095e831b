# SPDX-License-Identifier: LGPL-3.0-or-later
import os
import tempfile

import pytest


@pytest.fixture
def path():
    """The name of a database in a new folder in memory: each batch is synced, which takes long on a disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield f"{folder}/data.pyon"
