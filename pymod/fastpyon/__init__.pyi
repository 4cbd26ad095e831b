from ast import AST
from typing import Any, TypedDict, type_check_only

from fastpyon import pyon as pyon
from fastpyon import pyon_v1 as pyon_v1

__all__ = ["pyon", "pyon_v1", "literal_eval", "install", "uninstall", "status", "__version__"]

__version__: str

@type_check_only
class _Status(TypedDict):
    active: bool
    streams: bool
    max_line: int
    fastpyon: str
    sipyco: str | None
    patched: dict[str, str]
    left: dict[str, str]

def literal_eval(node_or_string: str | AST) -> Any: ...
def install(streams: bool = True, max_line: int | None = None) -> None: ...
def uninstall() -> None: ...
def status() -> _Status: ...
