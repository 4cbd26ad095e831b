/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * For all C tests. CHECK counts failures and says where they are; the test continues.
 *
 *     CHECK(2 + 2 == 4);
 *     CHECK_WITH(text, length == 3);    a failure shows the text too
 *     return check_report();            the exit status of main
 */
#ifndef PYON_CHECK_H
#define PYON_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __unix__
#include <stdlib.h>
#include <unistd.h>

/* A test that has not ended after this time never will. */
__attribute__((constructor)) static void check_watchdog(void)
{
    const char *seconds = getenv("CHECK_SECONDS");

    alarm(seconds ? (unsigned)atoi(seconds) : 300);
}
#endif

/* More failures than this are counted, but not shown. */
#define CHECK_SHOWN 50

static unsigned long check_count, check_failures;

static inline bool check_that(bool holds, const char *condition, const char *with, const char *file,
                              int line)
{
    check_count++;
    if (!holds && check_failures++ < CHECK_SHOWN)
        fprintf(stderr, "%s:%d: failed: %s%s%s\n", file, line, condition, *with ? ", with " : "",
                with);
    return holds;
}

/* These are expressions: true if the condition holds. */
#define CHECK(condition) check_that((condition), #condition, "", __FILE__, __LINE__)
#define CHECK_WITH(text, condition) check_that((condition), #condition, (text), __FILE__, __LINE__)

/* Is all slow here, in an emulator for instance, so that a part of the cases must do? */
static inline bool check_short(void)
{
    return getenv("PYON_TEST_SHORT") != NULL;
}

/* How many rounds a test at random has. */
static inline int check_rounds(int most)
{
    return check_short() ? most / 30 : most;
}

static inline int check_report(void)
{
    printf("%lu checks, %lu failed\n", check_count, check_failures);
    return check_failures > 0;
}

#endif
