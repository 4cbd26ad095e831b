# SPDX-License-Identifier: LGPL-3.0-or-later
"""``python -m fastpyon``: commands for the swap and for files.

``run`` starts a program with the swap (see ``_program``), ``status`` reports on it (see ``_swap``), ``plot`` draws
arrays (see ``_plot``), ``db`` and ``archive`` have commands of their own (see ``_db`` and ``_archive``), and the others
are commands of the program ``pyon`` (see ``_command``).
"""

import argparse
import contextlib
import importlib
import os
import signal
import sys
import warnings
from pathlib import Path

import fastpyon
from fastpyon import _command, _program

# Commands with parsers of their own: the module that has it, which imports what no other needs; the help.
_OWN = {
    "plot": ("_plot", "draw arrays of a file"),
    "archive": ("_archive", "keep results as lines of PYON: mirror, table, get, ... (docs/archive.md)"),
    "db": ("_db._arguments", "keep databases of text: import, export, check, repair, ... (docs/database.md)"),
}


def _arguments():
    parser = argparse.ArgumentParser(
        prog="python -m fastpyon",
        description="Puts fastpyon in the place of sipyco's PYON, in programs that do not know of it; "
        "checks and converts files; draws arrays; keeps databases.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        usage="python -m fastpyon run [-m] PROGRAM [ARGUMENT ...]",
        help="run a program, and its child processes, with fastpyon in sipyco's place",
        description="Runs a Python program with fastpyon in the place of sipyco's PYON, and sets "
        "FASTPYON=1 for its child processes.",
    )
    run.add_argument("-m", dest="module", action="store_true", help="PROGRAM is a module")
    run.add_argument("program", metavar="PROGRAM", help="a script, or a module with -m")
    run.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER)
    run.set_defaults(function=_run)
    status = commands.add_parser("status", help="show the versions, and the modules that are patched")
    status.set_defaults(function=_status)
    for name, (_, help) in _OWN.items():
        commands.add_parser(name, help=help)
    for name, help in _command.NAMES.items():
        commands.add_parser(name, help=help)
    return parser.parse_args()


def _run(options):
    program = options.program
    arguments = sys.argv[sys.argv.index(program, 2) + 1 :]  # argparse leaves out a "--"
    _program.run(program, arguments, options.module)


def _status(options):
    from fastpyon import _swap

    for name in (*_swap._PYON, *_swap._STREAMS, *_swap._DATABASES):
        # Not every sipyco has all of these modules, and some warn that they are deprecated.
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            importlib.import_module(name)
    status = fastpyon.status()
    print(f"fastpyon {status['fastpyon']} in {Path(fastpyon.__file__).parent}")
    print(f"Python {sys.version.split()[0]}")
    variable = os.environ.get("FASTPYON")
    print("FASTPYON is not set" if variable is None else f"FASTPYON={variable}")
    print(f"start-up file: {_program.start_file() or 'missing, so that FASTPYON has no effect'}")
    sipyco = sys.modules.get("sipyco")
    if sipyco is None:
        print("sipyco is not installed")
    else:
        print(f"sipyco {status['sipyco']} in {', '.join(sipyco.__path__)}")
    pyon = sys.modules.get("sipyco.pyon")
    if pyon is not None:
        print(f"sipyco.pyon is PYON {'v2' if hasattr(pyon, 'register') else 'v1'}")
    if not status["active"]:
        print("not active: set FASTPYON=1, or use python -m fastpyon run")
        return
    print(f"active, for lines of up to {status['max_line']} bytes")
    for name, description in status["patched"].items():
        print(f"    {name}: {description}")
    for name, why in status["left"].items():
        print(f"    {name}: left alone, {why}")


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else None
    if name in _command.NAMES:
        return _command.run(sys.argv[1:])
    if name in _OWN:
        try:
            module = importlib.import_module(f"fastpyon.{_OWN[name][0]}")
        except ModuleNotFoundError as error:
            sys.exit(f"python -m fastpyon {name}: {error}: pip install {error.name}")
        options = module.parse(sys.argv[2:])
    else:
        options = _arguments()
    if options.function is _run:
        return _run(options)
    try:
        result = options.function(options)
        if sys.stdout:  # it may be closed from the start
            sys.stdout.flush()
        return result
    except BrokenPipeError:
        # The reader has closed the pipe. The interpreter flushes at its end, which would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:  # a shell must see that the signal has ended the command
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
