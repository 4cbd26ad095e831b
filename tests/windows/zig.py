# SPDX-License-Identifier: LGPL-3.0-or-later
"""The package ziglang for a Python in wine: ``ziglang/__main__.py`` there. Wine 8 cannot run zig for Windows, so this
runs that of Linux, ZIG, with the paths as Linux has them.

Wine starts a program of Linux, but has no handle to wait for it. So the program writes its messages and its status into
files, and the second one appears at the end."""

import _winapi
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHELL = r"Z:\bin\sh"
SCRIPT = 'at=$1 && shift && "$@" >"$at/log" 2>&1 </dev/null; echo $? >"$at/code" && mv "$at/code" "$at/status"'


def of_linux(argument):
    """The same argument with paths of Linux in it: the drives of wine are folders."""
    argument = re.sub("[Zz]:", "", argument)
    return re.sub("[Cc]:", os.environ["WINEPREFIX"] + "/drive_c", argument).replace("\\", "/")


def main():
    with tempfile.TemporaryDirectory() as folder:
        words = map(of_linux, [folder, *os.environ["ZIG"].split(), *sys.argv[1:]])
        command = subprocess.list2cmdline([SHELL, "-c", SCRIPT, "sh", *words])
        _winapi.CreateProcess(SHELL, command, None, None, False, 0, None, None, None)
        status = Path(folder, "status")
        while not status.exists():
            time.sleep(0.02)
        sys.stderr.write(Path(folder, "log").read_text(encoding="utf-8"))
        sys.exit(int(status.read_text()))


main()
