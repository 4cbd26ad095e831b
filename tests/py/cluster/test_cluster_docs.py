"""The Python in docs/cluster.md runs, each block as a script, where the packages are that it imports."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cluster.md"


def sections():
    """The blocks of Python, with their headings as ids."""
    text = PAGE.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        heading = re.findall(r"^## (.*)", text[: match.start()], re.MULTILINE)[-1]
        yield pytest.param(match[1], id=heading)


@pytest.mark.parametrize("text", list(sections()))
def test_python_runs(text, tmp_path):
    for package in set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)):
        if not importlib.util.find_spec(package):
            pytest.skip(f"without {package}")
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout[-4000:]
