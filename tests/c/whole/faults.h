/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A memory that fails when it is told to. A file that is compiled with
 *
 *     -Dmalloc=faulty_malloc -Dcalloc=faulty_calloc -Drealloc=faulty_realloc -Dfree=faulty_free
 *
 * uses it: <stdlib.h> then declares these functions. The linker need not know of it, and the
 * allocators of sanitizers stay in place below it.
 */
#ifndef PYON_FAULTS_H
#define PYON_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* From now on, allocation number `at`, counted from 0, fails; if `all`, those after it fail too. */
void faults_start(size_t at, bool all);

/* Allocations succeed again. Returns whether one failed. */
bool faults_stop(void);

/* The number of blocks that were allocated and not freed. */
size_t faults_live(void);

/* The tests of faults_paths.c: as check_report(). */
int faults_paths(void);

#endif
