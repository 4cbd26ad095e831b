#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Mutations: makes one mistake after the other in the C code, and tells which of them no test notices.

    mutate.py DIRECTORY                       all of the list
    mutate.py DIRECTORY lib/write frame.c     those of files whose path contains one of the words
    mutate.py DIRECTORY --auto 20 pieces.c    20 made by rules, of the files that the list knows

Run by hand, from a git checkout. DIRECTORY gets a copy of it and a build, which stay for the next run; the
checkout is left alone. Of each mutation it prints

    caught      a test fails, crashes or does not end
    equivalent  no test can notice it, and the list says why; it has survived here
    SURVIVED    a test is missing, or the mutation is equivalent
    no build    it is no C

A survivor is looked at: either a test is added that a reader of the code would expect, or the mutation is
recorded as equivalent with the reason. The exit status is 1 if there are survivors.

Tests are named as tests/c/*/test_x.c ("c/test_x"), as programs of Makefile.am made from them ("c/portable_x"),
or as tests/py/*/test_x.py ("py/test_x"). Those of the portable library check the contracts (PYON_ASSERT).
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import in_extension  # noqa: F401  # these fill the list
import in_library  # noqa: F401
from mutations import MUTATIONS, Mutation

TOP = Path(__file__).resolve().parents[2]
SECONDS = 240  # that a test may take of the processor, so that a busy machine fails none
PATIENCE = 3600  # seconds of the clock, for a test that waits


def run(command, **kwargs):
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **kwargs
    )


def must(command, **kwargs):
    done = run(command, **kwargs)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout}")
    return done.stdout


# Builds the mutations: each C file once for a kind of tests, without libtool, which takes more time than
# the compiler. Objects depend on the headers that they include.
MAKEFILE = r"""
include source/lib/sources.am
include source/pymod/sources.am
CFLAGS = $(pyon_cflags) -O2 -fPIC -w -MMD -Isource/lib $(pyon_math_cflags)
portable = -DPYON_DEBUG -DPYON_PORTABLE -DPYON_STREAM_SLACK=0
faults = -DPYON_DEBUG -Dmalloc=faulty_malloc -Dcalloc=faulty_calloc -Drealloc=faulty_realloc -Dfree=faulty_free
sources = $(filter %.c,$(pyon_sources) $(pyon_tree_sources) $(pyon_path_sources) $(pyon_copy_sources) $(pyon_generated))
shared = $(addprefix source/tests/c/support/,cases.c codes.c filler.c matches.c pieces.c transcript.c tree.c value.c)
objects = $(patsubst %.c,$(1)/%.o,$(addprefix source/,$(sources)))

all:
.SECONDEXPANSION:
source/lib/lex/%.c: source/lib/lex/%.re
	re2c $(pyon_re2c_flags) -o $@ $<
plain/%.o: %.c
	@mkdir -p $(@D)
	gcc $(CFLAGS) $(python) -c -o $@ $<
portable/%.o: %.c
	@mkdir -p $(@D)
	gcc $(CFLAGS) $(portable) -c -o $@ $<
faults/%.o: %.c
	@mkdir -p $(@D)
	gcc $(CFLAGS) $(faults) -c -o $@ $<
# The object of the one file tests/c/*/test_X.c.
test = $$(addprefix $(1)/,$$(subst .c,.o,$$(wildcard source/tests/c/*/test_$$*.c)))
c/test_faults: $(addprefix faults/source/tests/c/,whole/test_faults.o whole/faults_paths.o whole/faults.o) \
		faults/source/tests/c/support/value.o $(call objects,faults)
	@mkdir -p $(@D)
	gcc -o $@ $^ -lm
c/test_%: $(call test,plain) $(patsubst %.c,plain/%.o,$(shared)) $(call objects,plain)
	@mkdir -p $(@D)
	gcc -o $@ $^ -lm -lpthread
c/portable_%: $(call test,portable) $(patsubst %.c,plain/%.o,$(shared)) $(call objects,portable)
	@mkdir -p $(@D)
	gcc -o $@ $^ -lm
python/stamp: $(patsubst %.c,plain/source/%.o,$(filter %.c,$(pymod_sources))) $(call objects,plain) \
		$(addprefix source/,$(pymod_python) $(pymod_swap) $(pymod_system) $(pymod_db) $(pymod_database))
	@mkdir -p python/fastpyon/_swap python/fastpyon/_system python/fastpyon/_db python/fastpyon/database
	cp $(addprefix source/,$(pymod_python)) python/fastpyon
	cp $(addprefix source/,$(pymod_swap)) python/fastpyon/_swap
	cp $(addprefix source/,$(pymod_system)) python/fastpyon/_system
	cp $(addprefix source/,$(pymod_db)) python/fastpyon/_db
	cp $(addprefix source/,$(pymod_database)) python/fastpyon/database
	gcc -shared -o python/fastpyon/_core.so $(filter %.o,$^) -lm
	touch $@
-include $(shell find . -name '*.d')
.SECONDARY:
"""


class Build:
    """The copy of the checkout, and what is built of it."""

    def __init__(self, directory, python):
        self.directory = directory
        self.source = directory / "source"
        self.python = python
        facts = must(
            [python, "-c", "import numpy, sysconfig; print(sysconfig.get_path('include'), numpy.get_include())"]
        )
        flags = " ".join(f"-isystem {path}" for path in facts.split())
        text = MAKEFILE.replace("$(python)", f"{flags} -Isource/pymod $(pymod_cppflags) -DNDEBUG")
        directory.mkdir(exist_ok=True)
        (directory / "Makefile").write_text(text)

    def update(self):
        """Makes the copy what the checkout is."""
        names = must(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TOP)
        for name in names.split("\0"):
            source, copy = TOP / name, self.source / name
            if not name or not source.is_file():
                continue
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)

    def make(self, tests):
        """Builds what these tests need: false if it is no C."""
        targets = sorted({test if test.startswith("c/") else "python/stamp" for test in tests})
        return run(["make", "-s", "-j2", *targets], cwd=self.directory).returncode == 0

    def passes(self, test):
        environment = {**os.environ, "srcdir": str(self.source), "PYTHON": self.python, "CHECK_SECONDS": str(PATIENCE)}
        if test.startswith("c/"):
            command = [self.directory / test]
        else:
            [file] = self.source.glob(f"tests/py/*/{test.removeprefix('py/')}.py")
            command = [self.source / "tests/check-python", "-x", file]
        try:
            limited = ["sh", "-c", f'ulimit -t {SECONDS}; exec "$@"', "sh", *map(str, command)]
            return run(limited, cwd=self.directory, env=environment, timeout=PATIENCE).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def failing(self, tests):
        """The first of the tests that fails, or None."""
        return next((test for test in tests if not self.passes(test)), None)


def check_mutation(mutation):
    """Its text stands once in the file: else the list is out of date."""
    count = (TOP / mutation.file).read_text().count(mutation.old)
    if count != 1:
        sys.exit(f"{mutation.file}: stands there {count} times: {mutation.old!r}")


def attempt(build, mutation):
    """The result: a word, and the test that has noticed the mutation."""
    path = build.source / mutation.file
    text = path.read_text()
    path.write_text(text.replace(mutation.old, mutation.new, 1))
    try:
        if not build.make(mutation.tests):
            return "no build", ""
        test = build.failing(mutation.tests)
    finally:
        path.write_text(text)
    if test:
        return "caught", test
    return ("equivalent", mutation.equivalent) if mutation.equivalent else ("SURVIVED", "")


# ---- Made by rules -----------------------------------------------------------------------------

RULES = [
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "),
    (r" \+ 1\b", ""), (r" - 1\b", ""), (r" \+ ", " - "), (r" && ", " || "), (r" \|\| ", " && "),
    (r"\breturn -1;", "return 0;"), (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\+\+", "--"),
    (r"\b([2-9]|[1-9][0-9]+)\b", lambda match: str(int(match[0]) - 1)),
    (r"\n *Py_X?DECREF\([^\n]*", ""), (r"\n *Py_X?INCREF\([^\n]*", ""), (r"Py_NewRef\((\w+)\)", r"\1"),
    (r"\n    [a-z_>.-]+ = [^\n;]*;", ""),
]  # fmt: skip


def made_by_rules(file, tests, count):
    """Mutations of one place each, chosen at random but the same in each run. The old text is that of the
    file up to there, which stands there once."""
    text = (TOP / file).read_text()
    code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"|PYON_ASSERT[^\n]*|assert[^\n]*",
                  lambda match: " " * len(match[0]), text, flags=re.DOTALL)  # fmt: skip
    code = re.sub(r"^#include[^\n]*", lambda match: " " * len(match[0]), code, flags=re.MULTILINE)
    places = [(match.start(), match.end(), match.expand(new) if isinstance(new, str) else new(match))
              for old, new in RULES for match in re.finditer(old, code)]  # fmt: skip
    for start, end, new in random.Random(file).sample(places, min(count, len(places))):
        before = text[:end]
        yield Mutation(file, before, before[:start] + new, tests, None)


def shown(mutation):
    """The place, and what is changed from that line on."""
    same = len(os.path.commonprefix([mutation.old, mutation.new]))
    line = mutation.old.rfind("\n", 0, same) + 1
    text = (TOP / mutation.file).read_text()
    number = text.count("\n", 0, text.index(mutation.old) + same) + 1
    old, new = (" ".join(part[line:].split()) for part in (mutation.old, mutation.new))
    return f"{mutation.file}:{number}: {old[:90]} -> {new[:90] or '(nothing)'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("words", nargs="*", help="of paths")
    parser.add_argument("--auto", type=int, metavar="N", help="make N mutations of each file")
    parser.add_argument("--python", default=sys.executable, help="with NumPy 2, pytest and Hypothesis")
    parser.add_argument("--only", default="", help="a part of the text that is changed")
    arguments = parser.parse_args()
    mutations = [mutation for mutation in MUTATIONS
                 if not arguments.words or any(word in mutation.file for word in arguments.words)]  # fmt: skip
    mutations = [mutation for mutation in mutations if arguments.only in mutation.old]
    if arguments.auto:
        files = {mutation.file: mutation.tests for mutation in mutations}
        mutations = [mutation for file, tests in files.items()
                     for mutation in made_by_rules(file, tests, arguments.auto)]  # fmt: skip
    else:
        for mutation in mutations:
            check_mutation(mutation)

    build = Build(arguments.directory.resolve(), arguments.python)
    build.update()
    counts, passed = {}, set()
    for mutation in mutations:
        new = [test for test in mutation.tests if test not in passed]
        if new and not build.make(new) or build.failing(new):
            sys.exit(f"without a mutation, one of these does not build, or fails: {' '.join(new)}")
        passed.update(new)
        started = time.monotonic()
        result, by = attempt(build, mutation)
        counts[result] = counts.get(result, 0) + 1
        seconds = time.monotonic() - started
        print(f"{result:10} {shown(mutation)}  {f'[{by}] ' if by else ''}{seconds:.0f} s", flush=True)
    print(", ".join(f"{count} {result}" for result, count in sorted(counts.items())))
    return "SURVIVED" in counts


if __name__ == "__main__":
    sys.exit(main())
