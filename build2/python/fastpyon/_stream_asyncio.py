# SPDX-License-Identifier: LGPL-3.0-or-later
"""The counterparts of stream.Reader and stream.Writer for asyncio; see stream.py."""

import asyncio
import collections

from fastpyon import _pipes, pyon
from fastpyon._stream_base import PIECE, Decoder, End, Output

# Bytes that may come while the program does not take the values that are ready.
_AHEAD = 1 << 20
_PIECES_A_TURN = 8  # of a value, before others have theirs


class AsyncReader:
    """Values from an asyncio.StreamReader, whose limit has no effect.

    The readers that open_connection() and the like return are faster: they have no StreamReader between, and decode
    the bytes as they come.

    Arguments and exceptions are those of stream.Reader. If read() is cancelled, nothing is lost.
    """

    def __init__(self, source, dialect=pyon, **limits):
        self._decoder = Decoder(dialect, **limits)
        self._source = source

    async def read(self):
        """Wait for the next value and return it."""
        while True:
            for value in self._decoder:  # as in stream.Reader
                return value
            if self._decoder.closed:
                raise End("there are no more values")
            await self._read_on()

    async def _read_on(self):
        data = await self._source.read(PIECE)
        if data:
            self._decoder.feed(data)
        else:
            self._decoder.close()

    def skip_line(self):
        """After an error, continue after the next line end."""
        self._decoder.skip_line()

    @property
    def offset(self):
        """The number of bytes so far."""
        return self._decoder.offset

    def close(self):
        """Close the connection or pipe, if open_connection() or the like has opened it."""

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.read()
        except End:
            raise StopAsyncIteration from None


class _ProtocolReader(AsyncReader):
    """An AsyncReader that a _Protocol feeds.

    If values are not taken, or there is an error, the transport pauses.

    Wherever a signal handler raises, read() can continue: each byte is in ``_held`` or in the decoder, and C moves it
    from one to the other.
    """

    def __init__(self, protocol, dialect, limits):
        super().__init__(None, dialect, **limits)
        self._protocol = protocol
        self._waiter = None
        self._ahead = 0  # bytes since the last ready value was taken
        self._ended = False
        self._held = []  # pieces after an error, which the decoder does not have yet
        self._exception = None  # that has ended the connection
        self._paused = False

    def feed(self, data):
        """Takes a piece. It may have been on its way when the transport paused."""
        decoder = self._decoder
        try:
            if self._held or decoder.failed:
                self._held.append(data)
                self._feed_held()
            else:
                decoder.feed(data)
                self._look_ahead(len(data))
        finally:
            if decoder.ready or decoder.failed:
                self._wake()

    def _feed_held(self):
        while self._held and not self._decoder.failed:
            self._look_ahead(self._decoder.feed_from(self._held.pop, 0))  # calls pop(0)

    def _look_ahead(self, count):
        """Counts bytes that have been fed, and pauses the transport if they are too many."""
        decoder = self._decoder
        if decoder.ready or decoder.failed:
            self._ahead += count
            if decoder.failed or self._ahead > _AHEAD:
                self._paused = True
                self._protocol.transport.pause_reading()

    def end(self, exception=None):
        """Notes that no more pieces come."""
        self._exception = self._exception or exception
        self._ended = True
        self._wake()

    def _wake(self):
        if self._waiter and not self._waiter.done():  # not if read() has just been cancelled
            self._waiter.set_result(None)

    def _resume(self):
        self._ahead = 0
        if self._paused and not self._ended:
            self._protocol.transport.resume_reading()
            self._paused = False

    async def read(self):
        while True:
            for value in self._decoder:  # as in stream.Reader
                return value
            self._resume()
            if self._held:
                self._feed_held()
            elif self._ended:
                self._finish()
            else:
                await self._wait()

    def _finish(self):
        """Raises the end as an exception, unless it completes a number."""
        if self._exception:
            raise self._exception
        self._decoder.close()
        if not self._decoder.ready:
            raise End("there are no more values")

    async def _wait(self):
        if self._waiter:
            raise RuntimeError("another task waits for a value already")
        try:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        finally:
            self._waiter = None

    def close(self):
        self._protocol.transport.close()

    def skip_line(self):
        super().skip_line()
        self._feed_held()


class AsyncWriter:
    """Values to an asyncio.StreamWriter, or to a connection or pipe of open_connection() and the like.

    Each value is written while it is encoded, in pieces, and waits while the other end does not keep up. Several
    tasks may write: the values follow each other whole.

    If write() is cancelled, its value stays: it is written before the next one, or by drain() or close(). If there is
    an error in it then, the exception handler of the loop gets that.

    If a signal handler raises, the value is in the queue or has been begun: after drain(), ``written`` (int) tells
    what became of it. One attribute says which task has its turn. An asyncio.Lock would stay locked after such an
    exception.
    """

    def __init__(self, target, dialect=pyon):
        self._target = target
        self._output = Output(dialect)
        self._turn = None  # the name of the value whose task writes now
        self._waiters = collections.deque()  # futures of the tasks that wait for their turn
        self._values = collections.deque()  # pairs of a name, which is an object like no other, and a value

    @property
    def written(self):
        """The number of values that have been written whole."""
        return self._output.written

    async def write(self, x):
        """Write a value."""
        name = object()
        self._values.append((name, x))
        await self._write_in_turn(name)

    async def drain(self):
        """Write all values whose writing was cancelled."""
        await self._write_in_turn(object())

    async def _write_in_turn(self, name):
        """Writes values up to the one of this name, or all, when no other task writes."""
        try:
            if self._turn or self._waiters:
                await self._wait()
            self._turn = name
            if self._output.pending:
                await self._write_rest(False)  # of a value whose task was cancelled
            while self._begin_next():
                is_ours = self._output.name is name
                await self._write_rest(is_ours)
                if is_ours:
                    return
        finally:
            if self._turn is name:
                self._turn = None  # a signal handler runs after it, not before
            self._wake()

    async def _wait(self):
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            self._wake()  # the first task that waits, if the task that should have done so was interrupted
            await waiter
        finally:
            self._waiters.remove(waiter)

    def _wake(self):
        """Gives the turn to the first task that waits."""
        if not self._turn and self._waiters and not self._waiters[0].done():
            self._waiters[0].set_result(None)

    def _begin_next(self):
        """Begins the next value; False if there is none.

        The value leaves the queue after it has been begun; if this is interrupted between, at the next call.
        """
        values = self._values
        if values and values[0][0] is self._output.name:
            values.popleft()
        if not values:
            return False
        name, x = values[0]
        self._output.begin(x, name)
        values.popleft()
        return True

    async def _write_rest(self, is_ours):
        """Writes the rest of the value that has been begun."""
        count = 0
        while self._output.pending:
            self._give(is_ours)
            await self._target.drain()
            count += 1
            if count % _PIECES_A_TURN == 0:
                await asyncio.sleep(0)  # drain() lets others run only if it has to wait

    def _give(self, is_ours):
        """Gives the target the next piece of the value."""
        had_failed = self._output.failed
        try:
            self._output.give(self._target.write)
        except Exception as error:
            if had_failed or not self._output.failed:
                raise  # the target has raised it
            if self._output.pending:
                self._output.give(self._target.write)  # the line is broken off
            if is_ours:
                raise
            self._report(error)

    def _report(self, error):
        context = {"message": "a value whose writing was cancelled cannot be encoded", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)

    def close(self):
        """Close the connection after the last value has been written. Until then, the rest is in memory.

        If this is interrupted by an exception that is no Exception, such as KeyboardInterrupt, call it again.
        """
        try:
            while self._output.pending or self._begin_next():
                self._give(False)
        except Exception:
            self._target.close()
            raise
        self._target.close()

    async def wait_closed(self):
        """Wait until the connection is closed."""
        await self._target.wait_closed()

    def get_extra_info(self, name, default=None):
        """Return what the transport knows under a name, such as "peername"."""
        return self._target.get_extra_info(name, default)


class _Protocol(asyncio.Protocol):
    """A transport calls this. It has one reader and one writer; either of them may be unused."""

    def __init__(self, dialect, limits, connected=None):
        self.transport = None
        self.reader = _ProtocolReader(self, dialect, limits)
        self._connected = connected
        self._writable = asyncio.Event()
        self._closed = asyncio.get_running_loop().create_future()

    # Called by the transport.

    def connection_made(self, transport):
        self.transport = transport
        # The transport's own method, so that no step in Python can be interrupted. A pipe to read from has none.
        self.write = getattr(transport, "write", self._refuse)
        self._writable.set()
        if self._connected:
            self._connected(self)

    def data_received(self, data):
        self.reader.feed(data)

    def eof_received(self):
        self.reader.end()
        # Values can still be written to the other end, except by TLS.
        return self.transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc):
        self.reader.end(exc)
        if not self._closed.done():
            self._closed.set_result(exc)
        self.write = self._refuse
        self._writable.set()

    def pause_writing(self):
        self._writable.clear()

    def resume_writing(self):
        self._writable.set()

    # Called by AsyncWriter, as it calls a StreamWriter.

    def _refuse(self, data):
        self._check()

    async def drain(self):
        await self._writable.wait()
        self._check()

    def _check(self):
        if self._closed.done():
            raise self._closed.result() or ConnectionResetError("the connection is lost")

    def close(self):
        self.transport.close()

    async def wait_closed(self):
        await asyncio.shield(self._closed)

    def get_extra_info(self, name, default=None):
        return self.transport.get_extra_info(name, default)


def _split_options(options):
    """Returns the keyword arguments of Decoder, and all others."""
    names = ("max_bytes", "max_depth", "lines")
    limits = {name: options.pop(name) for name in names if name in options}
    Decoder(**limits)  # raises the errors in them here, and not in a callback
    return limits, options


async def open_connection(host=None, port=None, dialect=pyon, **options):
    """Connect to a server: return an AsyncReader and an AsyncWriter.

    ``options`` are the keyword arguments of Decoder, and those of asyncio's loop.create_connection(). Raises OSError
    if there is no connection.
    """
    loop = asyncio.get_running_loop()
    limits, options = _split_options(options)
    _, protocol = await loop.create_connection(
        lambda: _Protocol(dialect, limits), host, port, **options
    )
    return protocol.reader, AsyncWriter(protocol, dialect)


async def start_server(handler, host=None, port=None, dialect=pyon, **options):
    """Start a server: return an asyncio.Server.

    ``await handler(reader, writer)`` is run for each connection. When it returns or raises, the connection is closed;
    an exception goes to the exception handler of the loop. ``options`` are the keyword arguments of Decoder, and those
    of asyncio's loop.create_server().
    """
    loop = asyncio.get_running_loop()
    limits, options = _split_options(options)
    tasks = set()  # the loop itself keeps no references to them

    async def serve(protocol):
        writer = AsyncWriter(protocol, dialect)
        try:
            await handler(protocol.reader, writer)
        finally:
            writer.close()

    def connected(protocol):
        task = loop.create_task(serve(protocol))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return await loop.create_server(
        lambda: _Protocol(dialect, limits, connected), host, port, **options
    )


async def connect_read_pipe(pipe, dialect=pyon, **limits):
    """Return an AsyncReader of a pipe: a file object, which the transport closes.

    ``limits`` are the keyword arguments of Decoder.
    """
    _pipes.enlarge(pipe.fileno())
    loop = asyncio.get_running_loop()
    _, protocol = await loop.connect_read_pipe(lambda: _Protocol(dialect, limits), pipe)
    return protocol.reader


async def connect_write_pipe(pipe, dialect=pyon):
    """Return an AsyncWriter to a pipe: a file object, which the transport closes."""
    _pipes.enlarge(pipe.fileno())
    loop = asyncio.get_running_loop()
    _, protocol = await loop.connect_write_pipe(lambda: _Protocol(dialect, {}), pipe)
    return AsyncWriter(protocol, dialect)
