/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A memory that fails when it is told to. What is compiled with
 *
 *     -Dmalloc=faulty_malloc -Dcalloc=faulty_calloc -Drealloc=faulty_realloc -Dfree=faulty_free
 *
 * uses it: <stdlib.h> then declares these functions. That needs nothing of the linker, and the
 * allocators of sanitizers stay in place below.
 */
#ifndef PYON_FAULTS_H
#define PYON_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* From now on, allocation number `at`, counted from 0, fails, and if `all`, those after it. */
void faults_start(size_t at, bool all);

/* Allocations succeed again: did one fail? */
bool faults_stop(void);

/* The number of blocks that were allocated and not freed. */
size_t faults_live(void);

/* The tests of faults_paths.c: as check_report(). */
int faults_paths(void);

#endif
