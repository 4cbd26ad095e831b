# SPDX-License-Identifier: LGPL-3.0-or-later
"""How values go from process to process: what bench/pipe.py compares.

A link makes ends: two coroutine functions each, one to send a value and one to receive one. There
are ends for asyncio and ends that block; the coroutines of the latter never wait, they block. So
the user of an end need not know its kind.

Every link is used as its users would, with the buffers that it has by itself. One that cannot be
imported is left out and named.
"""
import asyncio
import os
import pickle
import subprocess
import sys
from functools import partial
from typing import Any, Awaitable, Callable, NamedTuple

from bench.peers import Peer, with_numpy

STREAM, SWAP, SIPYCO = "fastpyon.stream", "sipyco + fastpyon", "sipyco"
PICKLE, MSGPACK = "pickle", "msgpack"

LENGTH = 8  # bytes before each value that has no end of its own
LIMIT = 1 << 30  # bytes that asyncio keeps before it makes the other end wait


class End(NamedTuple):
    send: Callable[[Any], Awaitable[None]]
    receive: Callable[[], Awaitable[Any]]


def spawn(command, reading, writing, **streams):
    """Starts a process that is given these two descriptors; here they are closed."""
    process = subprocess.Popen(
        [*command, f"{reading},{writing}"], pass_fds=(reading, writing), **streams
    )
    os.close(reading)
    os.close(writing)
    return process


class Link:
    """blocking and coroutines make an end from two descriptors; start makes that of the parent, and
    the child, which finds its descriptors in its last argument."""

    def __init__(self, blocking, coroutines):
        self.blocking, self.coroutines = blocking, coroutines

    async def start(self, make, command, **streams):
        (theirs, writing), (reading, back) = os.pipe(), os.pipe()
        self.process = spawn(command, theirs, back, **streams)
        return await make(reading, writing)

    @staticmethod
    def descriptors(address):
        return map(int, address.split(","))


# ---- A length, and bytes -------------------------------------------------------------------------


def framed(codec):
    """A link for a codec whose bytes do not tell where they end."""

    def frame(value):
        data = codec.encode(value)
        return len(data).to_bytes(LENGTH, "little"), data

    async def blocking(reading, writing):
        source, sink = open(reading, "rb"), open(writing, "wb")

        async def send(value):
            for data in frame(value):
                sink.write(data)
            sink.flush()

        async def receive():
            size = int.from_bytes(source.read(LENGTH), "little")
            return codec.decode(source.read(size))

        return End(send, receive)

    async def coroutines(reading, writing):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        await loop.connect_read_pipe(lambda: protocol, open(reading, "rb", 0))
        protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        transport, _ = await loop.connect_write_pipe(lambda: protocol, open(writing, "wb", 0))
        writer = asyncio.StreamWriter(transport, protocol, None, loop)

        async def send(value):
            for data in frame(value):
                writer.write(data)
            await writer.drain()

        async def receive():
            size = int.from_bytes(await reader.readexactly(LENGTH), "little")
            return codec.decode(await reader.readexactly(size))

        return End(send, receive)

    return Link(blocking, coroutines)


def pickled():
    return framed(Peer(partial(pickle.dumps, protocol=5), pickle.loads))


def packed():
    import msgpack

    return framed(with_numpy(msgpack))


# ---- sipyco, as ARTIQ's master and its workers use it --------------------------------------------


class Sipyco(Link):
    """A line of text for each value, through the pipes that pipe_ipc makes."""

    def __init__(self):
        from sipyco import pipe_ipc, pyon

        super().__init__(self.child_blocking, self.child_coroutines)
        self.pipe_ipc, self.pyon = pipe_ipc, pyon

    def line(self, value):
        return (self.pyon.encode(value) + "\n").encode()

    def asynchronous(self, comm):
        async def send(value):
            comm.write(self.line(value))
            await comm.drain()

        async def receive():
            return self.pyon.decode((await comm.readline()).decode())

        return End(send, receive)

    async def start(self, make, command, **streams):
        self.comm = self.pipe_ipc.AsyncioParentComm()
        await self.comm.create_subprocess(*command, self.comm.get_address(), **streams)
        return self.asynchronous(self.comm)

    async def child_coroutines(self, reading, writing):
        comm = self.pipe_ipc.AsyncioChildComm(f"{reading},{writing}")
        await comm.connect()
        return self.asynchronous(comm)

    async def child_blocking(self, reading, writing):
        comm = self.pipe_ipc.ChildComm(f"{reading},{writing}")

        async def send(value):
            comm.write(self.line(value))

        async def receive():
            return self.pyon.decode(comm.readline().decode())

        return End(send, receive)


def swapped():
    """sipyco as it is once fastpyon is swapped in."""
    from fastpyon import install

    install()
    return Sipyco()


# ---- Our own -------------------------------------------------------------------------------------


def streamed():
    from fastpyon import stream

    async def blocking(reading, writing):
        reader, writer = stream.Reader(reading), stream.Writer(writing)

        async def send(value):
            writer.write(value)

        async def receive():
            return reader.read()

        return End(send, receive)

    async def coroutines(reading, writing):
        reader = await stream.connect_read_pipe(open(reading, "rb", 0))
        writer = await stream.connect_write_pipe(open(writing, "wb", 0))
        return End(writer.write, reader.read)

    return Link(blocking, coroutines)


# ---- All of them ---------------------------------------------------------------------------------

LINKS = {  # the first of them is what the others are compared with
    STREAM: streamed,
    PICKLE: pickled,
    MSGPACK: packed,
    SWAP: swapped,
    SIPYCO: Sipyco,
}


def link(name):
    """The link of this name; raises ImportError if it cannot be had."""
    folder = os.environ.get("PYON_REFERENCE")
    if folder and folder not in sys.path:
        sys.path.append(folder)
    return LINKS[name]()
