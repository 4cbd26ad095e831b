# SPDX-License-Identifier: LGPL-3.0-or-later
"""The programs in examples/ do what they say, as `make check` builds them: with libpyon.so."""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fastpyon import pyon, pyon_v1

SOURCES = Path(__file__).resolve().parents[3] / "examples"
PROGRAMS = Path("examples").resolve()
LIBRARY = Path(".libs/libpyon.so.0").resolve()
DATASETS = {"v1": SOURCES / "dataset_db.pyon", "v2": SOURCES / "dataset_db_v2.pyon"}

pytestmark = pytest.mark.skipif(not (PROGRAMS / "mean").exists(), reason="the examples are not built")


def run(program, *arguments, **options):
    return subprocess.run(
        [PROGRAMS / program, *map(str, arguments)], capture_output=True, **{"text": True, "timeout": 60, **options}
    )


def output(program, *arguments, **options):
    done = run(program, *arguments, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# ---- What their comments say ----


def shown():
    """(command, output) of the lines after a "$" in the comments, if there is output."""
    found = []
    for path in sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.py")]):
        for match in re.finditer(r"^([ *]+)\$ (.*)\n((?:\1[^$\n].*\n)+)", path.read_text(), re.MULTILINE):
            text = "".join(line.removeprefix(match[1]) for line in match[3].splitlines(keepends=True))
            found.append(pytest.param(match[2], text, id=path.name))
    return found


@pytest.mark.parametrize("command, text", shown())
def test_the_comments_are_true(command, text, tmp_path):
    for path in DATASETS.values():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "tree.py").symlink_to(SOURCES / "tree.py")
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "LIBPYON": str(LIBRARY)}
    done = subprocess.run(["sh", "-euc", command], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, text, "")


def test_outputs_are_shown():
    assert {parameter.id for parameter in shown()} >= {"count.c", "mean.c", "tree.py", "write.c"}


def test_they_are_short():
    for path in [*SOURCES.glob("*.c"), *SOURCES.glob("*.py")]:
        assert path.read_text().count("\n") <= 150, path


# ---- Files ----


@pytest.mark.parametrize("version", DATASETS)
def test_mean(version):
    np = pytest.importorskip("numpy")
    path = DATASETS[version]
    data = {"v1": pyon_v1, "v2": pyon}[version].load_file(path)
    for key, value in [
        ("rabi.ca1.times", data["rabi.ca1.times"]),
        ("rabi.ca1.counts[3]", data["rabi.ca1.counts"][3]),
        ("rabi.ca1.counts[1:9:3]", data["rabi.ca1.counts"][1:9:3]),
        ("camera.image", data["camera.image"]),
        ("camera.mask", data["camera.mask"]),
        ("trap.mode.x", data["trap.mode.x"]),
    ]:
        assert float(output("mean", path, key)) == pytest.approx(np.mean(value), rel=1e-12)


def test_mean_says_what_is_wrong(tmp_path):
    path = DATASETS["v1"]
    wrong = tmp_path / "wrong.pyon"
    wrong.write_text('{"a": [1, 2],\n "é": [1 2]}\n')
    for arguments, status, message in [
        ([path], 2, "usage: mean FILE PATH\n"),
        ([path, "rabi.ca1.time"], 1, 'did you mean "rabi.ca1.times"'),
        ([path, "rabi.ca1.times["], 2, " at byte 15\n"),
        ([path, "awg.names"], 1, "awg.names: no numbers\n"),
        ([path, "scan.empty"], 1, "scan.empty: no numbers\n"),
        ([tmp_path / "missing", "a"], 1, f"{tmp_path / 'missing'}: No such file or directory\n"),
        ([tmp_path, "a"], 1, f"{tmp_path}: Is a directory\n"),
        ([wrong, "a"], 1, f"{wrong}:2:10: "),
    ]:
        done = run("mean", *arguments)
        assert (done.returncode, done.stdout) == (status, "") and message in done.stderr


def test_write(tmp_path):
    np = pytest.importorskip("numpy")
    path = tmp_path / "scan.pyon"
    for _ in range(2):  # the second time, the file is replaced
        assert output("write", path) == ""
        value = pyon.load_file(path)
        counts = value.pop("counts")
        assert counts.dtype == np.int64 and counts.tolist() == [[12, 7, 0], [3, 31, 8]]
        assert value == {"title": "Rabi scan", "shots": 100, "times": [0.0, 0.1, 0.25, 1e-6]}
        assert os.listdir(tmp_path) == ["scan.pyon"]


def test_write_fails(tmp_path):
    (tmp_path / "folder").mkdir()
    done = run("write", tmp_path / "folder")
    assert done.returncode == 1 and "Is a directory" in done.stderr
    assert os.listdir(tmp_path) == ["folder"]
    assert run("write", tmp_path / "missing" / "scan.pyon").returncode == 1


def test_count():
    values = [{"a": (1, 2.5, 1j, 1 << 80)}, {b"x"}, None, "y", [True, slice(1)]]
    text = "".join(pyon_v1.encode(value) + "\n" for value in values * 10000)
    expected = "50000 values: 50000 numbers, 30000 strings, 40000 containers, 10000 calls\n"
    assert output("count", "-1", input=text) == expected
    text = "".join(pyon.encode(value) + "\n" for value in values)
    assert output("count", input=text).startswith("5 values: ")
    undone = '{"__jsonclass__": ["a", [1], 2]}'
    assert output("count", input=undone) == "1 values: 2 numbers, 2 strings, 3 containers, 0 calls\n"
    assert output("count", input="") == "0 values: 0 numbers, 0 strings, 0 containers, 0 calls\n"
    done = run("count", input="[1, 2] [3 4]")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Expecting ',' delimiter at byte 10\n")


def test_tree_from_python(tmp_path):
    environment = {**os.environ, "LIBPYON": str(LIBRARY)}
    path = tmp_path / "file.pyon"
    path.write_text(pyon.encode({"a": 1, "\ud800\0é": [2, 3], "π": None, 5: 6}))
    program = [sys.executable, SOURCES / "tree.py", path]
    done = subprocess.run(program, env={**environment, "PYTHONIOENCODING": "utf-8:surrogatepass"}, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    expected = "a: integer, 1.0\n\ud800\0é: list of 2\nπ: null of 0\nNone: integer, 6.0\n"
    assert done.stdout.decode("utf-8", "surrogatepass") == expected
    path.write_text("[1 2]")
    done = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "ValueError: Expecting ',' delimiter at byte 3" in done.stderr


# ---- Calls ----


@pytest.fixture
def pc_rpc(reference):
    """sipyco's module, with which these programs talk."""
    folder = os.environ.get("PYON_REFERENCE")
    saved = sys.path[:]
    sys.path += [folder] if folder else []
    try:
        return pytest.importorskip("sipyco.pc_rpc")
    finally:
        sys.path[:] = saved


@pytest.fixture
def server():
    """The port of a running rpc_server."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with subprocess.Popen([PROGRAMS / "rpc_server", str(port)]) as process:
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            assert process.poll() is None
            time.sleep(0.01)
        yield port
        assert process.poll() is None
        process.terminate()


def calls(client):
    """Calls amplify, in whatever way, and looks at the results."""
    np = pytest.importorskip("numpy")
    signal = np.arange(6, dtype="i2").reshape(2, 3)
    result = client(signal, 2.5)
    assert result.dtype == np.float64 and np.array_equal(result, signal * 2.5)
    assert client(signal[:0], 1).shape == (0, 3)
    large = np.arange(100000.0)
    assert np.array_equal(client(large, 1), large)
    for arguments in [(signal,), (1, 2), (signal, "a"), ()]:
        with pytest.raises(ValueError, match=r"^amplify\(\) takes an array and a number$"):
            client(*arguments)
    with pytest.raises(ValueError, match="no real numbers"):
        client(np.array(["a"]), 2)


def test_server_with_sipyco(server, pc_rpc):
    for _ in range(2):  # clients, one after the other
        client = pc_rpc.Client("127.0.0.1", server)
        assert client.get_rpc_id() == (["amplifier"], None)
        calls(client.amplify)
        with pytest.raises(ValueError, match="no such method"):
            client.get_rpc_method_list()
        with pytest.raises(AttributeError):
            client.attenuate
        client.close_rpc()


def test_server_without_sipyco(server):
    with socket.create_connection(("127.0.0.1", server), 60) as connection, connection.makefile("rw") as file:

        def ask(line):
            file.write(line + "\n")
            file.flush()
            return pyon.decode(file.readline())

        def call(*arguments, **changes):
            request = {"action": "call", "name": "amplify", "args": arguments, "kwargs": {}, **changes}
            reply = ask(pyon.encode(request))
            if reply["status"] == "ok":
                return reply["ret"]
            assert reply["exception"]["class"] == "ValueError" and reply["exception"]["traceback"] == []
            raise ValueError(reply["exception"]["message"])

        assert ask("ARTIQ pc_rpc") == {"targets": ["amplifier"], "description": None, "features": ["pyon_v2"]}
        assert ask("amplifier pyon_v2") == {"amplify"}
        calls(call)
        for changes in [{"name": "x"}, {"name": 1}, {"action": "x"}, {"args": None}]:
            with pytest.raises(ValueError):
                call(1, 2, **changes)
        for line in ["1", "", "[1 2]", '"\0'] * 2:
            assert ask(line)["status"] == "failed"


@pytest.mark.parametrize(
    "lines", [b"GET / HTTP/1.0\n", b"ARTIQ pc_rpc\nmixer pyon_v2\n", b"ARTIQ pc_rpc\namplifier\n", b"ARTIQ"]
)
def test_server_leaves_others(lines, server):
    with socket.create_connection(("127.0.0.1", server), 60) as connection:
        connection.sendall(lines)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1000):
            pass
    test_server_without_sipyco(server)


def test_call_without_sipyco():
    requests = []

    def serve(listener):
        with listener.accept()[0] as connection, connection.makefile("r") as lines:
            requests.append(lines.readline())
            connection.sendall(b'{"targets": ["t"], "description": null, "features": ["pyon_v2"]}\n')
            requests.append(lines.readline())
            connection.sendall(pyon.encode({"method"}).encode() + b"\n")
            requests.append(pyon.decode(lines.readline()))
            connection.sendall(pyon.encode({"status": "ok", "ret": requests[-1]["args"]}).encode() + b"\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        text = output("rpc_call", "127.0.0.1", listener.getsockname()[1], "t", "method", "(1, 'é')", "{2: slice(3)}")
        thread.join()
    assert requests[:2] == ["ARTIQ pc_rpc\n", "t pyon_v2\n"]
    assert requests[2] == {"action": "call", "name": "method", "args": [(1, "é"), {2: slice(3)}], "kwargs": {}}
    assert text == pyon_v1.encode([(1, "é"), {2: slice(3)}]) + "\n"


def test_call_says_what_is_wrong(server):
    address = "127.0.0.1", server, "amplifier", "amplify"
    for arguments, status, message in [
        (address[:3], 2, "usage: "),
        (address, 1, "takes an array and a number"),
        ((*address, "[1,"), 1, "[1,: "),
        ((*address[:2], "mixer", "amplify"), 1, "has closed the connection"),
        (("127.0.0.1", 1, "t", "m"), 1, "127.0.0.1: cannot connect"),
    ]:
        done = run("rpc_call", *arguments)
        assert (done.returncode, done.stdout) == (status, "") and message in done.stderr


def test_call_of_sipyco(pc_rpc):
    class Target:
        def swap(self, a, b):
            return (b, a)

        def fail(self):
            raise KeyError("this one")

    async def call(port, *arguments):
        return await asyncio.to_thread(run, "rpc_call", "127.0.0.1", port, *arguments)

    async def main():
        server = pc_rpc.Server({"target": Target()})
        await server.start("127.0.0.1", 0)
        port = server.server.sockets[0].getsockname()[1]
        good = await call(port, "target", "swap", "1j", "Fraction(1, 2)")
        bad = await call(port, "target", "fail")
        await server.stop()
        return good, bad

    good, bad = asyncio.run(main())
    assert (good.returncode, good.stdout, good.stderr) == (0, "(Fraction(1, 2), 1j)\n", "")
    assert bad.returncode == 1 and '"KeyError"' in bad.stderr and "this one" in bad.stderr


def test_two_of_them(server):
    value = pyon_v1.encode(pytest.importorskip("numpy").array([1.0, 2.0]))
    text = output("rpc_call", "127.0.0.1", server, "amplifier", "amplify", value, "1.5")
    assert pyon_v1.decode(text).tolist() == [1.5, 3.0]
