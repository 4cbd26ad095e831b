# SPDX-License-Identifier: LGPL-3.0-or-later
"""A program as a user writes it, for test_types.py: type checkers must infer these types, and reject these mistakes.

It is not run. A comment ``type: ignore`` that is not needed any more is an error, too.
"""

import ast
import asyncio
import io
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastpyon
from fastpyon import database, literal_eval, pyon, pyon_v1, stream, zmq
from typing_extensions import assert_type

# ---- The package ----

assert_type(fastpyon.__version__, str)
assert_type(fastpyon.pyon.encode(1), str)
assert_type(fastpyon.pyon_v1.encode(1), str)
fastpyon.install()
fastpyon.install(streams=False, max_line=1 << 20)
assert_type(fastpyon.status()["active"], bool)
assert_type(fastpyon.status()["sipyco"], str | None)
assert_type(fastpyon.status()["patched"], dict[str, str])
fastpyon.uninstall()

fastpyon.status()["version"]  # type: ignore[typeddict-item]
fastpyon.install(max_line="1GB")  # type: ignore[arg-type]

# ---- Text ----

assert_type(pyon.encode({"scan": (1, 2.5)}), str)
assert_type(pyon.encode([1], True), str)
assert_type(pyon.encode([1], pretty=True, sort_keys=True), str)
assert_type(pyon.decode("[1]"), Any)
assert_type(pyon.decode(b"[1]", parse_float=str), Any)
assert_type(pyon_v1.encode([1], pretty=True), str)
assert_type(pyon_v1.decode("[1]"), Any)
assert_type(pyon_v1.decode(memoryview(b"[1]")), Any)

pyon.decode(1)  # type: ignore[arg-type]
pyon.decode(memoryview(b"[1]"))  # type: ignore[arg-type]
pyon_v1.encode([1], indent=1)  # type: ignore[call-arg]
pyon.encode()  # type: ignore[call-arg]

# ---- Files ----

path = Path("settings.pyon")
pyon.store_file(path, {"a": 1})
pyon.store_file("settings.pyon", {"a": 1}, backup=True)
assert_type(pyon.load_file(os.fsencode(path)), Any)
pyon_v1.store_file(path, [], backup=True)
assert_type(pyon_v1.load_file(path), Any)

pyon.store_file(path)  # type: ignore[call-arg]
pyon.store_file(1.5, [])  # type: ignore[arg-type]
pyon.store_file(path, [], True)  # type: ignore[call-arg]

# ---- Types of a program ----


class Point:
    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y


def encode_point(point: Point) -> list[object]:
    return [pyon.wrap(point.x), pyon.wrap(point.y)]


pyon.register([Point], name="Point", encode=encode_point, decode=Point)
pyon.register({Point}, name="Point", encode=lambda point: [point.x, point.y], decode=lambda x, y: Point(x, y))
pyon.deregister([Point], "Point")

pyon.register([Point], encode=encode_point, decode=Point)  # type: ignore[call-arg]
pyon.register([Point()], name="Point", encode=encode_point, decode=Point)  # type: ignore[call-arg, list-item]
pyon.deregister("Point", [Point])  # type: ignore[arg-type]

# ---- Streams ----

decoder = stream.Decoder(pyon_v1, max_bytes=1 << 20, max_depth=100, lines=True)
decoder.feed("[1]")
decoder.feed(bytearray(b"[2]"))
assert_type(next(decoder), Any)
assert_type(list(decoder), list[Any])
assert_type(decoder.offset, int)
assert_type(decoder.ready, int)
assert_type(decoder.failed, bool)
assert_type(decoder.read_from(0), int)

stream.Decoder("v2")  # type: ignore[arg-type]
stream.Decoder(pyon, 100)  # type: ignore[call-arg]
decoder.offset = 1  # type: ignore[misc]

assert_type(stream.encode([1], pyon_v1), bytes)
assert_type(stream.iterencode([1], size=4096), Iterator[bytes])


def read_and_write(text: io.TextIOWrapper, binary: io.BufferedRandom, line: socket.socket) -> None:
    for reader in stream.Reader(0, pyon_v1), stream.Reader(text), stream.Reader(binary), stream.Reader(line):
        assert_type(reader.read(), Any)
        assert_type([value for value in reader], list[Any])
        assert_type(reader.offset, int)
        reader.skip_line()
    for writer in stream.Writer(1), stream.Writer(binary), stream.Writer(line, pyon_v1), stream.Writer(io.BytesIO()):
        writer.write({"a": 1})
        writer.flush()
        assert_type(writer.written, int)
    stream.Reader(io.FileIO(0))
    stream.Writer(io.FileIO(1))
    stream.Reader(subprocess.Popen("cat", stdout=-1).stdout or 0)
    stream.Writer(text)  # type: ignore[arg-type]
    stream.Reader("settings.pyon")  # type: ignore[arg-type]


def on_error(error: Exception) -> None:
    if isinstance(error, stream.DecodeError):
        assert_type(error.offset, int)


def progress(done: int, total: int | None) -> None:
    print(done, total)


error: EOFError = stream.TruncatedError("", 0)
assert_type(stream.load_lines(path, progress=progress, on_error=on_error, max_bytes=100), Iterator[Any])
stream.store_lines(path, [1, 2], pyon_v1, append=True, progress=progress)
stream.store_lines(path, (x for x in "ab"), backup=True)

stream.store_lines(path, 1)  # type: ignore[arg-type]
stream.load_lines(path, lines=True)  # type: ignore[call-arg]

# ---- asyncio ----


async def echo(reader: stream.AsyncReader, writer: stream.AsyncWriter) -> None:
    async for value in reader:
        assert_type(value, Any)
        await writer.write(value)


async def main(pipe: io.FileIO, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    server = await stream.start_server(echo, "127.0.0.1", 0, max_bytes=1 << 20, backlog=5)
    assert_type(server, asyncio.Server)
    reader, writer = await stream.open_connection("127.0.0.1", 1, pyon_v1, ssl=True)
    assert_type(reader, stream.AsyncReader)
    assert_type(writer, stream.AsyncWriter)
    assert_type(await reader.read(), Any)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert_type(writer.get_extra_info("peername"), Any)
    assert_type(await stream.connect_read_pipe(pipe, lines=True), stream.AsyncReader)
    assert_type(await stream.connect_write_pipe(pipe), stream.AsyncWriter)
    stream.AsyncReader(source, pyon_v1, max_depth=10)
    stream.AsyncWriter(target)
    await stream.start_server(echo, max_bytes="1")  # type: ignore[arg-type]
    stream.AsyncReader(target)  # type: ignore[arg-type]


# ---- The database ----

with database.Database(path, sync="always", wait=2.5, on_error=on_error) as db:
    assert_type(db, database.Database)
    db["gain"] = 2.5
    assert_type(db["gain"], Any)
    assert_type(list(db), list[str])
    db.update(gain=3)
    db.apply({"action": "append", "path": ["counts"], "x": 4})
    for key, failure in db.errors.items():
        assert_type(key, str)
        assert_type(failure.error, Exception)
    assert_type(db.refresh(), bool)
    db.compact()
    db[1] = 2  # type: ignore[index]
    database.Database(path, sync="never")  # type: ignore[arg-type]

try:
    database.DatasetDB("dataset_db.pyon").save()
except database.LockedError as locked:
    assert_type(locked.pid, int | None)


# ---- Literals, and other processes ----

assert_type(literal_eval("[1]"), Any)
literal_eval(ast.parse("[1]", mode="eval"))
literal_eval(1)  # type: ignore[arg-type]

message = zmq.serialize([1], frames=True)
assert_type(message, list[bytes | memoryview])
assert_type(zmq.deserialize(message, frames=True, max_bytes=1 << 20), Any)
zmq.deserialize(["[1]"])  # type: ignore[list-item]
