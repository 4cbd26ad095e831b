# SPDX-License-Identifier: LGPL-3.0-or-later
"""Tries an installed fastpyon: `PYTHON tests/smoke.py`, without pytest. It needs no NumPy, but uses it if it is there.

This is the first test of a package (tools/wheels.sh, cibuildwheel, debian/tests). The package must be found where it is
installed, not in this tree, so the current directory and this file's do not matter.
"""

import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:] = [path for path in sys.path if Path(path).resolve() not in (ROOT, ROOT / "tests")]

import fastpyon  # noqa: E402
from fastpyon import _command, _core, database, pyon, pyon_v1, stream  # noqa: E402, F401

VALUE = {
    "scan": (1, 2.5),
    3: {"a", "b"},
    "text": "\u00e9\n",
    "none": None,
    "bytes": b"\0\xff",
    "range": slice(1, None, 2),
}


def main():
    package = Path(fastpyon.__file__).resolve()
    assert ROOT / "pymod" not in package.parents, f"{package} is not installed"
    # Only setuptools writes the metadata; after `make install` there are none.
    try:
        assert metadata.version("fastpyon") == fastpyon.__version__
    except metadata.PackageNotFoundError:
        print("smoke: the package has no metadata")

    for module in (pyon, pyon_v1):
        assert module.decode(module.encode(VALUE)) == VALUE
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "file.pyon")
            module.store_file(file, VALUE)
            assert module.load_file(file) == VALUE
    assert pyon_v1.encode({"scan": (1, 2.5)}) == '{"scan": (1, 2.5)}'

    parts = "no NumPy"
    try:
        import numpy
    except ImportError:
        pass
    else:
        parts = f"NumPy {numpy.__version__}"
        array = numpy.arange(6.0).reshape(2, 3)
        for module in (pyon, pyon_v1):
            assert (module.decode(module.encode(array)) == array).all()

    program = _command.find()
    assert program, "the program pyon is not installed beside the package"
    file = ROOT / "examples" / "dataset_db.pyon"
    shown = subprocess.run([program, "show", file], capture_output=True, encoding="utf-8")
    assert (shown.returncode, shown.stderr) == (0, "") and shown.stdout.startswith("dict of 183\n"), shown
    checked = subprocess.run([sys.executable, "-m", "fastpyon", "check", file], capture_output=True, text=True)
    assert checked.returncode == 0, checked

    print(f"smoke: fastpyon {fastpyon.__version__}, Python {sys.version.split()[0]}, {parts}: {_core.__file__}")


if __name__ == "__main__":
    main()
