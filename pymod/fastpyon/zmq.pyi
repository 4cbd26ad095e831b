from collections.abc import Iterable
from typing import Any

from _typeshed import ReadableBuffer

__all__ = ["send", "recv", "serialize", "deserialize"]

# A socket is a zmq.Socket, or one of zmq.asyncio: then the results are awaited.
def send(socket: Any, x: object, flags: int = 0, *, frames: bool = False, track: bool = False) -> Any: ...
def recv(
    socket: Any, flags: int = 0, *, frames: bool = False, max_bytes: int = 1073741824, max_text: int = 268435456
) -> Any: ...
def serialize(x: object, *, frames: bool = False) -> list[bytes | memoryview]: ...
def deserialize(
    message: Iterable[ReadableBuffer], *, frames: bool = False, max_bytes: int = 1073741824, max_text: int = 268435456
) -> Any: ...
