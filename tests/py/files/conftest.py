# SPDX-License-Identifier: LGPL-3.0-or-later
import pytest


@pytest.fixture
def old(tmp_path):
    """A file with something in it, alone in its folder."""
    path = tmp_path / "file.pyon"
    path.write_text("old")
    return path
