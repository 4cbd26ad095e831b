# SPDX-License-Identifier: LGPL-3.0-or-later
"""``python -m fastpyon run``: runs a program with the swap, and otherwise as the interpreter runs it.

If the interpreter reads a start-up file of fastpyon, the interpreter itself runs the program, in this process: then
nothing can be different. Otherwise the program gets a module ``__main__`` of its own. This module stays to the end of
the process, since threads, exit handlers and pickle look there after the last line of the program.
"""

import builtins
import getopt
import os
import pkgutil
import runpy
import site
import sys
import types
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from pathlib import Path

import fastpyon
from fastpyon import _system

_SHORT_OPTIONS = "bBdEiIm:OPqRsStuvVW:xX:"
_LONG_OPTIONS = ["check-hash-based-pycs="]


# What this interpreter reads when it starts, the one that counts first.
_START_FILES = ["fastpyon.start"] * (sys.version_info >= (3, 15)) + ["fastpyon.pth"] * (sys.version_info < (3, 18))


def start_file():
    """Returns the path of the start-up file, or None. The interpreter looks for such files in these folders only."""
    folders = site.getsitepackages()
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    for folder in folders:
        for name in _START_FILES:
            file = Path(folder, name)
            if file.is_file():
                return file
    return None


def _interpreter_options():
    """Returns the options of the interpreter before ``-m fastpyon``, or None if it was started in another way."""
    try:
        options, arguments = getopt.getopt(sys.orig_argv[1:], _SHORT_OPTIONS, _LONG_OPTIONS)
    except getopt.GetoptError:
        return None
    if not options or options[-1] != ("-m", "fastpyon") or arguments != sys.argv[1:]:
        return None
    return [word for option in options[:-1] for word in option if word]


def _leave_to_interpreter(program, arguments):
    """Replaces this process by the interpreter with the program; returns if it would read no start-up file."""
    options = _interpreter_options()
    if options is None or sys.flags.no_site or sys.flags.ignore_environment or not start_file():
        return
    _system.become(sys.executable, [sys.executable, *options, *program, *arguments])


def _new_main():
    """Puts an empty module in the place of ``__main__``, with the names that the interpreter gives it."""
    before = vars(sys.modules["__main__"])
    main = types.ModuleType("__main__")
    main.__builtins__ = builtins
    for name, value in (("__annotations__", {}), ("__cached__", None)):
        if name in before:  # this depends on the version of Python
            setattr(main, name, value)
    sys.modules["__main__"] = main
    return main


def _run_file(main, path):
    compiled = path.endswith(".pyc")
    loader = (SourcelessFileLoader if compiled else SourceFileLoader)("__main__", path)
    try:
        data = loader.get_data(path)
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        print(f"{sys.executable}: can't open file {path!r}: {reason}", file=sys.stderr)
        sys.exit(2)
    code = loader.get_code("__main__") if compiled else compile(data, path, "exec", dont_inherit=True)
    main.__file__ = path
    main.__loader__ = loader
    exec(code, vars(main))
    # The interpreter does the same, unless the program has called sys.exit.
    vars(main).pop("__file__", None)
    vars(main).pop("__cached__", None)


def _run_module(name, arguments):
    _new_main()
    sys.argv = ["-m", *arguments]  # until the module has been found
    runpy._run_module_as_main(name)


def _run_path(program, arguments):
    """Runs a script, or the ``__main__`` in a folder or a zip file."""
    sys.argv = [program, *arguments]
    path = os.path.join(os.getcwd(), program)
    has_modules = pkgutil.get_importer(path) is not None
    safe_path = getattr(sys.flags, "safe_path", False) or sys.flags.isolated
    if not safe_path:
        del sys.path[0]  # the current folder
    if has_modules:
        sys.path.insert(0, path)
    elif not safe_path:
        sys.path.insert(0, os.path.dirname(os.path.realpath(program)))
    main = _new_main()
    if has_modules:
        runpy._run_module_as_main("__main__", alter_argv=False)
    else:
        _run_file(main, path)


def run(program, arguments, is_module):
    os.environ["FASTPYON"] = "1"
    _leave_to_interpreter(["-m", program] if is_module else [program], arguments)
    fastpyon.install()
    if is_module:
        _run_module(program, arguments)
    else:
        _run_path(program, arguments)
