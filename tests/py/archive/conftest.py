# SPDX-License-Identifier: LGPL-3.0-or-later
import importlib.util
from pathlib import Path

import pytest

from fastpyon import _system

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def results():
    """The module examples/results.py, which makes folders of results."""
    pytest.importorskip("h5py")
    specification = importlib.util.spec_from_file_location("results", ROOT / "examples" / "results.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tree(tmp_path_factory, results):
    """A folder of 20 results, which tests copy before they change it."""
    folder = tmp_path_factory.mktemp("tree")
    results.write_results(folder, 20)
    return folder


@pytest.fixture(autouse=True)
def no_sync(monkeypatch):
    """No test cuts the power, so none waits for the disk."""
    monkeypatch.setattr(_system, "sync", lambda descriptor: None)


@pytest.fixture(params=["pyonl", "pyonl.zst"])
def path(request, tmp_path):
    """The name of an archive of each kind."""
    if request.param == "pyonl.zst":
        pytest.importorskip("zstandard")
    return str(tmp_path / f"archive.{request.param}")
