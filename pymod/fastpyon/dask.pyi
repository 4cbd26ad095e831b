from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Literal

from _typeshed import StrPath

__all__ = ["read_lines"]

# A dask.bag.Bag; with paths, a dask.dataframe.DataFrame.
def read_lines(
    urlpath: StrPath | list[str],
    paths: Iterable[str] | Mapping[str, str] | None = None,
    blocksize: str | int | None = "128MB",
    compression: str | None = "infer",
    storage_options: Mapping[str, Any] | None = None,
    *,
    types: Mapping[str, Literal["bool", "int64", "float64", "str", "object"] | type[object] | None] | None = None,
    dialect: ModuleType = ...,
    include_path: bool = False,
    on_error: Callable[[Exception], object] | None = None,
) -> Any: ...
