# SPDX-License-Identifier: LGPL-3.0-or-later
"""PYON, the text format of ARTIQ and sipyco, in C.

    from fastpyon import pyon, pyon_v1

``fastpyon.pyon`` takes the place of ``sipyco.pyon`` (PYON v2, which is JSON), and ``fastpyon.pyon_v1`` that of
``sipyco.pyon_v1`` (PYON v1, which looks like Python). A program changes ``from sipyco import pyon, pyon_v1`` into the
line above, and nothing else. It needs no change if it calls ``fastpyon.install()``, or is started by
``python -m fastpyon run``.
"""

__all__ = ["pyon", "pyon_v1", "literal_eval", "install", "uninstall", "status", "__version__"]


def __dir__():
    return sorted({*globals(), *__all__})


def __getattr__(name):
    """Imports what a program asks for. An interpreter that starts imports this module, so it must be cheap."""
    if name in ("install", "uninstall", "status"):
        from fastpyon import _swap

        return getattr(_swap, name)
    if name in ("pyon", "pyon_v1"):
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    if name == "literal_eval":
        from fastpyon import _literal

        return _literal.literal_eval
    if name == "__version__":
        from fastpyon._core import version

        return version
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
