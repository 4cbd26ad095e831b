# SPDX-License-Identifier: LGPL-3.0-or-later
"""Builds the extension fastpyon._core and the program pyon; all other metadata is in pyproject.toml.

Version, sources and flags are those of the Autotools build: they are read from its files.
"""
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from setuptools import Extension, setup
from setuptools.command.build_clib import build_clib
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

# Those of setuptools, which puts them there: Python has none from 3.12 on.
from distutils import sysconfig as old_sysconfig
from distutils.ccompiler import new_compiler
from distutils.command.build_scripts import build_scripts
from distutils.sysconfig import customize_compiler

BUILD = "build/pip"  # build/ itself is what check.sh uses


def read_version():
    """The version in pyon.h."""
    text = Path("lib/pyon.h").read_text(encoding="utf-8")
    return re.search(r'^#define PYON_VERSION "(.+)"$', text, re.MULTILINE)[1]


def read_variables(path):
    """The variables of a sources.am, each as a list of words; $(name) is one that stands before."""
    text = Path(path).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for name, value in re.findall(r"^(\w+) *=(.*)$", text, re.MULTILINE):
        found[name] = re.sub(r"\$\((\w+)\)", lambda other: " ".join(found[other[1]]), value).split()
    return found


def generate(source, flags):
    """Makes the C file of an re2c source unless there is a newer one."""
    target = Path(source).with_suffix(".c")
    if target.exists() and target.stat().st_mtime >= Path(source).stat().st_mtime:
        return
    re2c = os.environ.get("RE2C", "re2c")
    if shutil.which(re2c):
        # re2c leaves a file even when a warning is an error, and lets nobody else read it.
        if subprocess.run([re2c, *flags, "-o", str(target), source]).returncode:
            target.unlink(missing_ok=True)
            sys.exit(f"{re2c} failed on {source}")
        target.chmod(0o644)
    elif not target.exists():
        sys.exit(
            f"{target} is missing: re2c is needed to build from a git checkout"
            " (in Debian and Ubuntu: apt install re2c). Releases do not need it."
        )
    # Else it came in a tarball: unpacking does not always keep the times.


# Interpreters read these files when they start: before Python 3.15 the first one, from 3.18 on the second one. Those
# between would run either of them. They would take nearly twice the time to start with the second, because they import
# much for it. From 3.20 on, Python warns of the first one.
START_FILES = []
if sys.version_info < (3, 18):
    START_FILES.append("pymod/fastpyon.pth")
if not (3, 15) <= sys.version_info < (3, 18):
    START_FILES.append("pymod/fastpyon.start")


class build_py_and_start(build_py):
    """Puts START_FILES beside the package: part of the wheel, and of that of an editable install,
    so that pip knows them."""

    def run(self):
        super().run()
        editable = getattr(self, "editable_mode", False)
        folder = self.get_finalized_command("install").install_lib if editable else self.build_lib
        for file in START_FILES:
            self.copy_file(file, folder)


# The compiler of Windows, MSVC, cannot compile these sources. The package ziglang of PyPI has one that can, clang, with
# all that it needs for the C runtime of Python. The Python of MSYS2 has another platform, and a compiler that can.
TARGETS = {"win-amd64": "x86_64-windows-gnu", "win-arm64": "aarch64-windows-gnu"}
TARGET = TARGETS.get(sysconfig.get_platform())


def use_zig():
    """Says how to call the compiler, in the variables where Python says it on other systems. setuptools has a copy."""
    zig = f'"{Path(sys.executable).as_posix()}" -m ziglang'
    # Headers of old versions of Python know only from MSVC that there are 64 bits. -s leaves out what a debugger needs.
    compiler = f"{zig} cc -target {TARGET} -DMS_WIN64= -s"
    # Else the import library, which nobody needs, would be beside the extension, and in the wheel.
    linker = f"{compiler} -shared -Wl,--out-implib,{BUILD}/import.lib"
    variables = {"CC": compiler, "CXX": compiler, "CFLAGS": "", "CCSHARED": "", "SHLIB_SUFFIX": ".pyd"}
    variables.update(LDSHARED=linker, LDCXXSHARED=linker, AR=f"{zig} ar", ARFLAGS="rcs")
    for known in sysconfig.get_config_vars(), old_sysconfig.get_config_vars():
        known.update(variables)


def use_all_cores(compiler):
    """Makes the compiler compile the sources of one call at the same time: by itself, it takes one after the other."""
    compile_one = compiler.compile

    def compile_all(sources, **options):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = pool.map(lambda source: compile_one([source], **options), sources)
            return [name for names in objects for name in names]

    compiler.compile = compile_all


class build_library(build_clib):
    def build_libraries(self, libraries):
        use_all_cores(self.compiler)
        super().build_libraries(libraries)


class build_extension(build_ext):
    """Compiles the library first, also where only extensions are asked for. It is linked by itself."""

    def run(self):
        self.run_command("build_clib")
        super().run()

    def build_extensions(self):
        use_all_cores(self.compiler)
        super().build_extensions()


class build_program(build_scripts):
    """Compiles the program, which is installed where scripts are, with the library of the extension."""

    def get_source_files(self):
        return PROGRAM_FILES

    def run(self):
        self.run_command("build_clib")
        compiler = new_compiler(compiler=self.get_finalized_command("build").compiler, force=self.force)
        customize_compiler(compiler)
        use_all_cores(compiler)
        objects = compiler.compile(
            only(".c", PROGRAM_FILES),
            output_dir=os.path.join(os.path.dirname(self.build_dir), "program"),
            macros=LIBRARY_MACROS,
            include_dirs=["lib", "cmd"],
            extra_postargs=CFLAGS,
        )
        compiler.link_executable(
            objects,
            PROGRAM,
            output_dir=self.build_dir,
            libraries=["pyon", "m"],
            library_dirs=[self.get_finalized_command("build_clib").build_clib],
        )


lib = read_variables("lib/sources.am")
cmd = read_variables("cmd/sources.am")
pymod = read_variables("pymod/sources.am")

# With older headers it would be built, but could not be imported. It runs with NumPy 1.24 and newer.
if int(numpy.__version__.split(".")[0]) < 2:
    sys.exit(f"NumPy {numpy.__version__} is older than 2, whose headers are needed to build")

for source in lib["pyon_re2c_sources"]:
    generate(source, lib["pyon_re2c_flags"])

# The last option of a kind counts, and these come last. A level of optimization that the user asks for stays.
OPTIMIZATION = [] if "-O" in os.environ.get("CFLAGS", "") else ["-O2"]
# Without information for a debugger, which Python's own flags ask for: it is most of the size of a wheel.
CFLAGS = OPTIMIZATION + ["-g0"] + lib["pyon_cflags"] + lib["pyon_math_cflags"]
PROGRAM = "pyon.exe" if os.name == "nt" else "pyon"
LIBRARY_FILES = (
    lib["pyon_sources"] + lib["pyon_generated"] + lib["pyon_tree_sources"] + lib["pyon_path_sources"]
)
PROGRAM_FILES = cmd["cmd_sources"] + lib["pyon_copy_sources"]
# It exports nothing, and is the one to use even in a program that is linked with libpyon.
LIBRARY_MACROS = [("PYON_API", "")]


def only(ending, files):
    return [file for file in files if file.endswith(ending)]


HEADERS = ["lib/pyon.h", "lib/pyon_base64.h", "lib/pyon_host.h"] + only(".h", LIBRARY_FILES)

# Static: a part of the extension and of the program.
library = {
    "sources": only(".c", LIBRARY_FILES),
    "include_dirs": ["lib"],
    "macros": LIBRARY_MACROS,
    "cflags": CFLAGS,
    "obj_deps": {"": HEADERS},
}
core = Extension(
    "fastpyon._core",
    sources=only(".c", pymod["pymod_sources"]),
    depends=HEADERS + only(".h", pymod["pymod_sources"]),
    include_dirs=["lib", "pymod", numpy.get_include()],
    define_macros=LIBRARY_MACROS,
    extra_compile_args=CFLAGS + pymod["pymod_cppflags"],
)

options = {"build": {"build_base": BUILD}}
if TARGET:
    use_zig()
    options["build"]["compiler"] = "unix"  # the way of calling it

setup(
    version=read_version(),
    setup_requires=["ziglang"] if TARGET else [],  # an entry of pyproject.toml could not tell MSYS2 from Windows
    libraries=[("pyon", library)],
    ext_modules=[core],
    scripts=[PROGRAM],
    cmdclass={
        "build_clib": build_library,
        "build_ext": build_extension,
        "build_py": build_py_and_start,
        "build_scripts": build_program,
    },
    options=options,
)
