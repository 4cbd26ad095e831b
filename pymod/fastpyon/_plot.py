# SPDX-License-Identifier: LGPL-3.0-or-later
"""``python -m fastpyon plot``: draws the numbers at some paths of a file.

The program ``pyon`` finds them (``pyon get --paths``). matplotlib draws them in a window or a file; where there is no
screen, plotext draws in the terminal.
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys

from fastpyon import _command, _output, _system, pyon, pyon_v1


def parse(arguments):
    """Returns the options, with the ``function`` that does the command."""
    parser = argparse.ArgumentParser(
        prog="python -m fastpyon plot",
        description="Draws what paths lead to in a file of either version: series of numbers as lines in one plot, "
        "or one array of two dimensions as an image. Without a screen and without -o, draws in the terminal.",
        epilog='Paths are written as in Python: rabi.times, "data[3]", "scans.*.counts"; see docs/paths.md. In a file '
        "of several values, a path leads into each of them.",
    )
    parser.add_argument("-o", dest="output", metavar="OUT", help="write a file: OUT ends with .png, .svg, .pdf, ...")
    parser.add_argument("-x", dest="abscissa", metavar="PATH", help="the numbers of the horizontal axis")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("paths", metavar="PATH", nargs="+")
    parser.set_defaults(function=_plot)
    return parser.parse_args(arguments)


# ---- What is drawn -----------------------------------------------------------------------------


def _numbers(path, value):
    """An array of real numbers, of two dimensions at most; complex ones are two series."""
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:  # a list of lists of different lengths
        array = np.asarray(None)
    if array.ndim == 0 or array.dtype.kind not in "biufc":
        raise ValueError(f"{path} is no series of numbers")
    if array.size == 0:
        raise ValueError(f"{path} is empty")
    if array.ndim > 2:
        raise ValueError(f"{path} has {array.ndim} dimensions: choose a part, {path}[0] for instance")
    if array.dtype.kind == "c":
        return [(f"{path}, real part", array.real), (f"{path}, imaginary part", array.imag)]
    return [(path, array)]


def _split(line):
    """The path and the text of the value of a line "path = value". A key in quotes may have " = ", too."""
    quote, end = "", 0
    while quote or not line.startswith(" = ", end):
        c = line[end]
        if c == "\\":
            end += 1  # an escape, which is nowhere but in quotes
        elif c == quote:
            quote = ""
        elif not quote and c in "\"'":
            quote = c
        end += 1
    return line[:end], line[end + 3 :]


def _matches(file, path):
    """[(path, value)] of what a path leads to."""
    program = _command.find()
    if not program:
        raise OSError(f"the command pyon is not installed beside {os.path.dirname(__file__)}")
    done = subprocess.run([program, "get", "--paths", "--", file, path], capture_output=True)
    if done.returncode:
        message = done.stderr.decode(errors="replace").split("\n")[0].removeprefix("pyon get: ")
        is_of_path = done.returncode == 2 and not message.startswith(file)  # it is not written as paths are
        raise LookupError(f"{path}: {message}" if is_of_path else message)
    found = []
    for line in done.stdout.decode().split("\n"):
        if line.startswith("# version "):
            dialect = pyon if line.endswith("2") else pyon_v1
        elif line:
            path, text = _split(line)
            found.append((path, dialect.decode(text)))
    return found


def _find(file, path):
    """[(name, value)] of what a path leads to. Many single numbers are one series."""
    import numpy as np

    found = _matches(file, path)
    members = [member for _, member in found]
    if len(found) > 1 and all(isinstance(member, (int, float, complex, np.generic)) for member in members):
        return [(path, members)]
    return found


def _series(file, paths):
    found = [match for path in paths for match in _find(file, path)]
    series = [numbers for path, value in found for numbers in _numbers(path, value)]
    for path, array in series:
        if array.ndim == 2 and len(series) > 1:
            raise ValueError(f"{path} has 2 dimensions, and is not alone: choose rows, {path}[*] for instance")
    return series


def _lines(file, paths, abscissa):
    """[(name, x, y)] of the lines; an image is one with y of two dimensions."""
    series = _series(file, paths)
    if abscissa is None:
        return [(name, range(len(y)), y) for name, y in series]
    points = _series(file, [abscissa])
    if len(points) > 1 or points[0][1].ndim > 1:
        raise ValueError(f"{abscissa} is not one series of numbers")
    x = points[0][1]
    for name, y in series:
        if y.shape != x.shape:
            raise ValueError(f"{name} has the shape {y.shape}, but {abscissa} has {x.shape}")
    return [(name, x, y) for name, y in series]


# ---- Drawing -----------------------------------------------------------------------------------


def _figure(lines, title, abscissa):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(layout="constrained")
    axes.set_title(title)
    if lines[0][2].ndim == 2:
        figure.colorbar(axes.imshow(lines[0][2], aspect="auto", interpolation="nearest"), label=lines[0][0])
        return figure
    for name, x, y in lines:
        axes.plot(x, y, ".-" if len(y) < 100 else "-", label=name)
    axes.set_xlabel(abscissa or "index")
    axes.legend()
    return figure


def _save(lines, title, options):
    """Draws it first, so that a failure leaves the file alone."""
    import matplotlib

    matplotlib.use("agg")
    kind = os.path.splitext(options.output)[1].removeprefix(".") or "png"
    data = io.BytesIO()
    try:
        _figure(lines, title, options.abscissa).savefig(data, format=kind)
    except ValueError as error:  # an ending that matplotlib does not know
        raise ValueError(f"{options.output}: {error}") from None
    _output.write(options.output, data.getbuffer())


def _show(lines, title, options):
    from matplotlib import pyplot

    _figure(lines, title, options.abscissa)
    pyplot.show()


def _print(lines, title, options):
    import plotext

    if not hasattr(plotext, "plot"):
        raise ImportError(f"plotext {plotext.__version__} has another interface than version 5")
    plotext.theme("clear")
    plotext.title(title)
    if lines[0][2].ndim == 2:
        plotext.matrix_plot(lines[0][2].tolist())
    for name, x, y in lines:
        if y.ndim == 1:
            plotext.plot(list(x), y.tolist(), label=name)
    plotext.xlabel(options.abscissa or "index")
    plotext.show()


@contextlib.contextmanager
def _needed(advice):
    """Adds how to install it to the error of a module that cannot be imported."""
    try:
        yield
    except ImportError as error:
        raise ImportError(f"{error}: {advice}") from None


def _draw(lines, options):
    title = os.path.basename(options.file)
    if options.output or _system.has_screen():
        with _needed("to draw, install matplotlib: pip install matplotlib"):
            (_save if options.output else _show)(lines, title, options)
    else:
        with _needed("there is no screen; write a file with -o, or draw in the terminal: pip install 'plotext<6'"):
            _print(lines, title, options)


def _plot(options):
    try:
        with _needed("pip install numpy"):
            import numpy  # noqa: F401  arrays, and all calculations here
        lines = _lines(options.file, options.paths, options.abscissa)
        _draw(lines, options)
    except (ImportError, LookupError, OSError, ValueError) as error:
        text = str(error)
        is_named = any(name and name in text for name in (options.file, options.output))
        print(text if is_named else f"{options.file}: {text}", file=sys.stderr)
        return 1
    return 0
