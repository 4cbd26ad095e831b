# SPDX-License-Identifier: LGPL-3.0-or-later
"""``python -m fastpyon check`` and ``convert``: they are commands of the program ``pyon``, which is installed with the
package."""

import os
import sys
import sysconfig
from pathlib import Path

from fastpyon import _system

NAMES = {
    "check": "read files and say what is wrong (pyon check)",
    "convert": "write files in the other version (pyon convert)",
}


def find():
    """The path of the program, or None."""
    package = Path(__file__).resolve().parent
    folders = [
        package.parents[1],  # where make has built it
        package.parents[0] / "bin",  # after pip install --target
        # Of PREFIX/lib/python3.x/site-packages/fastpyon.
        *(folder / _system.SCRIPTS for folder in package.parents[3:4]),
        Path(sysconfig.get_path("scripts")),  # of an editable install
    ]
    for folder in folders:
        program = folder / _system.PROGRAM
        if program.is_file() and os.access(program, os.X_OK):
            return program
    return None


def run(arguments):
    """Replaces this process by the program; returns an exit status if it is not installed."""
    program = find()
    if program:
        _system.become(program, [program, *arguments])
    print(
        f"python -m fastpyon {arguments[0]} is the command pyon {arguments[0]}, which is not installed beside"
        f" {Path(__file__).parent}: pip install it again, or make install without --without-python",
        file=sys.stderr,
    )
    return 2
