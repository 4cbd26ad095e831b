/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The instruction set that the kernels may use: the best that the processor has. It is found when
 * the library is loaded, before there can be threads. The environment variable PYON_CPU may name a
 * smaller one: "scalar", "ssse3", "avx2", "avx512" of x86-64; "scalar", "neon" of AArch64. So tests
 * can run every kernel anywhere. A name of another architecture is ignored.
 */
#ifndef PYON_CPU_H
#define PYON_CPU_H

#include "base.h"

/* PYON_PORTABLE is for tests: it leaves the code for unknown processors. */
#if defined(__GNUC__) && defined(__x86_64__) && !defined(PYON_PORTABLE)
#define PYON_X86 1
#else
#define PYON_X86 0
#endif

/* gcc may store vectors of 32 bytes and more on the stack of Windows as if it were aligned for
   them, which it is not. An assembler can be asked for moves that need no alignment (configure.ac);
   else these kernels stay unused. */
#if defined(_WIN32) && !defined(__clang__) && !defined(PYON_UNALIGNED_MOVES)
#define PYON_AVX 0
#else
#define PYON_AVX 1
#endif

/* Only little-endian: the other kind is too rare to be tested. */
#if defined(__GNUC__) && defined(__AARCH64EL__) && defined(__ARM_NEON) && !defined(PYON_PORTABLE)
#define PYON_AARCH64 1
#else
#define PYON_AARCH64 0
#endif

/* The instruction sets of this architecture; each one includes those before it. */
enum pyon_cpu {
    PYON_CPU_SCALAR,
#if PYON_X86
    PYON_CPU_SSSE3,
    PYON_CPU_AVX2,
    PYON_CPU_AVX512, /* with BW, CD, DQ, VL, IFMA, VBMI and VBMI2: from Ice Lake and Zen 4 on */
#elif PYON_AARCH64
    PYON_CPU_NEON,
#endif
    PYON_CPUS
};

extern PYON_INTERNAL enum pyon_cpu pyon_cpu;

#endif
