/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Looks at the processor and the environment once: see cpu.h. */
#include "cpu.h"

#include <stdlib.h>

enum pyon_cpu pyon_cpu = PYON_CPU_SCALAR;

#if PYON_X86

static const char *const names[PYON_CPUS] = {
    [PYON_CPU_SCALAR] = "scalar",
    [PYON_CPU_SSSE3] = "ssse3",
    [PYON_CPU_AVX2] = "avx2",
    [PYON_CPU_AVX512] = "avx512",
};

static enum pyon_cpu best(void)
{
    __builtin_cpu_init();
    if (PYON_AVX && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512vbmi2"))
        return PYON_CPU_AVX512;
    if (PYON_AVX && __builtin_cpu_supports("avx2"))
        return PYON_CPU_AVX2;
    if (__builtin_cpu_supports("ssse3"))
        return PYON_CPU_SSSE3;
    return PYON_CPU_SCALAR;
}

#elif PYON_AARCH64

static const char *const names[PYON_CPUS] = {
    [PYON_CPU_SCALAR] = "scalar",
    [PYON_CPU_NEON] = "neon",
};

/* The compiler assumes NEON, so it is there. */
static enum pyon_cpu best(void)
{
    return PYON_CPU_NEON;
}

#endif

#if PYON_X86 || PYON_AARCH64

/* The best set that the environment allows. */
static enum pyon_cpu allowed(void)
{
    const char *wanted = getenv("PYON_CPU");

    for (int i = 0; wanted && i < PYON_CPUS; i++)
        if (strcmp(wanted, names[i]) == 0)
            return (enum pyon_cpu)i;
    return PYON_CPUS - 1;
}

__attribute__((constructor)) static void choose(void)
{
    enum pyon_cpu has = best(), may = allowed();

    pyon_cpu = has < may ? has : may;
}

#endif
