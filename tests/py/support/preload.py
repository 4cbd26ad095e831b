# SPDX-License-Identifier: LGPL-3.0-or-later
"""The libraries of tests/preload, compiled."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "preload"


def compiled(name, folder):
    """The path of the library in the folder; skips the test if there is no compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no compiler")
    library = folder / f"{name}.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCES / f"{name}.c"], check=True)
    return library
