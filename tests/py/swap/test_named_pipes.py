"""sipyco's module pipe_ipc has other classes on Windows. Here they are made as there, and patched; wine runs them:
tests/windows/package.py."""

import asyncio
import importlib.util
import os
import types
from pathlib import Path

import pytest

from fastpyon._swap import streams

pytest.importorskip("sipyco")


@pytest.fixture
def module(monkeypatch):
    source = Path(importlib.util.find_spec("sipyco").submodule_search_locations[0], "pipe_ipc.py").read_text()
    module = types.ModuleType("pipe_ipc")
    with monkeypatch.context() as context:
        context.setattr(os, "name", "nt")
        exec(compile(source, "pipe_ipc.py", "exec"), vars(module))
    return module


def test_the_parent_takes_long_lines(module):
    assert streams.patch_pipe_ipc(module, setattr) == "ChildComm reads pieces; long lines"

    async def main():
        comm = module.AsyncioParentComm()
        reader = asyncio.StreamReader(limit=16)
        comm._child_connected(reader, None)
        reader.feed_data(b"x" * 1000 + b"\n")
        return await comm.readline()

    assert asyncio.run(main()) == b"x" * 1000 + b"\n"


def test_the_child_reads_pieces_and_writes(module, tmp_path):
    streams.patch_pipe_ipc(module, setattr)
    file = tmp_path / "file"
    file.write_bytes(b"one\ntwo\n")
    comm = module.ChildComm(file)
    comm.f.seek(0)
    assert comm.readline() == b"one\n"
    assert type(comm.f) is streams._NamedPipe
    assert comm.read(2) == b"tw"
    assert comm.write(b"three\n") == 6
    comm.close()
    assert file.read_bytes() == b"one\ntwo\nthree\n"


def test_a_module_of_another_shape_is_left_alone(module):
    del module.AsyncioChildComm.connect
    assert streams.patch_pipe_ipc(module, lambda *values: pytest.fail("patched")) is None
