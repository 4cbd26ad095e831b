"""The Python in docs/cluster.md runs, a section each, where the packages are that it imports."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cluster.md"


def sections():
    """(heading, number of the first line, text) of the blocks of Python."""
    text = PAGE.read_text(encoding="utf-8")
    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        heading = re.findall(r"^## (.*)", text[: match.start()], re.MULTILINE)[-1]
        yield pytest.param(text.count("\n", 0, match.start(1)), match[1], id=heading)


@pytest.mark.parametrize("line, text", list(sections()))
def test_python_runs(line, text, tmp_path, monkeypatch):
    for package in set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)):
        if not importlib.util.find_spec(package):
            pytest.skip(f"without {package}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    exec(compile("\n" * line + text, str(PAGE), "exec"), {"__name__": "__main__"})
