/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A transcript whose builder decodes base64 itself. It must say the same as a builder that does
 * not: a string appears as the event string() or bytes() that the parser would have called.
 *
 * The integer before a string says how many bytes it has: Custom(3, "AAAA") for instance. A
 * negative one says that the builder does not know; FILLER_FAILS makes the builder fail.
 */
#ifndef PYON_FILLER_H
#define PYON_FILLER_H

#include "transcript.h"

#define FILLER_FAILS INT64_C(4444444444444) /* no fuzzer finds it by chance */
#define FILLER_MOST 100000                  /* the size of a larger block counts as not known */

struct filler {
    struct transcript transcript; /* the first member: `self` of all functions */
    struct pyon_builder builder;
    int64_t announced; /* the last integer */
    unsigned char *block;
    size_t size;
    bool bytes;
    bool fails_at_end;                /* payload_end fails */
    size_t begun, completed, dropped; /* counts; `taken` counts those of payload() */
    size_t taken;
};

/* Fills `filler`. `begins`: it has payload_begin(). `takes`: it has payload(). */
void filler_init(struct filler *filler, bool begins, bool takes);

/* Ends it in any state. Returns the transcript: new. */
char *filler_text(struct filler *filler);

#endif
