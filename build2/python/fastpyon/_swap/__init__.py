# SPDX-License-Identifier: LGPL-3.0-or-later
"""fastpyon in the place of sipyco's modules, in programs that do not know of it.

``install`` patches the modules in ``_PYON``, ``_STREAMS`` and ``_DATABASES``. A module that has been imported is
patched at once, any other right after its import: a finder on ``sys.meta_path`` sees that. A ``_Patch`` for each
module keeps the old values, so that ``uninstall`` can put them back. The new values are in ``modules`` (the format),
``streams`` (pipes and sockets) and ``databases`` (ARTIQ's datasets). They are imported when the first module that needs
them is patched.

There are three ways to start this: a program calls ``install``, or ``python -m fastpyon run`` does, or FASTPYON=1 is in
the environment. Then ``fastpyon.pth`` or ``fastpyon.start``, which lie beside the package, calls ``start`` when the
interpreter starts, except under ``python -E`` and ``-I``, which ignore the environment. So ``start`` must be cheap,
must be silent where there is no sipyco, and must never stop the interpreter.
"""

import os
import sys
import warnings

from fastpyon import __version__


def _patch_pyon(module, patch):
    from fastpyon._swap import modules

    return modules.patch(module, patch.replace, patch.at_undo)


def _patch_streams(function):
    """Returns the function that patches a module by a function of ``streams``."""

    def patch_streams(module, patch):
        from fastpyon._swap import streams

        streams.max_line = _max_line
        return getattr(streams, function)(module, patch.replace)

    return patch_streams


def _patch_databases(module, patch):
    from fastpyon._swap import databases

    return databases.patch_databases(module, patch.replace)


_PYON = {"sipyco.pyon": _patch_pyon, "sipyco.pyon_v1": _patch_pyon}
_STREAMS = {
    "sipyco.pipe_ipc": _patch_streams("patch_pipe_ipc"),
    "sipyco.keepalive": _patch_streams("patch_keepalive"),
    "sipyco.tools": _patch_streams("patch_tools"),
    "sipyco.asyncio_tools": _patch_streams("patch_tools"),  # its place up to sipyco 1.8
    "sipyco.pc_rpc": _patch_streams("patch_pc_rpc"),
}

_DATABASES = {"artiq.master.databases": _patch_databases}

_active = {}  # name of a module: the function that patches it; empty while nothing is installed
_patches = {}  # name of a module that is patched: its _Patch
_left_alone = {}  # name of a module: the reason
_DEFAULT_MAX_LINE = 1 << 30
_max_line = _DEFAULT_MAX_LINE


class _Patch:
    """The values that have been replaced in a module, and in other modules that had imported them."""

    def __init__(self, module):
        self.module = module
        self.description = None  # of the new values, for status()
        self._replaced = []  # (module or class, name, old value, new value)
        self._at_undo = []

    def replace(self, owner, name, value):
        self._replaced.append((owner, name, vars(owner)[name], value))
        setattr(owner, name, value)

    def at_undo(self, function):
        self._at_undo.append(function)

    def sweep(self):
        """Replaces the old values in other modules, which have imported them by name."""
        new = {id(old): value for owner, _, old, value in self._replaced if owner is self.module}
        for module in list(sys.modules.values()):
            try:  # not by getattr(), which would load a module that is loaded on first use
                names = object.__getattribute__(module, "__dict__")
            except AttributeError:
                continue
            if module is self.module or type(names) is not dict:
                continue
            for name, value in list(names.items()):
                if id(value) in new:
                    self.replace(module, name, new[id(value)])

    def undo(self):
        """Puts the old values back in all places where ours still are."""
        for owner, name, old, value in reversed(self._replaced):
            if vars(owner).get(name) is value:
                setattr(owner, name, old)
        for function in self._at_undo:
            function()


def _version():
    """Returns the version of sipyco that is installed, or "of unknown version"."""
    from importlib import metadata

    try:
        return metadata.version("sipyco")
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _leave(name, module, why):
    _left_alone[name] = why
    warnings.warn(
        f"fastpyon leaves {name} of sipyco {_version()} in {getattr(module, '__file__', '?')} alone: {why}",
        RuntimeWarning,
        stacklevel=3,
    )


def _patch(name, module):
    """Patches a module that has just been executed, or that was there before."""
    if name in _patches:  # an earlier module of this name, or this one before a reload
        _patches.pop(name).undo()
    _left_alone.pop(name, None)
    patch = _Patch(module)
    try:
        patch.description = _active[name](module, patch)
        if patch.description is not None:
            patch.sweep()
    except Exception as e:  # the program continues with its own modules
        patch.undo()
        _leave(name, module, f"{type(e).__name__}: {e}")
        return
    if patch.description is not None:
        _patches[name] = patch
    elif name != "sipyco.asyncio_tools":  # it is empty from sipyco 1.9 on
        _leave(name, module, "it is not known")


class _Loader:
    """The loader of a module that is patched once it has been executed.

    The module and its spec have their own loader again before any code of the module runs.
    """

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        name = module.__spec__.name
        if name in _active:
            _patch(name, module)


class _Finder:
    """Finds the modules to patch by asking all other finders."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in _active:
            return None
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            if finder is _Finder or find_spec is None:
                continue
            spec = find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


def _environment_max_line():
    text = os.environ.get("FASTPYON_MAX_LINE", "")
    if not text:
        return _DEFAULT_MAX_LINE
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value <= 0:
        warnings.warn(f"FASTPYON_MAX_LINE={text} is no number of bytes", RuntimeWarning, stacklevel=3)
        return _DEFAULT_MAX_LINE
    return value


def install(streams=True, max_line=None):
    """Puts fastpyon in the place of ``sipyco.pyon`` and ``sipyco.pyon_v1``, imported or not.

    Types that are registered with sipyco are known to fastpyon then. With ``streams``, sipyco's pipes and sockets take
    lines of ``max_line`` bytes (int), and pipes are read in larger pieces. ARTIQ's DatasetDB keeps files whose names
    end in ``.pyon`` by ``fastpyon.database``. The default of ``max_line`` is FASTPYON_MAX_LINE in the environment, or
    1 GiB. A module of sipyco that is not known is left alone, with a RuntimeWarning. A second call has no effect,
    except that it changes ``max_line`` if it is given. A ``max_line`` that is not positive is a ValueError.
    """
    global _max_line

    if max_line is not None and max_line <= 0:
        raise ValueError("max_line must be positive")
    if max_line is not None or not _active:
        _max_line = _environment_max_line() if max_line is None else max_line
    if "fastpyon._swap.streams" in sys.modules:  # else it is set when a module needs it
        sys.modules["fastpyon._swap.streams"].max_line = _max_line
    _active.update(_PYON | _DATABASES)
    if streams:
        _active.update(_STREAMS)
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
    for name in _active:
        module = sys.modules.get(name)
        if module is not None and (name not in _patches or _patches[name].module is not module):
            _patch(name, module)


def uninstall():
    """Undoes ``install``: puts the old values back, and moves types that were registered meanwhile to sipyco.

    Values of ours that a module has imported by name meanwhile stay there. Streams that are open stay as they are.
    """
    if _Finder in sys.meta_path:
        sys.meta_path.remove(_Finder)
    _active.clear()
    _left_alone.clear()
    while _patches:
        _patches.popitem()[1].undo()


def status():
    """Returns a dict of versions and settings, and of the modules that are patched and left alone.

    ``active`` and ``streams`` are bools, ``max_line`` is a number of bytes, ``fastpyon`` and ``sipyco`` are versions
    (str; None if sipyco has not been imported). ``patched`` and ``left`` are dicts: name of a module to a description.
    """
    return {
        "active": bool(_active),
        "streams": bool(_active.keys() & _STREAMS.keys()),
        "max_line": _max_line,
        "fastpyon": __version__,
        "sipyco": _version() if "sipyco" in sys.modules else None,
        "patched": {name: patch.description for name, patch in _patches.items()},
        "left": dict(_left_alone),
    }


def start():
    """Installs the swap, for the start-up file, when an interpreter starts with FASTPYON set. Nothing may stop that."""
    try:
        install()
    except Exception as e:
        warnings.warn(f"fastpyon is not swapped in: {type(e).__name__}: {e}", RuntimeWarning)
