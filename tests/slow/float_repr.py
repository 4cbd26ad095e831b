#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Compares lib/number/ftoa.c with Python's repr() and float() on random bit patterns.

    cc -O2 -std=gnu11 -Ilib -o float_print tests/slow/float_print.c lib/number/ftoa*.c lib/number/pow10.c lib/cpu.c
    python3 tests/slow/float_repr.py ./float_print [COUNT [SEED]]

COUNT is 20,000,000 unless told otherwise, which takes about 40 s. float_print makes the texts;
the same numbers are made here with NumPy. Each text must be repr() of the number, and float() of
the text must have the same bits.
"""

import subprocess
import sys

import numpy as np

CHUNK = 1000000


def numbers(seed, start, count):
    """The numbers of float_print.c, which see."""
    x = np.arange(start, start + count, dtype=np.uint64)
    x = np.uint64(seed) + x * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    exponent = np.uint64(0x7FF << 52)
    x ^= ((x & exponent) == exponent).astype(np.uint64) << np.uint64(62)
    return x.view(np.float64)


def main(program, count=20000000, seed=1):
    wrong = 0
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        arguments = [program, str(seed), str(start), str(size)]
        output = subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout
        texts = output.decode("ascii").splitlines()
        values = numbers(seed, start, size)
        assert len(texts) == size
        for text, expected in zip(texts, map(repr, values.tolist())):
            if text != expected:
                wrong += 1
                print("%s instead of %s" % (text, expected))
        read = np.array(list(map(float, texts)))
        differ = np.flatnonzero(read.view(np.uint64) != values.view(np.uint64))
        wrong += len(differ)
        for i in differ[:10]:
            print("%s reads as %r" % (texts[i], read[i]))
    print("%d numbers, %d failures" % (count, wrong))
    return wrong > 0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
