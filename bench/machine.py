# SPDX-License-Identifier: LGPL-3.0-or-later
"""The versions and the machine that were measured."""
import datetime
import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = "numpy", "orjson", "msgspec", "pyrjson", "ssrjson", "ujson", "msgpack", "pybase64", "sipyco"


def output(*command):
    """The output of a command, or ""."""
    try:
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor():
    found = re.search(r"^Model name:\s*(.+)$", output("lscpu"), re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def description():
    """name: text, in the order in which it is to be read."""
    packages = {package: version(package) for package in PACKAGES}
    if not packages["sipyco"] and os.environ.get("PYON_REFERENCE"):
        packages["sipyco"] = "from a directory"
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        "Python": f"{platform.python_version()}, {platform.python_compiler()}",
        "fastpyon": output("git", "describe", "--always", "--dirty") or version("fastpyon"),
        **{package: found for package, found in packages.items() if found},
        **({"PYON_CPU": os.environ["PYON_CPU"]} if "PYON_CPU" in os.environ else {}),
    }
