# SPDX-License-Identifier: LGPL-3.0-or-later
"""The Python package on Windows: what other code does there than on POSIX. check-windows runs this by a Python for
Windows, in wine or in Windows itself. It needs NumPy and no pytest; sipyco's pipes are tried if sipyco is there."""

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import threading
from asyncio import windows_utils
from pathlib import Path

import numpy

from fastpyon import _core, _system, pyon, pyon_v1, stream
from fastpyon.database import Database, LockedError

BIG = {"points": list(range(300000))}


def run(code, *arguments):
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def try_values():
    value = {"a": [1, 2.5, (3, None)], "b": numpy.arange(12.0).reshape(3, 4), "c": "\N{SNOWMAN}"}
    for module in pyon, pyon_v1:
        back = module.decode(module.encode(value))
        assert back["a"] == value["a"] and back["c"] == value["c"]
        assert (back["b"] == value["b"]).all() and back["b"].dtype == value["b"].dtype
    assert _core.room() > 1000  # the stack is known
    nested = []
    for _ in range(500):
        nested = [nested]
    assert len(pyon.encode(nested)) == 1002


def try_files(folder):
    file = folder / "\N{SNOWMAN} of a long name.pyon"
    pyon.store_file(file, {"x": 1})
    assert file.read_bytes() == b'{\n    "x": 1\n}' and pyon.load_file(str(file).replace("\\", "/")) == {"x": 1}
    with open(file):  # which does not let others replace it
        error = raises(PermissionError, pyon.store_file, file, {"x": 2})
        assert error.winerror == 32 and error.filename == str(file), error
    assert pyon.load_file(file) == {"x": 1} and names(folder) == [file.name]
    assert pyon.load_file(os.open(file, os.O_RDONLY)) == {"x": 1}  # which is closed

    raises(FileNotFoundError, pyon.load_file, folder / "none")
    raises(PermissionError, pyon.load_file, folder)
    assert raises(OSError, pyon.load_file, 12345).errno == 9

    stream.store_lines(file, [1, 2], backup=True)
    stream.store_lines(file, [3], append=True)
    assert file.read_bytes() == b"1\n2\n3\n" and list(stream.load_lines(file)) == [1, 2, 3]
    assert pyon.load_file(folder / (file.name + "~")) == {"x": 1}
    file.write_bytes(b"1\n2")  # a line without an end
    raises(ZeroDivisionError, stream.store_lines, file, (1 // (3 - i) for i in range(5)), pyon)
    raises(ZeroDivisionError, lambda: stream.store_lines(file, (6 // (3 - i) for i in range(5)), append=True))
    assert file.read_bytes() == b"1\n2\n2\n3\n6\n"


TELL_LOCK = """
import sys
from fastpyon.database import Database, LockedError
try:
    Database(sys.argv[1])
except LockedError as error:
    print(error.pid)
"""
CHANGE = """
import os, sys
from fastpyon.database import Database
db = Database(sys.argv[1])
db["f"] = 6
db.flush()
os._exit(0)
"""


def try_database(folder):
    path = folder / "db.pyon"
    with Database(path) as db:
        db.update(a=1, b=[2.5, (3,)])
        db.flush()
        assert raises(LockedError, Database, path).pid == os.getpid()
        assert run(TELL_LOCK, str(path)) == str(os.getpid())
        with Database(path, readonly=True) as reader:
            assert dict(reader) == {"a": 1, "b": [2.5, (3,)]}
            db["c"] = 3
            db.flush()
            assert reader.refresh() and reader["c"] == 3
        db.compact()
        db["d"] = 4
    with Database(path, keep_journals=True) as db:
        assert dict(db) == {"a": 1, "b": [2.5, (3,)], "c": 3, "d": 4}
        db["e"] = 5
    assert len(names(folder)) == 4, names(folder)
    # A process that is killed gives its lock back, and its changes that were flushed are there.
    run(CHANGE, str(path))
    with Database(path) as db:
        assert db["f"] == 6


def pass_value(source, target):
    """Sends a value that is larger than any buffer."""
    writer, reader = stream.Writer(target), stream.Reader(source)
    thread = threading.Thread(target=writer.write, args=(BIG,))
    thread.start()
    assert reader.read() == BIG
    thread.join()
    return reader


def try_streams():
    source, target = os.pipe()
    reader = pass_value(source, target)
    os.close(target)
    raises(EOFError, reader.read)
    os.close(source)
    a, b = socket.socketpair()
    with a, b:
        reader = pass_value(a, b)
        b.close()
        raises(EOFError, reader.read)
    raises(OSError, stream.Writer(12345).write, 1)


async def echo(reader, writer):
    async for value in reader:
        await writer.write(value)


async def try_asyncio():
    server = await stream.start_server(echo, "127.0.0.1", 0)
    reader, writer = await stream.open_connection(*server.sockets[0].getsockname())
    await writer.write(BIG)
    assert await reader.read() == BIG
    writer.close()
    server.close()

    source, target = map(windows_utils.PipeHandle, windows_utils.pipe(duplex=True, overlapped=(True, True)))
    reader, writer = await stream.connect_read_pipe(source), await stream.connect_write_pipe(target)
    writing = asyncio.ensure_future(writer.write(BIG))
    assert await reader.read() == BIG
    await writing
    writer.close()
    reader.close()


CHILD = """
import asyncio, sys, fastpyon
fastpyon.install()
from sipyco.pipe_ipc import AsyncioChildComm
async def main():
    comm = AsyncioChildComm(sys.argv[1])
    await comm.connect()
    comm.write(await comm.readline())
    await comm.drain()
    await comm.readline()
    print(type(comm.reader).__module__)
    comm.close()
asyncio.run(main())
"""


async def try_swap():
    import fastpyon

    fastpyon.install()
    from sipyco import pipe_ipc

    try:
        line = b"x" * (3 << 20) + b"\n"
        comm = pipe_ipc.AsyncioParentComm()
        await comm.create_subprocess(sys.executable, "-c", CHILD, comm.get_address(), stdout=subprocess.PIPE)
        comm.write(line)
        assert await asyncio.wait_for(comm.readline(), 60) == line
        assert type(comm.reader).__module__ == "fastpyon._swap.streams"
        comm.write(b"end\n")
        output = await comm.process.stdout.read()
        assert output.strip() == b"fastpyon._swap.streams", output
        await comm.process.wait()
        await asyncio.sleep(0.1)  # the pipe's server closes
    finally:
        fastpyon.uninstall()


def try_processes(folder):
    program = folder / "program.py"
    program.write_text("import sys; print(sys.argv[1:], __name__); sys.exit(3)")
    result = subprocess.run(
        [sys.executable, "-m", "fastpyon", "run", program, "a b", '"'],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (3, "['a b', '\"'] __main__\n"), result
    code = "from fastpyon import _system; _system.become(r'%s', [r'%s', '-c', 'import sys; sys.exit(5)'])"
    result = subprocess.run([sys.executable, "-c", code % (sys.executable, sys.executable)], stdin=subprocess.DEVNULL)
    assert result.returncode == 5, result


def main():
    assert os.name == "nt" and _system.PROGRAM == "pyon.exe"
    try_values()
    for function in try_files, try_database, try_processes:
        with tempfile.TemporaryDirectory() as folder:
            function(Path(folder))
    try_streams()
    asyncio.run(try_asyncio())
    if importlib.util.find_spec("sipyco"):
        asyncio.run(try_swap())
    print(f"package: Python {sys.version.split()[0]} for Windows, NumPy {numpy.__version__}")


if __name__ == "__main__":
    main()
