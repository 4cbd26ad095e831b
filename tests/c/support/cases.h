/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The texts in tests/cases/{v1,v2}/{valid,invalid}, for the tests that go through all of them.
 * The directory is $srcdir/tests/cases, or "tests/cases" without that variable.
 */
#ifndef PYON_CASES_H
#define PYON_CASES_H

#include "pyon.h"

struct bytes {
    char *data; /* ends with a NUL that does not count; NULL if there is no such file */
    size_t length;
};

/* A text of the cases and how to read it. */
struct kase {
    const struct pyon_dialect *dialect;
    const char *name;
    struct bytes text;
    bool valid;
};

/* Calls `run` for each case and its directory. */
void cases_run(void (*run)(const struct kase *kase, const char *directory));

/* A path: new, free() it. */
char *cases_join(const char *directory, const char *name, const char *suffix);

/* The content of a file: `data` is new, free() it. */
struct bytes cases_read(const char *path);

#endif
