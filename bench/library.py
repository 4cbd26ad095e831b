# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs the benchmark of the C library, bench/c/throughput, with every instruction set.

A processor that lacks one falls back to the best it has: then two columns are the same.
"""
import os
import subprocess

CPUS = "scalar", "ssse3", "avx2", "avx512"


def rows(text):
    """The program prints a header, then a line for each of its measurements; columns by tabs."""
    header, *lines = (line.split("\t") for line in text.splitlines())
    return [dict(zip(header, line)) for line in lines]


def measure(program, quick=False):
    """name of the instruction set -> rows of the program."""
    command = [program, *(["1"] if quick else [])]
    return {
        cpu: rows(
            subprocess.run(
                command,
                env={**os.environ, "PYON_CPU": cpu},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        )
        for cpu in CPUS
    }
