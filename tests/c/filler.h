/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A transcript whose builder decodes base64 itself. What it says must be what a builder says that
 * does not: the string comes as the event string() or bytes() that the parser would have called.
 *
 * An integer says how many bytes are to follow, Custom(3, "AAAA") for instance: a negative one that
 * nothing is known of them, and FILLER_FAILS that the builder fails.
 */
#ifndef PYON_FILLER_H
#define PYON_FILLER_H

#include "transcript.h"

#define FILLER_FAILS INT64_C(4444444444444) /* which no fuzzer comes across */
#define FILLER_MOST 100000                  /* of larger blocks nothing is known either */

struct filler {
    struct transcript transcript; /* the first member: `self` of all functions */
    struct pyon_builder builder;
    int64_t announced; /* the last integer */
    unsigned char *block;
    size_t size;
    bool bytes;
    bool fails_at_end;                /* payload_end fails */
    size_t begun, completed, dropped; /* how often; and taken by payload() at once */
    size_t taken;
};

/* Fills `filler`. With `begins` it has payload_begin(), with `takes` payload(). */
void filler_init(struct filler *filler, bool begins, bool takes);

/* Ends it, whatever happened: what was written, new. */
char *filler_text(struct filler *filler);

#endif
