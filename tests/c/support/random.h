/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Random numbers, the same in each run (G. Marsaglia's xorshift, 2003). */
#ifndef PYON_RANDOM_H
#define PYON_RANDOM_H

#include <stdint.h>

static inline uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

#endif
