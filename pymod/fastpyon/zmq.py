# SPDX-License-Identifier: LGPL-3.0-or-later
"""PYON through sockets of pyzmq, in the manner of its send_json() and recv_json().

    zmq.send(socket, {"x": (1, 2.5)})            value = zmq.recv(socket)

With sockets of ``zmq.asyncio``, both are awaited. A message is one frame: the text of PYON v2. With ``frames=True``,
the data of large arrays follows in frames of its own, as it is in memory, and is copied on neither side.

``recv`` is safe with messages of strangers, where ``recv_pyobj`` runs the code in them: it makes values of PYON alone,
of bounded size. Its exceptions are those of ``fastpyon.pyon.decode``, and ValueError for frames that do not fit the
text. Then the message is gone, and the next one can be received.

For sockets that need more, such as ROUTER, ``serialize`` and ``deserialize`` are the functions for pyzmq's
``send_serialized`` and ``recv_serialized``.
"""

import sys
from functools import partial

from fastpyon import _frames, stream

__all__ = ["send", "recv", "serialize", "deserialize"]


def serialize(x, *, frames=False):
    """Return the frames of a message: a list of the text in bytes, and with ``frames``, memoryviews of large arrays.

        >>> serialize([1, 2.5])
        [b'[1,2.5]']
    """
    return _frames.dump(x) if frames else [stream.encode(x)]


def deserialize(message, *, frames=False, max_bytes=_frames.MAX_BYTES, max_text=_frames.MAX_TEXT):
    """Return the value of a message, an iterable of bytes, memoryviews or ``zmq.Frame``.

    ``max_bytes`` bounds the message, and ``max_text`` its first frame, whose objects may take 30 times as much memory.
    Arrays use the memory of their frames, and can be written to if that can. The memory of a ``zmq.Frame`` that has
    come by inproc is the sender's own, so it cannot.

        >>> deserialize([b"[1,2.5]"])
        [1, 2.5]
    """
    message = [memoryview(part).toreadonly() if _is_shared(part) else part for part in message]
    if len(message) > 1 and not frames:
        raise ValueError(f"a message of {len(message)} frames: frames=True reads it")
    return _frames.load(message, max_bytes, max_text)


def _is_shared(part):
    """Is the memory of a frame that of its sender, too? By inproc, where ZeroMQ knows no connection."""
    zmq = sys.modules.get("zmq")
    if not zmq or not isinstance(part, zmq.Frame):
        return False
    try:
        part.get("Socket-Type")
    except zmq.ZMQError:
        return True
    return False


def _track(message):
    """Frames of which the last one is tracked with all others, since pyzmq returns the tracker of the last one."""
    import zmq

    message = [zmq.Frame(part, track=True) for part in message]
    message[-1].tracker = zmq.MessageTracker(*message)
    return message


def send(socket, x, flags=0, *, frames=False, track=False):
    """Send a value as a message. ``flags`` and ``track`` are those of pyzmq, as is the result.

    With ``frames``, arrays must not be changed before they have been sent: ``send(..., track=True).wait()`` waits.
    """
    message = serialize(x, frames=frames)
    if frames and track:
        message = _track(message)
    return socket.send_multipart(message, flags, copy=not frames, track=track)


def recv(socket, flags=0, *, frames=False, max_bytes=_frames.MAX_BYTES, max_text=_frames.MAX_TEXT):
    """Receive a message and return its value. ``flags`` are those of pyzmq, the others those of deserialize().

    ZeroMQ holds a message before this function sees it. The socket option ``zmq.MAXMSGSIZE`` bounds each of its frames.
    """
    load = partial(deserialize, frames=frames, max_bytes=max_bytes, max_text=max_text)
    return socket.recv_serialized(load, flags, copy=not frames)
