import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, Protocol, TypeAlias, type_check_only

import numpy
from _typeshed import ReadableBuffer, WriteableBuffer
from numpy.typing import NDArray

__all__ = ["MisfitError", "Table", "read_batches", "read_lines"]

@type_check_only
class _ReadsInto(Protocol):
    def readinto(self, buffer: WriteableBuffer, /) -> int | None: ...

_Source: TypeAlias = str | os.PathLike[str] | ReadableBuffer | _ReadsInto | Iterable[str | ReadableBuffer]
_Paths: TypeAlias = Iterable[str] | Mapping[str, str]
_Types: TypeAlias = Mapping[str, Literal["bool", "int64", "float64", "str", "object"] | type[object] | None]

class MisfitError(ValueError):
    line: int
    path: str | None
    column: int | None
    def __init__(self, message: str, line: int, path: str | None = None, column: int | None = None) -> None: ...

class Table(Mapping[str, NDArray[Any] | list[Any]]):
    def __init__(
        self,
        columns: Mapping[str, NDArray[Any] | list[Any]],
        missing: Mapping[str, NDArray[numpy.bool_]],
        lines: NDArray[numpy.uint64],
    ) -> None: ...
    def __getitem__(self, name: str) -> NDArray[Any] | list[Any]: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def lines(self) -> NDArray[numpy.uint64]: ...
    def missing(self, name: str) -> NDArray[numpy.bool_]: ...
    def to_pandas(self) -> Any: ...  # a pandas.DataFrame
    def to_arrow(self) -> Any: ...  # a pyarrow.Table
    def to_xarray(self, dimension: str = "row") -> Any: ...  # an xarray.Dataset

def read_blocks(
    blocks: Iterable[ReadableBuffer],
    paths: _Paths,
    *,
    types: _Types | None = None,
    version: Literal[1, 2] | None = None,
    on_error: Callable[[MisfitError], object] | None = None,
    threads: int | None = None,
    numbers: NDArray[numpy.int64] | None = None,
) -> Table: ...
def read_lines(
    source: _Source,
    paths: _Paths,
    *,
    types: _Types | None = None,
    version: Literal[1, 2] | None = None,
    on_error: Callable[[MisfitError], object] | None = None,
    threads: int | None = None,
) -> Table: ...
def read_batches(
    source: _Source,
    paths: _Paths,
    *,
    types: _Types | None = None,
    version: Literal[1, 2] | None = None,
    on_error: Callable[[MisfitError], object] | None = None,
    threads: int | None = None,
) -> Any: ...  # a pyarrow.RecordBatchReader
