/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Which instruction set the kernels may use: the best that the processor has, found when the
 * library is loaded, before there can be threads. The environment variable PYON_CPU names a
 * lesser one ("scalar", "ssse3", "avx2", "avx512" of x86-64; "scalar", "neon" of AArch64), so that
 * tests run every kernel anywhere. Names of another architecture say nothing.
 */
#ifndef PYON_CPU_H
#define PYON_CPU_H

#include "base.h"

/* PYON_PORTABLE is for tests: the code for processors that nothing is known of. */
#if defined(__GNUC__) && defined(__x86_64__) && !defined(PYON_PORTABLE)
#define PYON_X86 1
#else
#define PYON_X86 0
#endif

/* Little-endian only: the other kind is too rare to be tested. */
#if defined(__GNUC__) && defined(__AARCH64EL__) && defined(__ARM_NEON) && !defined(PYON_PORTABLE)
#define PYON_AARCH64 1
#else
#define PYON_AARCH64 0
#endif

/* Those of this architecture; each implies the ones before it. */
enum pyon_cpu {
    PYON_CPU_SCALAR,
#if PYON_X86
    PYON_CPU_SSSE3,
    PYON_CPU_AVX2,
    PYON_CPU_AVX512, /* with BW, CD, DQ, VL, IFMA, VBMI and VBMI2, as from Ice Lake and Zen 4 on */
#elif PYON_AARCH64
    PYON_CPU_NEON,
#endif
    PYON_CPUS
};

extern PYON_INTERNAL enum pyon_cpu pyon_cpu;

#endif
