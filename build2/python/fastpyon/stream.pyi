import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, Protocol, type_check_only

from _typeshed import HasFileno, StrOrBytesPath, SupportsRead
from typing_extensions import Self

from fastpyon import _core

__all__ = [
    "DecodeError",
    "TruncatedError",
    "LimitError",
    "Decoder",
    "Reader",
    "Writer",
    "encode",
    "iterencode",
    "load_lines",
    "store_lines",
    "AsyncReader",
    "AsyncWriter",
    "open_connection",
    "start_server",
    "connect_read_pipe",
    "connect_write_pipe",
]

# ---- What values come from and go to ----

@type_check_only
class _Receives(Protocol):
    def recv(self, size: int, /) -> bytes: ...

@type_check_only
class _Sends(Protocol):
    def send(self, data: bytes, /) -> int: ...

@type_check_only
class _Writes(Protocol):
    def write(self, data: bytes, /) -> int | None: ...

@type_check_only
class _AsyncReads(Protocol):
    def read(self, size: int, /) -> Awaitable[bytes]: ...

@type_check_only
class _AsyncWrites(Protocol):
    def write(self, data: bytes, /) -> object: ...
    def drain(self) -> Awaitable[object]: ...
    def close(self) -> object: ...
    def wait_closed(self) -> Awaitable[object]: ...
    def get_extra_info(self, name: str, default: Any, /) -> Any: ...

# ---- Errors ----

class DecodeError(ValueError):
    offset: int
    def __init__(self, message: str, offset: int) -> None: ...

class TruncatedError(DecodeError, EOFError): ...
class LimitError(DecodeError): ...

# ---- Values ----

class Decoder(_core.Decoder):
    def __new__(
        cls,
        dialect: ModuleType = ...,
        *,
        max_bytes: int | None = None,
        max_depth: int | None = None,
        lines: bool = False,
    ) -> Self: ...

class Reader:
    def __init__(
        self,
        file: int | _Receives | SupportsRead[bytes | str | None],
        dialect: ModuleType = ...,
        *,
        max_bytes: int | None = None,
        max_depth: int | None = None,
        lines: bool = False,
    ) -> None: ...
    def read(self) -> Any: ...
    def skip_line(self) -> None: ...
    @property
    def offset(self) -> int: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...

class Writer:
    def __init__(self, file: int | _Sends | _Writes, dialect: ModuleType = ...) -> None: ...
    @property
    def written(self) -> int: ...
    def write(self, x: object) -> None: ...
    def flush(self) -> None: ...

def encode(x: object, dialect: ModuleType = ..., pretty: bool = False) -> bytes: ...
def iterencode(
    x: object, dialect: ModuleType = ..., pretty: bool = False, size: int = 65536
) -> Iterator[bytes]: ...

# ---- Files of one value a line ----

def load_lines(
    path: StrOrBytesPath,
    dialect: ModuleType = ...,
    *,
    progress: Callable[[int, int], object] | None = None,
    on_error: Callable[[Exception], object] | None = None,
    max_bytes: int | None = None,
    max_depth: int | None = None,
) -> Iterator[Any]: ...
def store_lines(
    path: StrOrBytesPath,
    values: Iterable[object],
    dialect: ModuleType = ...,
    *,
    append: bool = False,
    backup: bool = False,
    progress: Callable[[int, int | None], object] | None = None,
) -> None: ...

# ---- asyncio ----

class AsyncReader(AsyncIterator[Any]):
    def __init__(
        self,
        source: _AsyncReads,
        dialect: ModuleType = ...,
        *,
        max_bytes: int | None = None,
        max_depth: int | None = None,
        lines: bool = False,
    ) -> None: ...
    async def read(self) -> Any: ...
    def skip_line(self) -> None: ...
    @property
    def offset(self) -> int: ...
    def close(self) -> None: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> Any: ...

class AsyncWriter:
    def __init__(self, target: _AsyncWrites, dialect: ModuleType = ...) -> None: ...
    @property
    def written(self) -> int: ...
    async def write(self, x: object) -> None: ...
    async def drain(self) -> None: ...
    def close(self) -> None: ...
    async def wait_closed(self) -> None: ...
    def get_extra_info(self, name: str, default: Any = None) -> Any: ...

# The other keyword arguments are those of the loop's create_connection() and create_server().
async def open_connection(
    host: str | None = None,
    port: int | str | None = None,
    dialect: ModuleType = ...,
    *,
    max_bytes: int | None = None,
    max_depth: int | None = None,
    lines: bool = False,
    **options: Any,
) -> tuple[AsyncReader, AsyncWriter]: ...
async def start_server(
    handler: Callable[[AsyncReader, AsyncWriter], Awaitable[object]],
    host: str | Sequence[str] | None = None,
    port: int | str | None = None,
    dialect: ModuleType = ...,
    *,
    max_bytes: int | None = None,
    max_depth: int | None = None,
    lines: bool = False,
    **options: Any,
) -> asyncio.Server: ...
async def connect_read_pipe(
    pipe: HasFileno,
    dialect: ModuleType = ...,
    *,
    max_bytes: int | None = None,
    max_depth: int | None = None,
    lines: bool = False,
) -> AsyncReader: ...
async def connect_write_pipe(pipe: HasFileno, dialect: ModuleType = ...) -> AsyncWriter: ...
