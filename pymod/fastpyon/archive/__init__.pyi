from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from os import PathLike
from types import TracebackType
from typing import Any, Literal, TypeAlias

import numpy as np
from typing_extensions import Self

from fastpyon.table import MisfitError, Table

__all__ = ["ArchiveError", "DamagedError", "LockedError", "Report", "Runs", "mirror", "open", "unmirror"]

_Path: TypeAlias = str | bytes | PathLike[str] | PathLike[bytes]
_Time: TypeAlias = datetime | date | np.datetime64 | float | str
_Type: TypeAlias = Literal["bool", "int64", "float64", "str", "object"] | type[object]

class ArchiveError(Exception): ...
class DamagedError(ArchiveError): ...

class LockedError(ArchiveError):
    pid: int | None
    def __init__(self, message: str, pid: int | None = None) -> None: ...

class Report:
    added: int
    changed: int
    unchanged: int
    unreadable: dict[str, str]

class Runs:
    def __init__(self, archive: Any, rows: Any) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...
    def __len__(self) -> int: ...
    def __contains__(self, rid: object) -> bool: ...
    def __getitem__(self, rid: int) -> dict[str, Any]: ...
    def __iter__(self) -> Iterator[dict[str, Any]]: ...
    @property
    def damaged(self) -> list[MisfitError]: ...
    @property
    def index(self) -> Table: ...
    def where(
        self,
        *,
        cls: str | Collection[str] | None = None,
        after: _Time | None = None,
        before: _Time | None = None,
        rid: int | Collection[int] | None = None,
    ) -> Runs: ...
    def table(
        self,
        *paths: str | Collection[str] | Mapping[str, str],
        types: Mapping[str, _Type | None] | None = None,
        on_error: Callable[[MisfitError], object] | None = None,
        threads: int | None = None,
    ) -> Table: ...
    def unmirror(
        self,
        folder: _Path,
        *,
        overwrite: bool = False,
        progress: Callable[[int, int], object] | None = None,
        on_error: Callable[[MisfitError], object] | None = None,
    ) -> int: ...

def mirror(
    results: _Path,
    path: _Path,
    *,
    progress: Callable[[int, int], object] | None = None,
    processes: int = 1,
    wait: bool | float = False,
) -> Report: ...
def open(path: _Path) -> Runs: ...
def unmirror(
    path: _Path,
    folder: _Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], object] | None = None,
    on_error: Callable[[MisfitError], object] | None = None,
) -> int: ...
