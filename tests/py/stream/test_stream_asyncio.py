"""The asyncio ends: they wait, are cancelled and lose their peers, and no value is lost."""

import asyncio
import os
import socket
import sys
import time

import pytest

from fastpyon import pyon, pyon_v1, stream
from fastpyon.stream import DecodeError, TruncatedError

MEDIUM = [[i, i / 7, str(i), (i,)] for i in range(20000)]
LARGE = "x" * 10**6


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 600))


def make_pipe(reads=True, writes=True):
    """The ends of a pipe: files in which asyncio reads or writes, or else descriptors."""
    if os.name == "posix":
        r, w = os.pipe()
        return open(r, "rb", 0) if reads else r, open(w, "wb", 0) if writes else w
    import msvcrt
    from asyncio import windows_utils

    # Where asyncio writes, it also waits for the other end to be closed, by reading.
    r, w = windows_utils.pipe(duplex=writes, overlapped=(reads, writes))
    kinds = {True: windows_utils.PipeHandle, False: lambda handle: msvcrt.open_osfhandle(handle, 0)}
    return kinds[reads](r), kinds[writes](w)


async def pipe(dialect, **limits):
    """A reader and a writer."""
    r, w = make_pipe()
    reader = await stream.connect_read_pipe(r, dialect, **limits)
    return reader, await stream.connect_write_pipe(w, dialect)


async def raw_pipe(dialect, **limits):
    """A reader, and the descriptor to write to."""
    r, w = make_pipe(writes=False)
    return await stream.connect_read_pipe(r, dialect, **limits), w


async def echo(reader, writer):
    async for value in reader:
        await writer.write(value)


async def serve(handler, dialect, **limits):
    """A server, and a client of it."""
    server = await stream.start_server(handler, "127.0.0.1", 0, dialect, **limits)
    address = server.sockets[0].getsockname()
    return server, *await stream.open_connection(*address, dialect)


async def exchange(reader, writer, value):
    task = asyncio.create_task(writer.write(value))
    result = await reader.read()
    await task
    return result


VALUES = [1, "é", [], {"a": (1, 2)}, MEDIUM, "x" * 10**6, None, -1.5]


def test_pipes(dialect):
    async def main():
        reader, writer = await pipe(dialect)
        for value in VALUES:
            assert await exchange(reader, writer, value) == value
        writer.close()
        await writer.wait_closed()
        with pytest.raises(EOFError):
            await reader.read()
        reader.close()

    run(main())


def test_sockets(dialect):
    async def main():
        server, reader, writer = await serve(echo, dialect)
        for value in VALUES:
            assert await exchange(reader, writer, value) == value
        assert writer.get_extra_info("peername") == server.sockets[0].getsockname()
        writer.close()
        await writer.wait_closed()
        server.close()

    run(main())


def test_streams_of_asyncio(dialect):
    async def handler(reader, writer):
        reader = stream.AsyncReader(reader, dialect)
        writer = stream.AsyncWriter(writer, dialect)
        await echo(reader, writer)
        writer.close()

    async def main():
        server = await asyncio.start_server(handler, "127.0.0.1", 0, limit=100)
        streams = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=100)
        reader = stream.AsyncReader(streams[0], dialect)
        writer = stream.AsyncWriter(streams[1], dialect)
        for value in VALUES:
            assert await exchange(reader, writer, value) == value
        streams[1].write_eof()
        with pytest.raises(EOFError):
            await reader.read()
        writer.close()
        server.close()

    run(main())


def test_a_read_is_cancelled(dialect):
    async def main():
        reader, w = await raw_pipe(dialect)
        text = dialect.encode(MEDIUM).encode() + b"\n"
        for i in range(0, len(text), 30000):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(reader.read(), 0.005)
            os.write(w, text[i : i + 30000])
            await asyncio.sleep(0.001)
        assert await reader.read() == MEDIUM
        os.close(w)
        reader.close()

    run(main())


def test_a_read_is_cancelled_as_a_value_comes():
    async def main():
        reader, w = await raw_pipe(pyon)
        task = asyncio.create_task(reader.read())
        await asyncio.sleep(0)
        task.cancel()
        reader._protocol.data_received(b"[1]\n")  # before the task knows
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await reader.read() == [1]
        os.close(w)
        reader.close()

    run(main())


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("which", range(1, 4))
def test_a_writer_that_waits_is_cancelled(which, turns):
    """Whether it is its turn already or not: the others have theirs, in their order."""

    async def main():
        gate, pieces = asyncio.Event(), []

        class Target:
            write = pieces.append

            async def drain(self):
                await gate.wait()

        writer = stream.AsyncWriter(Target())
        tasks = [asyncio.create_task(writer.write(i)) for i in range(5)]
        await asyncio.sleep(0)
        gate.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        tasks[which].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [i for i in range(5) if results[i]] in ([which], [])
        await writer.drain()
        assert b"".join(pieces) == b"0\n1\n2\n3\n4\n"

    run(main())


def test_a_write_is_cancelled(dialect):
    async def main():
        reader, writer = await pipe(dialect)
        # The other end does not read before the pipe is full.
        reader._protocol.transport.pause_reading()
        for value in MEDIUM * 5, "not begun":
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(writer.write(value), 0.05)
        reader._protocol.transport.resume_reading()
        task = asyncio.create_task(writer.write("behind"))
        assert [await reader.read() for _ in range(3)] == [MEDIUM * 5, "not begun", "behind"]
        await task
        writer.close()

    run(main())


def test_what_is_wrong_with_a_cancelled_value(dialect):
    async def main():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))
        reader, writer = await pipe(dialect)
        reader._protocol.transport.pause_reading()
        for value in MEDIUM * 5, object():
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(writer.write(value), 0.05)
        reader._protocol.transport.resume_reading()
        task = asyncio.create_task(writer.drain())
        assert await reader.read() == MEDIUM * 5
        await task
        assert list(map(type, told)) == [TypeError]
        assert await exchange(reader, writer, 1) == 1
        reader._protocol.transport.pause_reading()
        for value in MEDIUM * 5, [object()]:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(writer.write(value), 0.05)
        writer.close()
        assert list(map(type, told)) == [TypeError] * 2
        reader._protocol.transport.resume_reading()
        assert await reader.read() == MEDIUM * 5

    run(main())


def test_a_handler_raises(dialect):
    async def main():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

        async def handler(reader, writer):
            await writer.write(1)
            await writer.write([MEDIUM, object()])

        server, reader, writer = await serve(handler, dialect)
        assert await reader.read() == 1
        with pytest.raises((DecodeError, NameError)):
            await reader.read()
        reader.skip_line()
        with pytest.raises(EOFError):
            await reader.read()
        writer.close()
        server.close()

    run(main())


def test_limits_of_connections(dialect):
    async def main():
        server = await stream.start_server(echo, "127.0.0.1", 0, dialect, max_bytes=10)
        address = server.sockets[0].getsockname()
        reader, writer = await stream.open_connection(*address, dialect, max_bytes=4)
        assert await exchange(reader, writer, [1]) == [1]
        with pytest.raises(stream.LimitError):
            await exchange(reader, writer, [1, 2])
        writer.close()
        with pytest.raises(ValueError, match="max_depth"):
            await stream.start_server(echo, "127.0.0.1", 0, dialect, max_depth=0)
        server.close()

    run(main())


def test_close_writes_the_rest(dialect):
    async def main():
        reader, writer = await pipe(dialect)
        reader._protocol.transport.pause_reading()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(writer.write(MEDIUM * 5), 0.05)
        reader._protocol.transport.resume_reading()
        writer.close()
        assert await reader.read() == MEDIUM * 5
        with pytest.raises(EOFError):
            await reader.read()

    run(main())


def test_who_does_not_read_makes_the_writer_wait(dialect):
    async def main():
        taken = asyncio.Event()

        async def handler(reader, writer):
            await taken.wait()
            async for value in reader:
                await writer.write(len(value))

        server, reader, writer = await serve(handler, dialect)
        # The buffers of the system are small, and do not grow.
        writer._target.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        count = 0

        async def produce():
            nonlocal count
            while count < 200:
                await writer.write(LARGE)
                count += 1

        task = asyncio.create_task(produce())
        await asyncio.wait([task], timeout=1)
        assert count < 20  # the rest does not pile up anywhere
        taken.set()
        for _ in range(200):
            assert await reader.read() == len(LARGE)
        await task
        writer.close()
        server.close()

    run(main())


def test_many_writers_do_not_mix(dialect):
    async def main():
        reader, writer = await pipe(dialect)
        tasks = [asyncio.create_task(writer.write([i] * 30000)) for i in range(8)]
        values = [await reader.read() for _ in tasks]
        assert sorted(v[0] for v in values) == list(range(8))
        assert all(v == [v[0]] * 30000 for v in values)
        await asyncio.gather(*tasks)
        writer.close()

    run(main())


def test_one_reads_at_a_time(dialect):
    async def main():
        reader, w = await raw_pipe(dialect)
        task = asyncio.create_task(reader.read())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="waits"):
            await reader.read()
        os.write(w, b"1\n")
        assert await task == 1
        os.close(w)
        reader.close()

    run(main())


def test_the_end(dialect):
    async def main():
        for text, values, error in [
            (b"[1]\n", [[1]], EOFError),
            (b"[1]12", [[1], 12], EOFError),
            (b"[1][2", [[1]], TruncatedError),
            (b"", [], EOFError),
        ]:
            reader, w = await raw_pipe(dialect)
            os.write(w, text)
            os.close(w)
            for value in values:
                assert await reader.read() == value
            for _ in range(2):
                with pytest.raises(EOFError) as e:
                    await reader.read()
                assert isinstance(e.value, TruncatedError) == (error is TruncatedError)
            reader.close()

    run(main())


def test_errors_and_what_follows(dialect):
    async def main():
        reader, w = await raw_pipe(dialect)
        os.write(w, b"[1]\n[2] ]]\n[3]")
        assert await reader.read() == [1]
        assert await reader.read() == [2]
        for _ in range(2):
            with pytest.raises(DecodeError, match="at byte 8"):
                await reader.read()
        os.write(w, b"[4]\n" * 10000)
        await asyncio.sleep(0.01)
        reader.skip_line()
        assert await reader.read() == [3]
        os.close(w)
        assert [v async for v in reader] == [[4]] * 10000
        reader.close()

    run(main())


def test_a_connection_is_lost(dialect):
    async def main():
        received = asyncio.Event()

        async def handler(reader, writer):
            await writer.write([1])
            transport = writer._target.transport
            transport.write(b"[1, 2")
            # So that the client gets RST, after the bytes that it has.
            linger = __import__("struct").pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            await received.wait()
            transport.abort()

        server, reader, writer = await serve(handler, dialect)
        assert await reader.read() == [1]
        received.set()
        with pytest.raises((ConnectionResetError, TruncatedError)):
            await reader.read()
        with pytest.raises(ConnectionResetError):
            for _ in range(1000):
                await writer.write(MEDIUM)
        server.close()

    run(main())


def test_what_cannot_be_encoded(dialect):
    async def main():
        reader, writer = await pipe(dialect)
        for bad in object(), [MEDIUM, object()]:
            with pytest.raises(TypeError):
                await writer.write(bad)
        task = asyncio.create_task(writer.write([2]))
        while True:
            try:
                assert await reader.read() == [2]
                break
            except (DecodeError, NameError):
                reader.skip_line()
        await task
        writer.close()

    run(main())


def test_limits(dialect):
    async def main():
        reader, w = await raw_pipe(dialect, max_bytes=100)
        os.write(w, b"[" + b"1," * 100)
        with pytest.raises(stream.LimitError):
            await reader.read()
        os.close(w)
        reader.close()

    run(main())


def test_a_process(dialect):
    """The worker at the other end blocks, as ARTIQ's does."""
    script = """
import sys
from fastpyon import pyon, pyon_v1, stream
dialect = {"v1": pyon_v1, "v2": pyon}[sys.argv[1]]
reader, writer = stream.Reader(0, dialect), stream.Writer(1, dialect)
for value in reader:
    writer.write(value)
"""

    async def main():
        name = {pyon: "v2", pyon_v1: "v1"}[dialect]
        child_r, w = make_pipe(reads=False)
        r, child_w = make_pipe(writes=False)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, name, stdin=child_r, stdout=child_w
        )
        os.close(child_r)
        os.close(child_w)
        reader = await stream.connect_read_pipe(r, dialect)
        writer = await stream.connect_write_pipe(w, dialect)
        for value in VALUES:
            assert await exchange(reader, writer, value) == value
        await writer.write([1])
        process.kill()
        await process.wait()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            deadline = time.monotonic() + 300
            while time.monotonic() < deadline:
                await writer.write(MEDIUM)
        reader.close()

    run(main())
